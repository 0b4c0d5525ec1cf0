/**
 * The server's half of one ask, over a ledger: one transaction for each stream.
 *
 * ```
 * no right                                             -> forbidden
 * other epoch, cursor or acknowledgement ahead of us   -> rewind   (we were restored from a backup)
 * another chain at the last acknowledged mutation      -> fork     (two devices with one name)
 * for each mutation, in order
 *   in the log with the same content                   -> its old verdict again
 *   in the log with other content                      -> stop, fork
 *   neither the next one nor the device's lowest       -> stop (earlier ones are on their way)
 *   otherwise                                          -> judged, numbered, logged whatever the verdict
 * answer: verdicts, and the cells above the cursor in ascending order
 * ```
 *
 * An ask that brings nothing takes no lock. Nothing here is counted in the device's clock.
 */
import { headIds } from './cell'
import { canonicalJson, chainAfter, digestFrom, EMPTY_CHAIN, hash64, nameOfHash, sameJson } from './hash'
import { isInLocked, isVouchedByNobody, judge, type ReportRules, type Rules } from './judge'
import type { Ledger, LogRow, PeerRow, StreamHead, StreamTx } from './ports'
import {
  isStateKey,
  keysOfSaid,
  parseKey,
  SERVER,
  ROWS_BYTES_MAX,
  ROWS_MAX,
  type Answer,
  type Ask,
  type Cell,
  type Id,
  type Mutation,
  type VerdictRow,
  type Witness,
} from './protocol'

/** `gone`: had the right once. What such a device still brings is logged as refused, then its rows are taken from it. */
export type Right = 'write' | 'read' | 'gone'

export type Limits = { readonly rows: number; readonly bytes: number }
export const LIMITS: Limits = { rows: ROWS_MAX, bytes: ROWS_BYTES_MAX }

export type Exchange = {
  readonly ledger: Ledger
  readonly ask: Ask
  readonly person: { readonly username: string }
  /** The person's right to the stream; `undefined`: never had one. */
  readonly right: Right | undefined
  /** The server's clock, milliseconds since 1970. */
  readonly now: number
  /** Server clock minus device clock, milliseconds; kept with the device for showing times. */
  readonly skew: number
  /** Narrows the right to write, where not every cell of the stream is the person's to write. */
  readonly mayWrite?: ((key: string) => boolean) | undefined
  /** Of which cells a restored server believes them what others wrote there; left out: of those that they may write. */
  readonly mayTell?: ((key: string) => boolean) | undefined
  /** Why the person may not take a step. */
  readonly judgeMove?: Rules['judgeMove']
  readonly reports?: ReportRules | undefined
  readonly limits?: Limits | undefined
  /** What the newest verified backup holds of the asking device's mutations in this stream: its last one, and the chain up to it. */
  readonly safe?: { readonly last: number; readonly chain: string } | undefined
  /**
   * Only a server that was restored lacks what others can tell. Any other has nothing to learn from witnesses: they would only be a way
   * to write in somebody else's name. It answers that it was told, and logs nothing. What somebody tells of themselves is always taken:
   * they may write it anyway, and after a silent rollback a device that had to take a new name has no other way to bring it back.
   *
   * The same holds for what says that it was taken before (`again`): any other server judges it by how things stand now, for it lacks
   * nothing, and believing it would be a way past a locked report. One that was rolled back and not told so is such a server: what it
   * took before is judged once more, and who brought it hears if it is refused now.
   */
  readonly acceptsWitnesses?: boolean | undefined
  /**
   * What is brought is a file, and its device does not hear the answer. After a restore the file may begin behind mutations that only the
   * device still has: were they passed over here, the device would never hear that they are lacking. Behind such a gap the file's are
   * logged like what a witness tells, and the device, which is then ahead of us, sends all that it has.
   */
  readonly isHandedIn?: boolean | undefined
  /** The server's own name: what is told of it is logged under another, for its numbers are its own to give. */
  readonly reservedDevice?: string | undefined
}

