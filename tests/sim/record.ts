/**
 * What people typed, and what must have become of it.
 *
 * Every mutation carries its number in this record as its plan version, so that it is recognised under whatever name it is logged. A
 * witness knows no plan version; there, key, value and time tell.
 */
import type { Role } from '#domain/person'
import { digestOf, sameJson } from '#sync/hash'
import type { LogRow, OwnRow } from '#sync/ports'
import { isRejected, SERVER, type Id, type Json } from '#sync/protocol'
import type { StreamCopy } from '../contract/memory-ledger'
import { isStateKey, mayStepBySim } from './inspections'
import { checkReport, checkReportAtRest, type ReportFacts } from './report-check'
import type { World } from './world'

export type Typed = {
  readonly token: number
  readonly stream: string
  readonly key: string
  readonly value: Json
  /** The database in which it was typed. */
  readonly tablet: number
  /** The tab in which it was typed: it knows all that was typed there before. */
  readonly tab: string
  readonly person: string
  readonly at: number
  /** Heads that were on the screen when the field got the focus. */
  readonly seen: ReadonlySet<Id>
  /** Of a step that vouches: what was on the screen, by key. */
  readonly vouched?: ReadonlyMap<string, Json> | undefined
  /** T1 has said that it is stored. */
  isKept: boolean
  /** Its tablet is no more: only the server has it, and who reads it. */
  isOrphan: boolean
  /** Nobody can be asked for it any more. */
  isExcused: boolean
  /** The server has refused it once. */
  wasRefused: boolean
  /** It was typed before its tablet was copied: both copies may bring it, each under its own name. */
  isTwofold: boolean
  /** Its author has let it be. */
  isAside: boolean
  /** Tablets that will tell a restored server of it. */
  tellers: ReadonlySet<number> | undefined
}

export type Conditions = {
  /** Some tablet was copied: its ids may stand for two values. */
  wasCopied: boolean
  /** The tablets that were, and their copies. */
  readonly copied: Set<number>
  /** The server was put back, in one way or the other. */
  wasPutBack: boolean
  /** A right was taken away: then nothing of the others is on the screen any more. */
  wasRightTaken: boolean
}

export type Record = ReturnType<typeof createRecord>

