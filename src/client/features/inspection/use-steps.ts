/** Writing records: single cells, and steps of a state. What the browser would not store is said at once; nothing has changed then. */
import type { Person } from '#domain/person'
import { may } from '#domain/may'
import type { InspectionKind } from '#domain/inspection'
import { inspectionKey, recordId, streamOf, type Id, type Json } from '#sync/protocol'
import { judgeMove, mayWriteKey } from '#sync/rights'
import { newDeviceName } from '#client/device/browser-ports'
import { t } from '#client/i18n/i18n'
import { useAnnouncer } from '#client/state/announcer'
import { dayOf } from '#client/state/days'
import { useSession } from '#client/state/session'

/** What would be said to whoever wants to take a step: a stand-in for the reason that is asked only then. */
const SOME_REASON = '…'

export function useSteps() {
  const session = useSession()
  const announcer = useAnnouncer()

  async function storing(write: () => Promise<unknown>): Promise<boolean> {
    try {
      await write()
      return true
    } catch {
      announcer.say(t('inspection.notStored'))
      return false
    }
  }

  const pv = (): number => session.plan?.document.version ?? 0

  /** `base`: what was on the screen. */
  function put(
    at: { readonly unit: string; readonly key: string; readonly base?: readonly Id[] },
    value: Json,
  ): Promise<boolean> {
    const { unit, key, base = [] } = at
    return storing(async () => session.device?.commit({ stream: streamOf(unit), key, value, base, pv: pv() }))
  }

  function step(
    at: { readonly unit: string; readonly key: string; readonly base?: readonly Id[] },
    to: { readonly state: string; readonly why?: string },
  ): Promise<boolean> {
    const { unit, key, base = [] } = at
    const value: Json = to.why === undefined ? { state: to.state } : { state: to.state, why: to.why }
    return storing(async () => session.device?.move({ stream: streamOf(unit), key, value, base, pv: pv() }))
  }

  /** Answers its id, or nothing where it could not be stored. */
  async function begin(inspection: {
    readonly unit: string
    readonly period: string
    readonly of: InspectionKind
    readonly template: string
    readonly state: 'planned' | 'underway'
    readonly planned?: string
  }): Promise<string | undefined> {
    const { unit, period, of, template, state, planned = dayOf(Date.now()) } = inspection
    const id = recordId(of, newDeviceName())
    const by = session.person?.username ?? ''
    const isStored =
      (await put({ unit, key: inspectionKey(id, 'about') }, { template, period, planned, by })) &&
      (await step({ unit, key: inspectionKey(id, 'state') }, { state }))
    return isStored ? id : undefined
  }

  return { put, step, begin }
}

/** Whether the person could take this step, with a reason where it needs one. */
export function mayStep(
  person: Person | undefined,
  at: { readonly unit: string; readonly key: string },
  step: { readonly from: string; readonly to: string },
): boolean {
  if (person === undefined || !mayWriteKey(person, at.unit, at.key)) return false
  const move = { key: at.key, from: { state: step.from }, to: { state: step.to, why: SOME_REASON } }
  return judgeMove(person, at.unit, move) === undefined
}

export function mayInspect(person: Person | undefined, unit: string, of: InspectionKind): boolean {
  return person !== undefined && may(person, { do: 'writeCell', orgUnit: unit, what: { is: 'inspection', of } })
}