export async function exchange(question: Exchange): Promise<Answer> {
  const { ledger, ask, right } = question
  const { stream } = ask
  if (right === undefined) return { stream, forbidden: true }
  const limits = question.limits ?? LIMITS
  if (ask.mutations.length === 0 && witnessesOf(question).length === 0) {
    return ledger.read(stream, async (tx) => {
      const peer = ask.acked === 0 ? undefined : await tx.peer(ask.device)
      return (
        (await disagreement(ledger.epoch, ask, tx, peer)) ??
        answer({
          epoch: ledger.epoch,
          ask,
          right,
          last: peer?.last ?? 0,
          taken: { ...NOTHING, witnessed: witnessed(ask) },
          safe: question.safe,
          rows: await rowsAfter(tx, ask, right, limits),
        })
      )
    })
  }
  return ledger.write(stream, async (tx) => {
    const peer = await tx.peer(ask.device)
    const refused = await disagreement(ledger.epoch, ask, tx, peer)
    if (refused !== undefined) return refused
    const taken = await take(tx, question, peer)
    if (taken.change !== undefined) await tx.write(taken.change)
    if (taken.forked) return { stream, fork: true, verdicts: taken.verdicts }
    const head = taken.change?.head ?? tx.head
    const rows =
      freshRows(tx.head, head, taken, ask, right, limits) ??
      (await rowsAfter({ head, rows: (after, max) => tx.rows(after, max) }, ask, right, limits))
    return answer({ epoch: ledger.epoch, ask, right, last: taken.last, taken, safe: question.safe, rows })
  })
}

/** What of the evidence is taken: everybody's own, and that of those who may write there by a server that lacks something. */
const witnessesOf = ({ ask, person, right, acceptsWitnesses, mayWrite, mayTell = mayWrite }: Exchange): readonly Witness[] =>
  (ask.witnesses ?? []).filter(
    ({ key, by }) =>
      by === person.username || (right === 'write' && acceptsWitnesses === true && (mayTell === undefined || mayTell(key))),
  )

const witnessed = (ask: Ask): readonly Id[] => ask.witnesses?.map(({ id }) => id) ?? []

type Reading = Omit<StreamTx, 'write'>
type Rows = Awaited<ReturnType<StreamTx['rows']>> & { readonly digest: string }
type Change = Parameters<StreamTx['write']>[0]

type Taken = {
  readonly change?: Change | undefined
  readonly verdicts: readonly VerdictRow[]
  readonly witnessed: readonly Id[]
  readonly forked: boolean
}
const NOTHING: Taken = { verdicts: [], witnessed: [], forked: false }

/** What makes the ask unanswerable: the device knows more than we do, or is not the one that we know by this name. */
async function disagreement(epoch: string, ask: Ask, tx: Reading, peer: PeerRow | undefined): Promise<Answer | undefined> {
  const { stream, acked, cursor } = ask
  const last = peer?.last ?? 0
  // A device that has lost the stream has no epoch; that we lack what we once acknowledged tells all the same.
  if (acked > last || (ask.epoch !== undefined && (ask.epoch !== epoch || cursor > tx.head.seq)))
    return { stream, rewind: true, epoch }
  if (acked === 0) return undefined
  const chain = acked === last ? peer?.chain : (await tx.logRow(ask.device, acked))?.chain
  return chain !== undefined && chain !== EMPTY_CHAIN && chain !== ask.chain ? { stream, fork: true, verdicts: [] } : undefined
}