export function createRecord(world: World) {
  const typed = new Map<number, Typed>()
  const conditions: Conditions = { wasCopied: false, copied: new Set(), wasPutBack: false, wasRightTaken: false }
  /** Tokens that some log has had, and under which names. */
  const idsByToken = new Map<number, Set<Id>>()
  /** Tokens of steps that some server has taken, or refused. */
  const takenSteps = new Set<number>()
  const refusedSteps = new Set<number>()
  let tokens = 0

  const tokenOf = (stream: string, row: Pick<LogRow, 'pv' | 'key' | 'value' | 'at'>): Typed | undefined => {
    const known = typed.get(row.pv)
    if (known !== undefined) return known
    for (const one of typed.values())
      if (one.stream === stream && one.key === row.key && one.at === row.at && sameJson(one.value, row.value)) return one
    return undefined
  }

  return {
    typed,
    conditions,
    tokenOf,
    type(edit: Pick<Typed, 'stream' | 'key' | 'value' | 'tablet' | 'tab' | 'person' | 'at' | 'seen' | 'vouched'>): Typed {
      const one: Typed = {
        token: ++tokens,
        ...edit,
        isKept: false,
        isOrphan: false,
        isExcused: false,
        wasRefused: false,
        isTwofold: false,
        isAside: false,
        tellers: undefined,
      }
      typed.set(one.token, one)
      return one
    },
    checkCommit,
    checkEnd,
    checkRefusals,
  }

  /** After each commit of the server: what it has added. */
  function checkCommit(commit: {
    readonly stream: string
    readonly before: StreamCopy
    readonly after: StreamCopy
    readonly facts: ReportFacts
    readonly mayWrite: (key: string) => boolean
    readonly again: ReadonlySet<Id>
    readonly roleOf: (person: string) => Role | undefined
  }): void {
    const { stream, before, after } = commit
    const added = after.log.slice(before.log.length)
    world.checked('I4 numbers of a stream are 1, 2, 3 ...')
    if (added.some((row, at) => row.seq !== before.head.seq + at + 1) || after.head.seq !== after.log.length)
      world.wrong('I4: the numbers of a stream are not 1, 2, 3 ...')
    world.checked('I6 the digest is that of the cells')
    if (after.head.digest !== digestOf(Object.fromEntries(after.cells))) world.wrong('I6: the digest is not that of the cells')

    const ids = new Set(after.log.map(idOf))
    world.checked('I7 every head is in the log')
    if (ids.size !== after.log.length) world.wrong('I2: an id is in the log twice')
    for (const cell of after.cells.values())
      for (const { from } of cell.heads)
        for (const { id } of from) if (!ids.has(id)) world.wrong(`I7: the head ${id} is not in the log`)

    for (const row of added) {
      world.checked('I10 only who may')
      const isTaken = row.verdict !== 'witnessed' && !isRejected(row.verdict)
      if (isTaken && row.by !== SERVER && !commit.mayWrite(row.key)) world.wrong(`I10: ${row.by} may not write ${row.key}`)
      if (row.verdict === 'witnessed') world.mark(isDeviceName(row.device) ? 'witnessed' : 'witnessed under a name of its own')
      else markVerdict(row.verdict)
    }
    const { facts, again } = commit
    const isAgain = (row: LogRow) => again.has(idOf(row))
    checkReport(world, {
      ...{ stream, before, after, added, facts, isRefused: isRefusedRow },
      isTold: (row) => isAgain(row) || (row.verdict === 'witnessed' && facts.isRestored),
      isTrulyTold: (row) => row.verdict === 'witnessed' || isRepeated(stream, row),
      vouchedBy: (row) => tokenOf(stream, row)?.vouched,
    })
    for (const row of added) remember(stream, row)
    for (const [key, cell] of after.cells) {
      const old = before.cells.get(key)?.missing ?? []
      if ((cell.missing ?? []).some((id) => !old.includes(id))) world.mark('missing remembered')
      if (old.some((id) => ids.has(id) && cell.missing?.includes(id) !== true)) world.mark('missing used')
    }
    checkOrder(before, added)
    checkSteps(commit, added)
  }

  /** Only steps that exist, by those who may, and one state at a time. What is told again to a restored server was judged before. */
  function checkSteps(
    {
      stream,
      before,
      after,
      again,
      roleOf,
    }: Pick<Parameters<typeof checkCommit>[0], 'stream' | 'before' | 'after' | 'again' | 'roleOf'>,
    added: readonly LogRow[],
  ): void {
    const now = new Map<string, Json | undefined>()
    const told = new Set<string>()
    for (const row of added) {
      const isTold = row.verdict === 'witnessed' || again.has(idOf(row))
      if (isRefusedRow(row)) {
        if (row.kind === 'move') checkRefused(stream, row, again)
        continue
      }
      if (!isStateKey(row.key)) {
        if (row.kind !== 'set' && row.verdict !== 'witnessed') world.wrong(`I10: ${row.key} takes a step`)
        continue
      }
      if (row.kind !== 'move') world.wrong(`I10: ${row.key} was set, and not by a step`)
      if (row.by === SERVER && !isTold) {
        now.set(row.key, row.value)
        continue
      }
      const token = tokenOf(stream, row)?.token ?? 0
      if (isTold) {
        world.mark('step told again')
        told.add(row.key)
        world.checked('I10 a step that was refused stays refused')
        if (refusedSteps.has(token) && !takenSteps.has(token))
          world.wrong(`I10: ${JSON.stringify(row.value)}, which was refused, is taken after the server was put back`)
      }
      takenSteps.add(token)
      if (!told.has(row.key)) {
        const from = now.has(row.key) ? now.get(row.key) : before.cells.get(row.key)?.heads.at(-1)?.value
        const role = roleOf(row.by)
        world.checked('I10 a step exists, and is taken by who may')
        world.mark('step taken')
        if (role === undefined || !mayStepBySim(role, { key: row.key, from, to: row.value }))
          world.wrong(`I10: ${row.by} takes ${row.key} from ${JSON.stringify(from)} to ${JSON.stringify(row.value)}`)
      }
      now.set(row.key, row.value)
    }
    for (const key of now.keys()) {
      world.checked('I10 one state at a time')
      if (after.cells.get(key)?.heads.length === 1) continue
      if (told.has(key)) world.mark('two states after the server was put back')
      else world.wrong(`I10: ${key} has ${after.cells.get(key)?.heads.length} states`)
    }
  }

  function checkRefused(stream: string, row: LogRow, again: ReadonlySet<Id>): void {
    const token = tokenOf(stream, row)?.token ?? 0
    if (row.verdict === 'rejected: stale') world.mark('step too late')
    world.checked('I10 a step that was taken stays taken')
    if (takenSteps.has(token) && again.has(idOf(row)) && row.verdict === 'rejected: stale')
      world.wrong(`I10: ${JSON.stringify(row.value)}, which was taken, is refused after the server was put back`)
    refusedSteps.add(token)
  }

  function markVerdict(verdict: string): void {
    for (const mark of VERDICTS) if (mark === `verdict ${verdict}`) world.mark(mark)
  }

  function remember(stream: string, row: LogRow): void {
    const one = tokenOf(stream, row)
    if (one === undefined) return
    const { token } = one
    if (isRefusedRow(row)) one.wasRefused = true
    const ids = idsByToken.get(token)
    if (ids === undefined) idsByToken.set(token, new Set([idOf(row)]))
    else ids.add(idOf(row))
  }

  /** Whether the mutation had been acknowledged before the server was put back. */
  function isRepeated(stream: string, row: LogRow): boolean {
    const one = tokenOf(stream, row)
    return conditions.wasPutBack && one !== undefined && idsByToken.has(one.token)
  }

  function checkOrder(before: StreamCopy, added: readonly LogRow[]): void {
    if (conditions.wasPutBack || conditions.wasCopied) return
    world.checked("I3 a device's mutations are in its order")
    const last = new Map<string, number>()
    for (const row of before.log) last.set(row.device, row.n)
    for (const row of added) {
      if (row.verdict === 'witnessed') continue
      if (row.n !== (last.get(row.device) ?? 0) + 1) world.wrong(`I3: ${idOf(row)} comes after number ${last.get(row.device)}`)
      last.set(row.device, row.n)
    }
  }

  /**
   * What the server refused stays with its author, with the server's reason, until they decide. `rows`: what the tablet still has of the
   * stream, by token.
   */
  function checkRefusals(tablet: number, stream: string, { log }: StreamCopy, rows: ReadonlyMap<number, OwnRow>): void {
    // Two devices of one name, or one that had to take another: the same edit has two verdicts.
    if (conditions.wasCopied) return
    const newest = new Map<string, Typed>()
    for (const one of typed.values()) if (one.tablet === tablet && one.stream === stream) newest.set(one.key, one)
    const verdicts = new Map(log.map((row) => [row.pv, row.verdict]))
    for (const { token, key, value, isAside, isKept } of newest.values()) {
      const verdict = verdicts.get(token)
      if (verdict === undefined || verdict === 'witnessed' || !isRejected(verdict) || isAside || !isKept) continue
      world.checked('I17 what is refused stays with its author')
      const row = rows.get(token)
      if (row?.open !== true || row.verdict !== verdict)
        world.wrong(
          `I17: ${JSON.stringify(value)} for ${key} was ${verdict}, and tablet ${tablet} has it as ${row?.verdict ?? 'nothing'}`,
        )
    }
  }

  /** The faults are over and all is quiet. `held`: tokens that a tablet still keeps unsent, for want of a right. */
  function checkEnd(streams: ReadonlyMap<string, StreamCopy>, held: ReadonlySet<number>): void {
    const logged = new Map<number, LogRow[]>()
    const named = new Set<Id>()
    for (const [stream, { log }] of streams) {
      for (const row of log) {
        const one = tokenOf(stream, row)
        if (one === undefined && row.by !== SERVER) {
          world.wrong(`I2: the log has ${JSON.stringify(row.value)}, which nobody typed`)
          continue
        }
        if (one !== undefined) logged.set(one.token, [...(logged.get(one.token) ?? []), row])
        if (!isRefusedRow(row)) for (const id of row.base) named.add(`${stream} ${id}`)
      }
    }
    for (const one of typed.values()) {
      const rows = logged.get(one.token) ?? []
      world.checked('I1 what was stored has arrived')
      if (one.isOrphan) world.checked('I12 what a survivor shows is back')
      if (one.isKept && !one.isExcused && rows.length === 0 && !held.has(one.token)) {
        // A witness is told of what is on the screen: who saw it and has replaced it since speaks for it.
        // A copied tablet that takes a new name leaves behind what was refused and has been decided since.
        const isLeft = one.wasRefused && conditions.wasPutBack && conditions.copied.has(one.tablet)
        if (!isLeft && !(one.isOrphan && wasNamed(one, named)))
          world.wrong(`${one.isOrphan ? 'I12' : 'I1'}: ${nameOf(one)} never reached the log`)
      }
      world.checked('I2 what was typed once is there once')
      // What a copied tablet wrote others may have seen under an id that has since been given to its copy's.
      const isTwofold = one.isTwofold || (conditions.wasPutBack && conditions.copied.has(one.tablet))
      if (rows.length > 1 && !isTwofold) world.wrong(`I2: ${nameOf(one)} is in the log ${rows.length} times`)
    }
    for (const [stream, copy] of streams) {
      checkHeads(stream, copy, named)
      checkReportAtRest(world, copy, (row) => tokenOf(stream, row)?.vouched)
    }
  }

  /** On the screen when the field got the focus, for this edit or an earlier one of the same tablet. */
  function hasSeen(one: Typed, id: Id): boolean {
    if (one.seen.has(id)) return true
    for (const other of typed.values())
      if (
        other.token < one.token &&
        other.tablet === one.tablet &&
        other.stream === one.stream &&
        other.key === one.key &&
        other.seen.has(id)
      )
        return true
    return false
  }

  function wasNamed(one: Typed, named: ReadonlySet<Id>): boolean {
    return [...(idsByToken.get(one.token) ?? [])].some((id) => named.has(`${one.stream} ${id}`))
  }

  /** An accepted value is a head, or somebody who had seen it, or its equal, has replaced it; and nobody replaced what was not seen. */
  function checkHeads(stream: string, { cells, log }: StreamCopy, named: ReadonlySet<Id>): void {
    const heads = new Set([...cells.values()].flatMap((cell) => cell.heads.flatMap(({ from }) => from.map(({ id }) => id))))
    const standing = new Set(
      log
        .filter((row) => heads.has(idOf(row)) || named.has(`${stream} ${idOf(row)}`))
        .map(({ key, value }) => `${key} ${JSON.stringify(value)}`),
    )
    for (const row of log) {
      if (isRefusedRow(row)) continue
      world.checked('I5 nobody replaces what was not seen')
      if (!standing.has(`${row.key} ${JSON.stringify(row.value)}`))
        world.wrong(`I5: ${JSON.stringify(row.value)} is no head, and nobody who saw it replaced it`)
    }
    if (conditions.wasCopied) return
    const byKey = new Map(log.map((row) => [idOf(row), row.key]))
    for (const row of log) {
      if (isRefusedRow(row)) continue
      world.checked('I5 what was replaced stays replaced')
      for (const id of row.base)
        if (heads.has(id) && byKey.get(id) === row.key) world.wrong(`I5: ${id} was replaced by ${idOf(row)}, and is a head again`)
    }
    const byTokens = new Map(log.map((row) => [idOf(row), tokenOf(stream, row)]))
    for (const [key, cell] of conditions.wasRightTaken ? [] : cells) {
      world.checked('I5 nobody is in conflict with themselves')
      const tabs = cell.heads.map(({ from }) => new Set(from.map(({ id }) => byTokens.get(id)?.tab)))
      for (const [at, one] of tabs.entries())
        if (tabs.some((other, index) => index > at && [...one].some((tab) => tab !== undefined && other.has(tab))))
          world.wrong(`I5: ${stream} ${key} is in conflict with what the same tab has typed`)
    }
    const byId = new Map(log.map((row) => [idOf(row), row]))
    for (const row of log) {
      const one = tokenOf(stream, row)
      if (one === undefined || row.verdict === 'witnessed' || isRefusedRow(row)) continue
      for (const id of row.base) {
        const replaced = byId.get(id)
        if (replaced === undefined || hasSeen(one, id) || sameJson(replaced.value, row.value)) continue
        if (tokenOf(stream, replaced)?.tab === one.tab) continue
        world.wrong(`I5: ${nameOf(one)} replaces ${JSON.stringify(replaced.value)}, which its author had not seen`)
      }
    }
  }
}

const VERDICTS = [
  'verdict applied',
  'verdict merged',
  'verdict conflict',
  'verdict rejected: locked',
  'verdict rejected: forbidden',
  'verdict rejected: invalid',
  'verdict rejected: stale',
  'verdict rejected: changed',
  'verdict rejected: conflicts',
  'verdict rejected: unready',
  'verdict rejected: closed',
  'verdict rejected: missing photos',
] as const

/** Devices of a run are called so; a name made of a content is not. */
export const deviceName = (count: number): string =>
  'ddddddddddd' +
  'abcdefghijklmnopqrstuvwxyz'.charAt(Math.floor(count / 26) % 26) +
  'abcdefghijklmnopqrstuvwxyz'.charAt(count % 26)
const isDeviceName = (name: string): boolean => name.startsWith('ddddddddddd')

export const idOf = (row: { readonly device: string; readonly n: number }): Id => `${row.device}:${row.n}`
const isRefusedRow = (row: LogRow): boolean => row.verdict !== 'witnessed' && isRejected(row.verdict)
const nameOf = (one: Typed): string =>
  `${JSON.stringify(one.value)} of ${one.person} (tablet ${one.tablet}, ${one.stream} ${one.key})`
