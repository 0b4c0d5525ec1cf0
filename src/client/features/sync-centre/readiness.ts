/**
 * Whether this tablet is ready for a day without network, as a list of checks: each is one fact, and where it is not so, one touch that
 * puts it right. Nothing is guessed: what the browser or the server has not said is `unknown`, and asked for by the same touch.
 */
import type { MessageKey, MessageValues } from '#client/i18n/i18n'
import { bytesText } from '#client/ui/bytes'

export type Remedy = 'refresh' | 'sync' | 'keep' | 'room' | 'signIn' | 'update' | 'look'

export type Check = {
  readonly id: 'plan' | 'reports' | 'lastYear' | 'space' | 'kept' | 'session' | 'version' | 'offline'
  readonly state: 'ok' | 'todo' | 'unknown'
  readonly text: MessageKey
  readonly values?: MessageValues
  readonly remedy?: Remedy
}

export type Facts = {
  /** Version of the plan on this device. */
  readonly plan: number | undefined
  /** The schools whose reports should be here; none for the bureau's people. */
  readonly units: readonly { readonly name: string; readonly isHere: boolean; readonly lastYear: number }[]
  /** The year before the newest of the plan. */
  readonly lastYear: string | undefined
  readonly freeBytes: number | undefined
  readonly isNearlyFull: boolean
  readonly kept: 'yes' | 'no' | 'unknown'
  readonly needsSignIn: boolean
  /** When the server last said that the session holds, in words. */
  readonly confirmed: string | undefined
  readonly isTooOld: boolean
  readonly isUpdateReady: boolean
  /** When a newer version was last looked for, in words. */
  readonly lookedAt: string | undefined
  /** The app itself: on this device as a whole, not yet, or never where the browser cannot. */
  readonly app: 'yes' | 'no' | 'never'
}

export function readiness(facts: Facts): readonly Check[] {
  return [
    planCheck(facts),
    ...(facts.units.length === 0 ? [] : [reportsCheck(facts), lastYearCheck(facts)]),
    appCheck(facts),
    versionCheck(facts),
    sessionCheck(facts),
    spaceCheck(facts),
    keptCheck(facts),
  ].filter((check) => check !== undefined)
}

export const isReady = (checks: readonly Check[]): boolean => checks.every(({ state }) => state === 'ok')

function planCheck({ plan }: Facts): Check {
  return plan === undefined
    ? { id: 'plan', state: 'todo', text: 'sync-centre.ready.plan.todo', remedy: 'refresh' }
    : { id: 'plan', state: 'ok', text: 'sync-centre.ready.plan', values: { version: plan } }
}

function reportsCheck({ units }: Facts): Check {
  const missing = units.filter(({ isHere }) => !isHere)
  if (missing.length === 0) return { id: 'reports', state: 'ok', text: 'sync-centre.ready.reports', values: { n: units.length } }
  const names = missing.map(({ name }) => name).join('、')
  return { id: 'reports', state: 'todo', text: 'sync-centre.ready.reports.todo', values: { names }, remedy: 'sync' }
}

/** A report that is here as a whole has last year's values, if there are any. */
function lastYearCheck({ units, lastYear: period }: Facts): Check | undefined {
  if (period === undefined) return undefined
  if (units.some(({ isHere }) => !isHere))
    return { id: 'lastYear', state: 'unknown', text: 'sync-centre.ready.lastYear.unknown', values: { period }, remedy: 'sync' }
  const n = units.reduce((sum, { lastYear }) => sum + lastYear, 0)
  return n === 0
    ? { id: 'lastYear', state: 'ok', text: 'sync-centre.ready.lastYear.none', values: { period } }
    : { id: 'lastYear', state: 'ok', text: 'sync-centre.ready.lastYear', values: { period, n } }
}

function appCheck({ app }: Facts): Check {
  switch (app) {
    case 'yes':
      return { id: 'offline', state: 'ok', text: 'sync-centre.ready.offline' }
    case 'no':
      return { id: 'offline', state: 'todo', text: 'sync-centre.ready.offline.todo', remedy: 'look' }
    case 'never':
      return { id: 'offline', state: 'todo', text: 'sync-centre.ready.offline.never' }
  }
}

function versionCheck({ isTooOld, isUpdateReady, lookedAt }: Facts): Check {
  if (isUpdateReady) return { id: 'version', state: 'todo', text: 'sync-centre.ready.version.todo', remedy: 'update' }
  if (isTooOld) return { id: 'version', state: 'todo', text: 'sync-centre.ready.version.tooOld', remedy: 'look' }
  if (lookedAt === undefined)
    return { id: 'version', state: 'unknown', text: 'sync-centre.ready.version.unknown', remedy: 'look' }
  return { id: 'version', state: 'ok', text: 'sync-centre.ready.version', values: { when: lookedAt } }
}

function sessionCheck({ needsSignIn, confirmed }: Facts): Check {
  if (needsSignIn) return { id: 'session', state: 'todo', text: 'sync-centre.ready.session.todo', remedy: 'signIn' }
  if (confirmed === undefined)
    return { id: 'session', state: 'unknown', text: 'sync-centre.ready.session.unknown', remedy: 'refresh' }
  return { id: 'session', state: 'ok', text: 'sync-centre.ready.session', values: { when: confirmed } }
}

function spaceCheck({ freeBytes, isNearlyFull }: Facts): Check | undefined {
  if (freeBytes === undefined) return undefined
  const values = { free: bytesText(freeBytes) }
  return isNearlyFull
    ? { id: 'space', state: 'todo', text: 'sync-centre.ready.space.todo', values, remedy: 'room' }
    : { id: 'space', state: 'ok', text: 'sync-centre.ready.space', values }
}

function keptCheck({ kept }: Facts): Check | undefined {
  if (kept === 'unknown') return undefined
  return kept === 'yes'
    ? { id: 'kept', state: 'ok', text: 'sync-centre.ready.kept' }
    : { id: 'kept', state: 'todo', text: 'sync-centre.ready.kept.todo', remedy: 'keep' }
}