/** Judges what the ask brings, in memory: all that it changes is written once. */
async function take(tx: StreamTx, question: Exchange, peer: PeerRow | undefined): Promise<Taken & { readonly last: number }> {
  const { ask, right, person, now, skew } = question
  const { device } = ask
  const isRestored = question.acceptsWitnesses === true
  const mutations = isRestored ? ask.mutations : ask.mutations.map(asNew)
  const witnesses = witnessesOf(question)
  const last = peer?.last ?? 0
  const log = await rowsOfLog(tx, device, mutations)
  const before = await tx.cells(keysToRead([...mutations, ...witnesses], question.reports))
  const cells = new Map(before)
  const logged = new Set<Id>([...log.keys()].map((n) => `${device}:${n}`))
  const known = await knownIds(tx, { cells: before, mutations, witnesses, device })
  const isKnown = (id: Id) => logged.has(id) || known.has(id)
  const strange = isRestored ? NO_IDS : await idsOfOthers(tx, { mutations, witnesses, isKnown, person })
  const isKnownOrStrange = (id: Id) => isKnown(id) || strange.has(id)
  const rules = {
    mayWrite: (key: string) => right === 'write' && (question.mayWrite?.(key) ?? true),
    judgeMove: question.judgeMove,
    reports: question.reports,
  }
  const cellAt = (key: string) => cells.get(key)
  /** Reports that go back to the school as nobody has vouched for them as they are now; and those of which a step was taken once more. */
  const recovered = new Set<string>()
  const retaken = new Set<string>()

  const added: LogRow[] = []
  const verdicts: VerdictRow[] = []
  const digest = digestFrom(tx.head.digest)
  let { seq } = tx.head
  let at: PeerRow = { last, chain: peer?.chain ?? EMPTY_CHAIN }
  let end = at
  let forked = false
  let isBehindGap = false

  /** What came back into a report that is with the bureau, or brought it there. */
  const noteRecovered = ({ key, again, verdict }: Pick<Mutation, 'key' | 'again'> & { readonly verdict: string }): void => {
    const { reports } = question
    if (reports === undefined || again !== true || (verdict !== 'applied' && verdict !== 'conflict')) return
    const state = reports.stateOf(key)
    if (parseKey(key).kind === 'report') retaken.add(key)
    else if (state !== undefined && isInLocked(key, reports, cellAt)) recovered.add(state)
  }

  for (const mutation of mutations) {
    const { n } = mutation
    const old = log.get(n)
    if (question.isHandedIn === true && n > at.last + 1) isBehindGap = true
    if (old !== undefined) {
      if (!sameContent(old, mutation)) {
        forked = true
        break
      }
      verdicts.push([n, old.seq, old.verdict === 'witnessed' ? 'merged' : old.verdict])
      at = { last: n, chain: old.chain === EMPTY_CHAIN ? chainAfter(chainBefore(ask, at, n), mutation) : old.chain }
    } else {
      if (n !== at.last + 1 && n !== ask.floor) break
      // What we know of the mutation before goes before what the device says of it.
      const chain = isBehindGap ? EMPTY_CHAIN : chainAfter(chainBefore(ask, n === end.last + 1 ? end : at, n), mutation)
      const id: Id = `${device}:${n}`
      seq++
      const { key } = mutation
      const judged = judge({
        mutation,
        id,
        by: person.username,
        rules,
        cell: cells.get(key),
        seq,
        isKnown: isKnownOrStrange,
        cellAt,
      })
      noteRecovered({ ...mutation, verdict: judged.verdict })
      if (judged.cell !== undefined) {
        digest.replace(key, cells.get(key), judged.cell)
        cells.set(key, judged.cell)
      }
      logged.add(id)
      const row = rowOfLog({ mutation, device, n, seq, by: person.username, received: now, verdict: judged.verdict, chain })
      added.push(row)
      log.set(n, row)
      verdicts.push([n, seq, judged.verdict])
      at = { last: n, chain }
    }
    if (at.last > end.last && !isBehindGap) end = at
  }

  for (const witness of forked ? [] : witnesses) {
    const author = await authorToLog(tx, witness, { isKnown, reserved: question.reservedDevice })
    if (author === undefined) continue
    const id: Id = `${author.device}:${author.n}`
    if (isKnown(id)) continue
    seq++
    const { key } = witness
    // A witness saw only the cell: what a state says was entered by a step.
    const told = isStateKey(key) ? { ...witness, kind: 'move' } : witness
    const mutation: Mutation = isRestored ? { ...told, again: true } : told
    // A step of somebody else's is not the teller's to take: whether it is believed was asked before.
    const rulesHere = witness.by === person.username ? rules : { ...rules, mayWrite: () => true, judgeMove: undefined }
    const judged = judge({
      mutation,
      id,
      by: witness.by,
      rules: rulesHere,
      cell: cells.get(key),
      seq,
      isKnown: isKnownOrStrange,
      cellAt,
    })
    noteRecovered({ ...mutation, verdict: judged.verdict })
    if (judged.cell !== undefined) {
      digest.replace(key, cells.get(key), judged.cell)
      cells.set(key, judged.cell)
    }
    logged.add(id)
    // One's own that one may not write any more is logged all the same, as refused.
    const verdict = judged.cell === undefined ? judged.verdict : 'witnessed'
    added.push(rowOfLog({ mutation: told, ...author, seq, by: witness.by, received: now, verdict, chain: EMPTY_CHAIN }))
  }

  for (const key of retaken) if (isVouchedByNobody(key, question.reports, cellAt)) recovered.add(key)
  for (const key of recovered) {
    const { heads = [] } = cells.get(key) ?? {}
    seq++
    const from = { device: nameOfHash(hash64(canonicalJson([key, ask.stream, seq, now]))), n: 1, by: SERVER }
    const mutation: Mutation = {
      ...{ n: from.n, kind: 'move', key, value: question.reports?.recovered ?? null, base: [...headIds(heads)], at: now, pv: 0 },
      again: true,
    }
    const id: Id = `${from.device}:${String(from.n)}`
    const judged = judge({
      mutation,
      id,
      by: from.by,
      rules: { mayWrite: () => true },
      cell: cells.get(key),
      seq,
      isKnown: isKnownOrStrange,
    })
    if (judged.cell !== undefined) {
      digest.replace(key, cells.get(key), judged.cell)
      cells.set(key, judged.cell)
    }
    added.push(rowOfLog({ mutation, ...from, seq, received: now, verdict: judged.verdict, chain: EMPTY_CHAIN }))
  }

  const isNew = added.length > 0 || end.last !== last
  const change = isNew
    ? {
        log: added,
        cells: [...cells].filter(([key, cell]) => before.get(key) !== cell),
        head: { seq, digest: digest.value() },
        peer: { device, ...end, skew },
      }
    : undefined
  return { change, verdicts, witnessed: witnessed(ask), forked, last: end.last }
}

