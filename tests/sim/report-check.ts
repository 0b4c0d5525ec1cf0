/**
 * What must be true of a report after each commit of the server, by the table in `reports.ts` and what people had on the screen:
 *
 * - I16: who hands it in or approves it vouches for exactly the values that they saw, and is refused only for a reason.
 * - I17: while the bureau has it, it stays as it is; only what a restored server had lost comes in, and then it goes back to the school.
 * - I18: it is handed in only while its window is open, by the server's clock.
 */
import { sameJson } from '#sync/hash'
import type { LogRow } from '#sync/ports'
import { SERVER, type Cell, type Json } from '#sync/protocol'
import type { StreamCopy } from '../contract/memory-ledger'
import { flawOf, isOfReport, isReady, isRecovered, isWithBureau, isWords, REPORT_KEYS, STATE_KEY, stateIn } from './reports'
import type { World } from './world'

/** What was asked besides the cells, as it was when the request arrived. */
export type ReportFacts = {
  readonly isOpenAt: (received: number) => boolean
  readonly lacksPhotos: boolean
  readonly isRestored: boolean
}

export function checkReport(
  world: World,
  commit: {
    readonly stream: string
    readonly before: StreamCopy
    readonly after: StreamCopy
    readonly added: readonly LogRow[]
    readonly facts: ReportFacts
    readonly isRefused: (row: LogRow) => boolean
    /** Taken before a restore, as this server believes; `isKnown`: and truly so. */
    readonly isTold: (row: LogRow) => boolean
    readonly isTrulyTold: (row: LogRow) => boolean
    readonly vouchedBy: (row: LogRow) => ReadonlyMap<string, Json> | undefined
  },
): void {
  const { before, after, added, facts, isRefused, isTold, isTrulyTold, vouchedBy } = commit
  let state = stateIn(before.cells.get(STATE_KEY)?.heads.at(-1)?.value)
  /** Which of several states counts after a step that was told again is not known here. */
  let isCertain = true
  let mayRecover = false
  let mustRecover = false

  /** The cells as they were when the row was judged, where that can be told: `undefined` where the report changed before and behind it. */
  function cellsAt(at: number): ReadonlyMap<string, Cell> | undefined {
    const isChange = (row: LogRow) => isOfReport(row.key) && !isRefused(row)
    if (!added.slice(at + 1).some(isChange)) return after.cells
    return added.slice(0, at).some(isChange) ? undefined : before.cells
  }

  for (const [at, row] of added.entries()) {
    if (isWords(row.key)) checkWords(row)
    if (isOfReport(row.key)) checkPart(row)
    if (row.key !== STATE_KEY) continue
    if (isRefused(row)) checkRefusedStep(row, at)
    else {
      checkStep(row, at)
      state = stateIn(row.value)
      world.mark(`report ${STATE_MARKS.find((one) => one === state) ?? 'submitted'}`)
    }
  }
  if (mustRecover) {
    world.checked('I17 what comes back into a report gives it back')
    const last = added.filter((row) => row.key === STATE_KEY && !isRefused(row)).at(-1)
    if (last?.by !== SERVER) world.wrong(`I17: edits came back into the report of ${commit.stream}, and the bureau still has it`)
  }

  function checkPart(row: LogRow): void {
    world.checked('I17 what the bureau has stays as it is')
    const isLocked = isWithBureau(state)
    if (row.verdict === 'rejected: locked' && isCertain && !isLocked)
      world.wrong(`I17: ${JSON.stringify(row.value)} is refused as locked, and the report is ${state ?? 'open'}`)
    if (isRefused(row)) return
    if (isTold(row) && (isLocked || !isCertain)) mayRecover = true
    if (!isLocked || !isCertain) return
    if (!isTold(row) || !isTrulyTold(row)) {
      world.wrong(`I17: ${row.key} was changed by ${row.by} while the report was ${state}`)
      return
    }
    world.mark('passed a lock')
    if (row.verdict !== 'merged' && valuesAt(before.cells, row.key) !== valuesAt(after.cells, row.key)) mustRecover = true
  }

  function checkStep(row: LogRow, at: number): void {
    // What it said before a restore comes back from those who saw it, like any other step.
    if (row.by === SERVER && !isTold(row)) {
      world.mark('report recovered')
      if (!isRecovered(row.value) || !mayRecover || !facts.isRestored)
        world.wrong(`I17: the server takes the report to ${JSON.stringify(row.value)}`)
      isCertain = true
      return
    }
    if (isTold(row)) {
      isCertain = false
      mayRecover = true
      return
    }
    world.checked('I16 a step says what it must')
    const flaw = flawOf(row.value)
    if (flaw !== undefined) world.wrong(`I16: ${row.by} takes a step that ${flaw}: ${JSON.stringify(row.value)}`)
    const to = stateIn(row.value)
    if (to === 'submitted') {
      world.checked('I18 handed in only while the window is open')
      if (!facts.isOpenAt(row.received)) world.wrong(`I18: ${row.by} hands in at ${row.received}, and the window is not open`)
    }
    if (to === 'approved' && facts.lacksPhotos) world.wrong(`I16: ${row.by} approves, and a file has not arrived`)
    if (to === 'submitted' || to === 'approved') checkVouched(row, at)
  }

  function checkVouched(row: LogRow, at: number): void {
    const vouched = vouchedBy(row)
    const cells = cellsAt(at)
    if (cells === undefined || vouched === undefined) return
    world.checked('I16 what is vouched for is what was seen')
    const flaw = differenceFrom(cells, vouched)
    if (flaw !== undefined) world.wrong(`I16: ${row.by} vouches with ${JSON.stringify(row.value)} for ${flaw}`)
    if (stateIn(row.value) === 'submitted' && !isReady((key) => cells.get(key)?.heads[0]?.value ?? null))
      world.wrong(`I16: ${row.by} hands in what is not ready`)
  }

  /** Nobody is refused without a reason. */
  function checkRefusedStep(row: LogRow, at: number): void {
    const { verdict } = row
    const cells = cellsAt(at)
    const vouched = vouchedBy(row)
    world.checked('I16 a step is refused for a reason')
    if (verdict === 'rejected: closed' && facts.isOpenAt(row.received))
      world.wrong(`I18: ${row.by} is refused as closed, and the window is open`)
    if (verdict === 'rejected: missing photos' && !facts.lacksPhotos)
      world.wrong(`I16: ${row.by} is refused for files, and all have arrived`)
    if (cells === undefined || vouched === undefined) return
    const isSame = differenceFrom(cells, vouched) === undefined
    if ((verdict === 'rejected: changed' || verdict === 'rejected: conflicts') && isSame)
      world.wrong(`I16: ${row.by} is refused as ${verdict}, and vouches for what is there`)
  }

  /** Its words stay their author's; what was told after a restore may have several. */
  function checkWords(row: LogRow): void {
    if (isRefused(row) || isTold(row) || added.some((one) => one.key === row.key && isTold(one))) return
    world.checked('I10 a comment is its author’s')
    const authors = before.cells.get(row.key)?.heads.flatMap(({ from }) => from.map(({ by }) => by)) ?? []
    if (authors.some((by) => by !== row.by)) world.wrong(`I10: ${row.by} changes the words of ${authors.join()}`)
  }
}

