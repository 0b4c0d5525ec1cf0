/**
 * An answer and what it makes of the device's state. Plain values in, plain values out: the caller runs these inside one transaction.
 *
 * ```
 *            answer of another gen or device, or from beyond the cursor -> dropped
 *  asked --- forbidden, gone ---------------------------------------------> lost       (rows leave, own work stays)
 *        --- other epoch, ahead of the server, digest differs ------------> rewind     (then: rewind())
 *        --- our number with other content, or last > ours ---------------> fork       (then: fork())
 *        --- verdicts and rows --------------------------------------------> settled
 * ```
 */
import { chainAfter, digestOf, EMPTY_CHAIN } from './hash'
import { isRefused, isWaiting, mutationOf, undecided } from './outbox'
import type { Answer, OwnRow, StreamChange, StreamState, View, Witness } from './ports'
import type { Cell, Id, VerdictRow } from './protocol'

export type Sent = { readonly gen: number; readonly device: string }

export type Settled = {
  readonly outcome: 'settled' | 'dropped' | 'lost' | 'rewind' | 'fork'
  readonly change?: StreamChange
  /** The server's epoch, for `rewind`. */
  readonly epoch?: string
  /** Why: only for the eyes of tests and of the log. */
  readonly because?: 'digest' | 'epoch' | 'last'
  readonly done: boolean
  readonly safe?: { readonly last: number; readonly chain: string }
}

/** T2. `state.own`: the open rows. */
export function settle(state: StreamState, sent: Sent, answer: Answer): Settled {
  const { counter, view } = state
  if (view.gen !== sent.gen || counter.device !== sent.device) return { outcome: 'dropped', done: false }
  if ('forbidden' in answer)
    return { outcome: 'lost', change: view.barred === true ? {} : { view: { ...lost(view), barred: true } }, done: true }
  if ('rewind' in answer) return { outcome: 'rewind', epoch: answer.epoch, done: false }
  if ('fork' in answer) {
    const { own, acked } = withVerdicts(state, answer.verdicts)
    return { outcome: 'fork', change: { view: { ...view, ...acked }, put: changedRows(state.own, own) }, done: false }
  }
  if (view.epoch !== undefined && answer.epoch !== view.epoch)
    return { outcome: 'rewind', because: 'epoch', epoch: answer.epoch, done: false }
  // Decided with our present number: a late answer to an old ask shows an old truth.
  if (answer.last > counter.n) return { outcome: 'fork', because: 'last', done: false }
  const { own, acked } = withVerdicts(state, answer.verdicts)
  if ('gone' in answer) {
    const closed = own.map((row) => (isWaiting(row) ? row : closing(row, own, Infinity)))
    const change = {
      view: { ...lost(view), ...acked, barred: false },
      put: changedRows(state.own, closed),
      proven: answer.witnessed,
    }
    return { outcome: 'lost', change, done: true }
  }
  if (answer.from > view.cursor) return { outcome: 'dropped', done: false }

  const cells = withRows(view.cells, answer.rows)
  const cursor = Math.max(view.cursor, answer.upto)
  const old = answer.done ? undefined : view.old
  const isRead = answer.done || view.isRead === true
  const next: View = { ...view, ...acked, epoch: answer.epoch, gone: false, barred: false, isRead, cursor, cells, old }
  if (answer.done && answer.digest !== undefined && cursor === answer.upto && digestOf(cells) !== answer.digest) {
    return {
      outcome: 'rewind',
      because: 'digest',
      epoch: answer.epoch,
      change: { view: { ...next, old: { ...view.old, ...cells } }, put: changedRows(state.own, own) },
      done: false,
    }
  }
  const isNothingNew =
    answer.rows.length + answer.verdicts.length + answer.witnessed.length === 0 &&
    cursor === view.cursor &&
    answer.epoch === view.epoch &&
    old === view.old &&
    isRead === (view.isRead === true) &&
    view.gone !== true
  const safe = answer.safe === undefined ? {} : { safe: answer.safe }
  if (isNothingNew) return { outcome: 'settled', done: answer.done, ...safe }
  const evidence =
    answer.done && view.old !== undefined ? evidenceOf(view.old, cells, { device: counter.device, floor: view.floor }) : []
  const change: StreamChange = {
    view: next,
    put: changedRows(
      state.own,
      own.map((row) => closing(row, own, cursor)),
    ),
    evidence,
    proven: answer.witnessed,
  }
  return {
    outcome: 'settled',
    change,
    done: answer.done && evidence.length === 0,
    ...safe,
  }
}