/** Judged as if it came for the first time. */
function asNew(mutation: Mutation): Mutation {
  if (mutation.again === undefined) return mutation
  const { n, kind, key, value, base, at, pv } = mutation
  return { n, kind, key, value, base, at, pv }
}

/** The chain up to the mutation before `n`: what went before in this ask, or, for the device's lowest one, what the device says. */
function chainBefore(ask: Ask, at: PeerRow, n: number): string {
  return n === at.last + 1 ? at.chain : n === ask.floor ? ask.floorChain : EMPTY_CHAIN
}

/** Also above the device's last one: another tablet may have told of it after we were restored. */
async function rowsOfLog(tx: StreamTx, device: string, mutations: readonly Mutation[]): Promise<Map<number, LogRow>> {
  if (mutations.length === 0) return new Map()
  const numbers = mutations.map(({ n }) => n)
  const rows = await tx.logRows(device, Math.min(...numbers), Math.max(...numbers))
  return new Map(rows.map((row) => [row.n, row]))
}

/** Asks the log for the ids that are neither heads nor in the ask itself: mostly none, so that nothing is asked. */
async function knownIds(
  tx: StreamTx,
  batch: {
    readonly cells: ReadonlyMap<string, Cell>
    readonly mutations: readonly Mutation[]
    readonly witnesses: readonly Witness[]
    readonly device: string
  },
): Promise<ReadonlySet<Id>> {
  const heads = new Set<Id>()
  for (const cell of batch.cells.values()) for (const head of cell.heads) for (const { id } of head.from) heads.add(id)
  const unclear = new Set<Id>()
  const own = new Set(batch.mutations.map(({ n }) => `${batch.device}:${n}`))
  for (const { base } of [...batch.mutations, ...batch.witnesses])
    for (const id of base) if (!heads.has(id) && !own.has(id)) unclear.add(id)
  for (const { id } of batch.witnesses) if (!heads.has(id)) unclear.add(id)
  // Ids of this ask count as known once they are logged; one that names a later mutation, or a refused ask's, is in the log or missing.
  for (const { base, n } of batch.mutations)
    for (const id of base) if (own.has(id) && !isEarlier(id, batch.device, n)) unclear.add(id)
  if (unclear.size === 0) return heads
  const known = new Set(await tx.known([...unclear]))
  for (const id of heads) known.add(id)
  return known
}