/** What the bureau has is what its author saw: also where a server was put back meanwhile. */
export function checkReportAtRest(
  world: World,
  { cells, log }: StreamCopy,
  vouchedBy: (row: LogRow) => ReadonlyMap<string, Json> | undefined,
): void {
  const from = cells.get(STATE_KEY)?.heads.at(-1)?.from.at(-1)
  const rowOf = (id: string | undefined) => log.find(({ device, n }) => `${device}:${n}` === id)
  const step = rowOf(from?.id)
  // A review vouches for nothing itself: it is one of what was handed in.
  const row =
    stateIn(step?.value) === 'reviewing' ? step?.base.map(rowOf).find((one) => stateIn(one?.value) === 'submitted') : step
  const vouched = row === undefined ? undefined : vouchedBy(row)
  if (row === undefined || vouched === undefined) return
  world.checked('I16 at rest what was vouched for is what is there')
  const flaw = differenceFrom(cells, vouched)
  if (flaw !== undefined) world.wrong(`I16: at rest ${row.by} vouches with ${JSON.stringify(row.value)} for ${flaw}`)
}

const STATE_MARKS = ['submitted', 'withdrawn', 'reviewing', 'returned', 'approved', 'reopened'] as const

/** What of the report is not as it was seen; `undefined`: nothing. */
export function differenceFrom(cells: ReadonlyMap<string, Cell>, vouched: ReadonlyMap<string, Json>): string | undefined {
  for (const key of REPORT_KEYS) {
    const heads = cells.get(key)?.heads ?? []
    if (heads.length > 1) return `${key}, which has ${heads.length} values`
    const value = heads[0]?.value ?? null
    const seen = vouched.get(key) ?? null
    if (!sameJson(value, seen)) return `${key}: ${JSON.stringify(value)}, and saw ${JSON.stringify(seen)}`
  }
  return undefined
}

const valuesAt = (cells: ReadonlyMap<string, Cell>, key: string): string =>
  (cells.get(key)?.heads ?? [])
    .map(({ value }) => JSON.stringify(value))
    .sort()
    .join()
