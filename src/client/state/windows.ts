/**
 * When reports may be handed in, as the bureau last said it. Kept on the tablet, so that what is due is known off the network; asked for
 * again when a page that shows it opens, and with the contacts that follow.
 */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { standingAt, windowOf, type OpenWindow, type Standing, type Windows } from '#domain/window'
import type { Json } from '#sync/protocol'
import { fetchWindows, parseWindows } from '../device/windows-api'
import { useSession } from './session'

const KEPT = 'windows'
/** Windows move seldom: a bureau that gives a school another day is heard of at the next look after so long. */
const FRESH_MS = 60_000

export const useWindows = defineStore('windows', () => {
  const session = useSession()
  const windows = shallowRef<Windows>()
  let askedAt = -Infinity

  watch(
    () => session.device,
    (device) => {
      windows.value = undefined
      askedAt = -Infinity
      device
        ?.kept(KEPT)
        .then((kept) => {
          if (session.device === device) windows.value ??= parseWindows(kept)
        })
        .catch(reportError)
    },
    { immediate: true },
  )

  /** For pages that show what is due; off the network what is kept stays. */
  async function refresh(): Promise<void> {
    const { device } = session
    if (device === undefined || Date.now() - askedAt < FRESH_MS) return
    askedAt = Date.now()
    const answer = await fetchWindows()
    if (answer.ok && session.device === device) await take(answer.value.windows)
    else askedAt = -Infinity
  }

  /** What the server has just said, wherever it was asked. */
  async function take(fresh: Windows): Promise<void> {
    windows.value = fresh
    await session.device?.keep(KEPT, JSON.parse(JSON.stringify(fresh)) as Json)
  }

  /** This tablet's clock, put right by what the server's showed at the last contact: the server's counts. */
  const now = (): number => Date.now() - (session.device?.sync.skew ?? 0)

  function of(report: { readonly period: string; readonly dataSet: string; readonly orgUnit: string }): OpenWindow | undefined {
    return windows.value === undefined ? undefined : windowOf(windows.value, report)
  }
  const standingOf = (report: Parameters<typeof of>[0]): Standing => standingAt(of(report), now())

  return { windows, refresh, take, of, standingOf, now }
})