const NO_IDS: ReadonlySet<Id> = new Set()

/**
 * What an edit names as seen and nobody has sent yet. A restored server waits for it, and counts it as replaced when it comes. To any other
 * that would be a way to make the next edit of somebody else's device vanish: there only what one's own device may have sent before a
 * rollback is waited for. Of another's both stand side by side, should it come.
 */
async function idsOfOthers(
  tx: StreamTx,
  batch: {
    readonly mutations: readonly Mutation[]
    readonly witnesses: readonly Witness[]
    readonly isKnown: (id: Id) => boolean
    readonly person: { readonly username: string }
  },
): Promise<ReadonlySet<Id>> {
  const found = new Set<Id>()
  const isOfOthers = new Map<string, boolean>()
  for (const { base } of [...batch.mutations, ...batch.witnesses]) {
    for (const id of base) {
      const author = batch.isKnown(id) ? undefined : authorOf(id)
      if (author === undefined) continue
      const { device } = author
      const known = isOfOthers.get(device) ?? (await isDeviceOfOthers(tx, device, batch.person.username))
      isOfOthers.set(device, known)
      if (known) found.add(id)
    }
  }
  return found
}

/** Whose a device is says what it sent last; of one that never sent anything here nobody knows the name but itself. */
async function isDeviceOfOthers(tx: StreamTx, device: string, username: string): Promise<boolean> {
  const peer = await tx.peer(device)
  const row = peer === undefined ? undefined : await tx.logRow(device, peer.last)
  return row !== undefined && row.by !== username
}

const isEarlier = (id: Id, device: string, n: number): boolean => Number(id.slice(device.length + 1)) < n

/**
 * Under which id a witness's mutation is logged: its own, or, where a copied device has given that id to another value, one made of its
 * content, so that it is logged once however often it is told. `undefined`: the log has it, or it names no mutation of a device.
 */
async function authorToLog(
  tx: StreamTx,
  witness: Witness,
  { isKnown, reserved }: { readonly isKnown: (id: Id) => boolean; readonly reserved: string | undefined },
) {
  const author = authorOf(witness.id)
  if (author === undefined) return undefined
  if (!isKnown(witness.id) && author.device !== reserved) return author
  const row = await tx.logRow(author.device, author.n)
  if (row === undefined ? isKnown(witness.id) : sameContent(row, witness)) return undefined
  const { id, key, value, at } = witness
  const own = { device: nameOfHash(hash64(canonicalJson([id, key, value, at]))), n: 1 }
  return (await tx.logRow(own.device, own.n)) === undefined ? own : undefined
}

/** A witness knows neither kind nor plan: it only saw the cell. What is logged of one has no chain, also where it was refused. */
function sameContent(row: LogRow, mutation: Mutation): boolean {
  const isTold = row.chain === EMPTY_CHAIN || 'id' in mutation
  return (
    row.key === mutation.key &&
    (isTold || row.kind === mutation.kind) &&
    row.at === mutation.at &&
    (isTold || row.pv === mutation.pv) &&
    row.base.join() === mutation.base.join() &&
    sameJson(row.value, mutation.value)
  )
}