/**
 * T4: the server is older than we are. All that is still held of one's own is sent again (the log recognises what it has), all rows are
 * read anew, and what was on the screen stays there meanwhile. `state.own`: all rows.
 */
export function rewind({ view, own }: StreamState, epoch: string): StreamChange {
  return {
    doubted: true,
    view: {
      ...view,
      epoch,
      gen: view.gen + 1,
      cursor: 0,
      acked: 0,
      ackedChain: EMPTY_CHAIN,
      cells: {},
      old: { ...view.old, ...view.cells },
    },
    put: own.map((row) => {
      const { verdict, seq, again, ...mutation } = row
      const isNew = verdict === undefined && seq === undefined && again === undefined
      // What was refused is judged once more: taken as it is, it would go where there was no way, and into a report that was locked.
      if (isNew || isRefused(row)) return { ...mutation, open: true }
      return { ...mutation, again: true, open: true }
    }),
  }
}

/**
 * T5: another device has our name. Take a new one, number what the server does not have (and what it refused, while nobody has
 * decided) from 1, and keep what it had acknowledged as evidence. `state.own`: all rows.
 */
export function fork(
  { view, counter, own }: StreamState,
  { device, person }: { readonly device: string; readonly person: string },
): StreamChange {
  const renamed = new Map<Id, Id>()
  const put: OwnRow[] = []
  const evidence: Witness[] = []
  let n = 0
  let chain = EMPTY_CHAIN
  for (const row of own) {
    const id: Id = `${counter.device}:${row.n}`
    const stays = isRefused(row) ? row.open : isWaiting(row) && row.again !== true
    if (!stays) {
      if (!isRefused(row) && row.aside !== true) evidence.push(witnessOf(row, id, person))
      continue
    }
    n++
    renamed.set(id, `${device}:${n}`)
    const moved = { ...unjudged(row), n, base: row.base.map((one) => renamed.get(one) ?? one) }
    chain = chainAfter(chain, mutationOf(moved))
    put.push({ ...moved, chain, open: true })
  }
  return {
    counter: { device, n, chain },
    view: { ...view, gen: view.gen + 1, acked: 0, ackedChain: EMPTY_CHAIN, floor: 1, floorChain: EMPTY_CHAIN },
    drop: own.map((row) => row.n),
    put,
    evidence,
    renamed,
  }
}

/**
 * The mutation is one that no server can read: from now on its text is sent in its place. The chain of those behind it changes with it.
 * `state.own`: all rows. `undefined`: it is not the first that waits any more, or is a text already.
 */
export function asText(
  { counter, view, own }: StreamState,
  unread: { readonly device: string; readonly n: number },
): StreamChange | undefined {
  const first = own.find(isWaiting)
  if (first === undefined || first.raw === true || first.n !== unread.n || counter.device !== unread.device) return undefined
  const before = own.filter(({ n }) => n < first.n).at(-1)
  let chain = before?.chain ?? view.floorChain
  const put = own
    .filter(({ n }) => n >= first.n)
    .map((row): OwnRow => {
      const now: OwnRow = row === first ? { ...row, raw: true } : row
      chain = chainAfter(chain, mutationOf(now))
      return { ...now, chain }
    })
  // Should the server have it after all, its word for it is of another content, and comes as a fork.
  return { counter: { ...counter, chain }, view: { ...view, gen: view.gen + 1 }, put }
}

