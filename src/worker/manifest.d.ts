/** Filled in by the build: the app's files with their revisions. */
interface ServiceWorkerGlobalScope {
  readonly __WB_MANIFEST: readonly (string | { readonly url: string; readonly revision: string | null })[]
}
