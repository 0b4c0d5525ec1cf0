/**
 * Files of unsent work that this person has taken over from another tablet. Each is kept here until the server has answered, so that it
 * can be taken over without a network; what came of it stays in the list until the person puts it away.
 *
 * ```
 *   chosen ──> waiting ──(network)──> done      what was taken, and what not
 *                 │                └─> refused   the server's sentence
 *                 └── no network, no session, server busy: waits for the next contact
 * ```
 */
import { shallowReactive } from 'vue'
import type { Fault } from '#domain/fault'
import { FAULT_KINDS } from '#domain/fault'
import { readDeposit, valuesIn } from '#sync/deposit'
import type { Clock } from '#sync/ports'
import { isSignedOut, type ApiResult } from './api'
import type { HandIn, HandInOutcome } from './contract'
import type { KeptValues } from './make-device'

/** The server's answer, as far as it is shown. */
export type DepositAnswer = {
  readonly author: { readonly username: string; readonly name: string }
  readonly values: number
  readonly taken: number
  readonly streams: readonly {
    readonly verdicts: readonly (readonly [n: number, seq: number, verdict: string])[]
    readonly outcome: 'taken' | 'forbidden' | 'copied'
  }[]
  readonly before?: { readonly name: string; readonly at: number }
}
/** `text`: the file as it was chosen. */
export type SendDeposit = (text: string) => Promise<ApiResult<DepositAnswer>>

const LIST = 'handIns'
const textKey = (id: string) => `handIn/${id}`
/** The list is for what was brought lately; the server's own record is for ever. */
const LISTED_MAX = 50

export type HandIns = {
  readonly list: readonly HandIn[]
  isWaiting(): boolean
  take(text: string): Promise<'taken' | 'foreign' | 'damaged'>
  forget(id: string): Promise<void>
  /** Sends what waits; called with each contact. */
  send(): Promise<void>
  /** Another tab has changed the list. */
  load(): Promise<void>
}

export function createHandIns(needs: {
  readonly store: KeptValues
  readonly send: SendDeposit
  readonly clock: Pick<Clock, 'now'>
  /** The list has changed. */
  readonly changed: () => void
}): HandIns {
  const { store, clock } = needs
  const list = shallowReactive<HandIn[]>([])
  let turn: Promise<unknown> = Promise.resolve()
  let sending: Promise<void> | undefined
  let again = false

  /** One after the other, and each from what is stored: another tab may have written. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  async function load(): Promise<void> {
    const kept = await store.value(LIST)
    list.splice(0, list.length, ...(Array.isArray(kept) ? kept.filter(isHandIn) : []))
  }

  function change(edit: () => void): Promise<void> {
    return inTurn(async () => {
      await load()
      edit()
      await store.putValue(LIST, [...list])
      needs.changed()
    })
  }

  const put = (handIn: HandIn): Promise<void> =>
    change(() => {
      const at = list.findIndex(({ id }) => id === handIn.id)
      if (at >= 0) list.splice(at, 1, handIn)
      else list.unshift(handIn)
      for (const old of list.slice(LISTED_MAX).filter(({ outcome }) => outcome.kind === 'done')) list.splice(list.indexOf(old), 1)
    })

  async function sendAll(): Promise<void> {
    await inTurn(load)
    while (again) {
      again = false
      for (const handIn of list.filter(({ outcome }) => outcome.kind === 'waiting').reverse()) {
        const text = await store.value(textKey(handIn.id))
        if (typeof text !== 'string') continue
        const answer = await needs.send(text)
        if (!answer.ok && willHeal(answer.fault)) return
        const outcome: HandInOutcome = answer.ok ? outcomeOf(answer.value, clock.now()) : refusedBy(answer.fault)
        await put({ ...handIn, ...(answer.ok ? { author: answer.value.author.name } : {}), outcome })
        await store.putValue(textKey(handIn.id), undefined)
      }
    }
  }

  return {
    list,
    isWaiting: () => list.some(({ outcome }) => outcome.kind === 'waiting'),
    load: () => inTurn(load),
    async take(text) {
      const read = readDeposit(text)
      if (read.kind !== 'read') return read.kind
      const { file, deposit } = read
      await store.putValue(textKey(file.digest), text)
      await put({
        id: file.digest,
        author: deposit.author.name,
        values: valuesIn(deposit),
        made: deposit.made,
        at: clock.now(),
        outcome: { kind: 'waiting' },
      })
      return 'taken'
    },
    async forget(id) {
      await change(() => {
        const at = list.findIndex((handIn) => handIn.id === id)
        if (at >= 0) list.splice(at, 1)
      })
      await store.putValue(textKey(id), undefined)
    },
    send() {
      again = true
      sending ??= sendAll().finally(() => (sending = undefined))
      return sending
    },
  }
}

const WILL_HEAL: readonly string[] = ['unreachable', 'server.full', 'server.busy', 'server.defect']

const willHeal = (fault: { readonly kind: string }): boolean => WILL_HEAL.includes(fault.kind) || isSignedOut(fault)

function refusedBy(fault: Fault | { readonly kind: 'unreachable' }): HandInOutcome {
  if (fault.kind === 'unreachable') throw new Error('what will heal is no refusal')
  const { kind } = fault
  const values = 'values' in fault ? fault.values : undefined
  return { kind: 'refused', fault: { kind, ...(values === undefined ? {} : { values: { ...values } }) } }
}

function outcomeOf({ values, taken, streams, before }: DepositAnswer, at: number): HandInOutcome {
  let [there, rejected, conflicts] = [0, 0, 0]
  for (const { verdicts } of streams) {
    there += verdicts.length
    for (const [, , verdict] of verdicts) {
      if (verdict === 'conflict') conflicts += 1
      else if (verdict.startsWith('rejected')) rejected += 1
    }
  }
  return {
    kind: 'done',
    at,
    taken,
    known: there - taken,
    rejected,
    conflicts,
    left: values - there,
    ...(streams.some(({ outcome }) => outcome === 'copied') ? { isCopied: true as const } : {}),
    ...(before === undefined ? {} : { before: { ...before } }),
  }
}

function isHandIn(value: unknown): value is HandIn {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['author'] === 'string' &&
    ['values', 'made', 'at'].every((name) => typeof value[name] === 'number') &&
    isOutcome(value['outcome'])
  )
}

const COUNTS = ['at', 'taken', 'known', 'rejected', 'conflicts', 'left']

function isOutcome(value: unknown): value is HandInOutcome {
  if (!isObject(value)) return false
  if (value['kind'] === 'done') return COUNTS.every((name) => typeof value[name] === 'number')
  if (value['kind'] !== 'refused') return value['kind'] === 'waiting'
  const { fault } = value
  return isObject(fault) && FAULT_KINDS.some((kind) => kind === fault['kind'])
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
