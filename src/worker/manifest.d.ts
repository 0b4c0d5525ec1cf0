/** Filled in by the build: the app's files with their revisions. */
interface ServiceWorkerGlobalScope {
  readonly __WB_MANIFEST: (string | { url: string; revision: string | null })[]
}