/** As it was typed. */
function unjudged({ n, kind, key, value, base, at, pv, again, raw, vouched }: OwnRow): Omit<OwnRow, 'chain' | 'open'> {
  return {
    ...{ n, kind, key, value, base, at, pv },
    ...(again === undefined ? {} : { again }),
    ...(raw === undefined ? {} : { raw }),
    ...(vouched === undefined ? {} : { vouched }),
  }
}

/** A verified backup holds our mutations up to `last`, provably ours by the chain: they need not be kept. `state.own`: all rows. */
export function prune(
  { view, own }: StreamState,
  safe: { readonly last: number; readonly chain: string },
): StreamChange | undefined {
  const proof = own.find((row) => row.n === safe.last)
  if (proof === undefined || proof.chain !== safe.chain || safe.last > view.acked) return undefined
  const dropped = own.filter((row) => row.n <= safe.last)
  if (dropped.some((row) => row.open)) return undefined
  return { view: { ...view, floor: safe.last + 1, floorChain: safe.chain }, drop: dropped.map((row) => row.n) }
}

function withVerdicts({ view, own }: StreamState, verdicts: readonly VerdictRow[]) {
  const byNumber = new Map(verdicts.map((row) => [row[0], row]))
  let { acked, ackedChain } = view
  const rows = own.map((row): OwnRow => {
    const word = byNumber.get(row.n)
    if (word === undefined || !isWaiting(row)) return row
    if (row.n > acked) {
      acked = row.n
      ackedChain = row.chain
    }
    return { ...row, seq: word[1], verdict: word[2] }
  })
  return { own: rows, acked: { acked, ackedChain } }
}

/** Closes the row once the screen no longer needs it: its cell has come, or its author has decided otherwise. */
function closing(row: OwnRow, own: readonly OwnRow[], cursor: number): OwnRow {
  if (isWaiting(row)) return row
  const needed = isRefused(row) ? undecided(own).includes(row) : row.seq !== undefined && row.seq > cursor
  return needed === row.open ? row : { ...row, open: needed }
}

const changedRows = (before: readonly OwnRow[], now: readonly OwnRow[]): readonly OwnRow[] =>
  now.filter((row, at) => row !== before[at])

function withRows(cells: View['cells'], rows: readonly (readonly [key: string, cell: Cell])[]): View['cells'] {
  if (rows.length === 0) return cells
  const next: Record<string, Cell> = { ...cells }
  for (const [key, cell] of rows) if (cell.seq > (next[key]?.seq ?? 0)) next[key] = cell
  return next
}

/** Once: a stream that stays lost does not change any more. */
function lost(view: View): View {
  if (view.gone === true) return view
  return { ...view, epoch: undefined, gen: view.gen + 1, cursor: 0, cells: {}, old: undefined, gone: true, isRead: false }
}

/** Others' heads that were on this device and that the restored server lacks: how the values of a tablet that is no more come back. */
function evidenceOf(
  old: View['cells'],
  cells: View['cells'],
  own: { readonly device: string; readonly floor: number },
): readonly Witness[] {
  const found: Witness[] = []
  for (const [key, cell] of Object.entries(old)) {
    const now = cells[key]
    const visible = new Set(now?.heads.flatMap(({ from }) => from.map(({ id, at }) => `${id} ${at}`)) ?? [])
    const replaced = new Set(now?.heads.flatMap(({ from }) => from.flatMap(({ base }) => base)) ?? [])
    for (const { value, from } of cell.heads) {
      for (const { id, base, by, at } of from) {
        const n = Number(id.slice(id.indexOf(':') + 1))
        // What we still hold of our own goes as a mutation. What we dropped, because a backup had it, we know only from its cell now: the
        // server may have been put back to an older one.
        const isHeld = n >= own.floor && id.startsWith(`${own.device}:`)
        if (isHeld || visible.has(`${id} ${at}`) || replaced.has(id)) continue
        found.push({ id, by, n, kind: 'set', key, value, base: [...base], at, pv: 0 })
      }
    }
  }
  return found
}

function witnessOf(row: OwnRow, id: Id, by: string): Witness {
  const { n, kind, key, value, base, at, pv } = row
  return { id, by, n, kind, key, value, base, at, pv }
}