/** Field by field: taking an object apart and spreading it again for each row took half of the whole exchange. */
function rowOfLog(row: { readonly mutation: Mutation } & Omit<LogRow, 'kind' | 'key' | 'value' | 'base' | 'at' | 'pv'>): LogRow {
  const { kind, key, value, base, at, pv } = row.mutation
  const { seq, device, n, by, received, verdict, chain } = row
  return { seq, device, n, kind, key, value, base, by, at, received, pv, verdict, chain }
}

function authorOf(id: Id): { readonly device: string; readonly n: number } | undefined {
  const parts = /^([a-z2-7]{13}):([1-9]\d{0,14})$/.exec(id)
  return parts?.[1] === undefined ? undefined : { device: parts[1], n: Number(parts[2]) }
}

/** Of what is written, the states of the reports that it is part of, and all that a report's step may vouch for. */
function keysToRead(mutations: readonly { readonly key: string }[], reports: ReportRules | undefined): readonly string[] {
  const keys = new Set<string>()
  for (const { key } of mutations) {
    keys.add(key)
    for (const each of keysOfSaid(key)) keys.add(each)
    if (reports === undefined) continue
    const state = reports.stateOf(key)
    if (state !== undefined) keys.add(state)
    // Whatever its kind: a witness of a step knows none.
    if (parseKey(key).kind !== 'report') continue
    for (const each of [...reports.keysOf(key), ...(reports.readsOf?.(key) ?? [])]) keys.add(each)
  }
  return [...keys]
}

/**
 * Where the device was up to date, the rows above its cursor are the cells just changed: no need to read them back. Only where they
 * surely fit one page.
 */
function freshRows(before: StreamHead, head: StreamHead, taken: Taken, ask: Ask, right: Right, limits: Limits): Rows | undefined {
  const cells = taken.change?.cells ?? []
  if (right === 'gone' || ask.cursor !== before.seq || cells.length > limits.rows) return undefined
  let bytes = 0
  for (const [key, cell] of cells) bytes += roughBytes(key, cell)
  if (bytes > limits.bytes) return undefined
  return { rows: [...cells].sort(([, one], [, other]) => one.seq - other.seq), upto: head.seq, done: true, digest: head.digest }
}

/** Never less than the JSON of the row in UTF-8. */
function roughBytes(key: string, cell: Cell): number {
  let bytes = 100 + 3 * key.length + 50 * (cell.missing?.length ?? 0)
  for (const { value, from } of cell.heads) {
    bytes += 30 + (typeof value === 'string' ? 6 * value.length : 6 * JSON.stringify(value).length)
    for (const { base, by } of from) bytes += 150 + 6 * by.length + 50 * base.length
  }
  return bytes
}

/** `tx.head` is the head after our own write. */
async function rowsAfter(tx: Pick<StreamTx, 'head' | 'rows'>, ask: Ask, right: Right, limits: Limits): Promise<Rows> {
  const { seq, digest } = tx.head
  if (right === 'gone' || ask.cursor >= seq) return { rows: [], upto: Math.min(ask.cursor, seq), done: true, digest }
  return { ...(await tx.rows(ask.cursor, limits)), digest }
}

function answer(all: {
  readonly epoch: string
  readonly ask: Ask
  readonly right: Right
  readonly last: number
  readonly taken: Taken
  readonly safe: Exchange['safe']
  readonly rows: Rows
}): Answer {
  const { epoch, ask, right, last, taken, safe, rows } = all
  const { stream } = ask
  const { verdicts, witnessed } = taken
  if (right === 'gone') return { stream, epoch, gone: true, last, verdicts, witnessed }
  const page = { rows: rows.rows, from: ask.cursor, upto: rows.upto, done: rows.done }
  return {
    stream,
    epoch,
    last,
    verdicts,
    witnessed,
    ...page,
    ...(rows.done ? { digest: rows.digest } : {}),
    ...(safe === undefined ? {} : { safe }),
  }
}
