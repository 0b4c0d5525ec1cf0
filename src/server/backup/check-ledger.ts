/**
 * Works everything in the ledger out again from its log, and names each difference: the numbers of a stream, the order and the chains of
 * its devices, what became of each mutation, the cells, the digest, and what is remembered of each device. Nothing is changed.
 *
 * A backup counts only once this has found nothing in it.
 *
 * What a log cannot prove is left out: whether a refusal was right (rights change), and a chain that begins in the middle, after a value
 * that another device told of or after mutations of before a restore.
 */
import type { Kysely } from 'kysely'
import { EMPTY_CHAIN, canonicalJson, chainAfter, digestOf } from '#sync/hash'
import { judge } from '#sync/judge'
import { isRejected, type Cell, type Id, type Json, type Verdict } from '#sync/protocol'
import { toCell } from '../store/stored-cell'
import type { Tables } from '../store/tables'
import { inTransaction } from '../store/transaction'

/**
 * | kind    | what differs                                                                                   |
 * |---------|------------------------------------------------------------------------------------------------|
 * | number  | the log's numbers are not 1, 2, 3 ... up to the stream's                                        |
 * | order   | a device's mutation has a smaller number in the stream than an earlier one of the same device  |
 * | chain   | a device's chain is not that of its mutations                                                  |
 * | verdict | the log says that a mutation became something else than it becomes                             |
 * | cell    | a cell is missing, too many, or not what the log makes of it                                   |
 * | digest  | the stream's digest is not that of its cells                                                   |
 * | device  | what is remembered of a device is not what the log has of it                                   |
 * | row     | a row that cannot be read, or belongs to no stream                                             |
 */
export type FindingKind = 'number' | 'order' | 'chain' | 'verdict' | 'cell' | 'digest' | 'device' | 'row'
export type Finding = {
  readonly kind: FindingKind
  readonly stream: string
  /** A mutation's id, a cell's key or a device. */
  readonly at?: string
  readonly stored: string
  readonly computed: string
}

export type LedgerCheck = {
  readonly streams: number
  readonly mutations: number
  readonly cells: number
  readonly devices: number
  readonly findings: readonly Finding[]
  /**
   * What looks odd and is no difference: a mutation behind a later one of its device. A copied tablet can bring that about after a restore,
   * and so can a program that is not ours; it must not keep anybody from making a backup.
   */
  readonly remarks: readonly Finding[]
}

/** In one snapshot: a server may go on writing meanwhile. */
export async function checkLedger(db: Kysely<Tables>): Promise<LedgerCheck> {
  return inTransaction(db, 'read', checkWithin)
}

export async function checkWithin(trx: Kysely<Tables>): Promise<LedgerCheck> {
  const streams = await trx.selectFrom('stream').select(['id', 'name', 'seq', 'digest']).orderBy('name').execute()
  const totals = { streams: streams.length, mutations: 0, cells: 0, devices: 0 }
  const findings: Finding[] = []
  const remarks: Finding[] = []
  for (const stream of streams) {
    const rows = await readStream(trx, stream.id)
    totals.mutations += rows.log.length
    totals.cells += rows.cells.length
    totals.devices += rows.peers.length
    const checked = checkStream(stream, rows)
    findings.push(...checked.findings)
    remarks.push(...checked.remarks)
  }
  findings.push(...(await rowsOfNoStream(trx, new Set(streams.map(({ id }) => id)))))
  return { ...totals, findings, remarks }
}

type StreamRow = { readonly id: number; readonly name: string; readonly seq: number; readonly digest: string }
type Rows = Awaited<ReturnType<typeof readStream>>

/** A stream is one org unit's: some ten thousand mutations after years, so that it fits into memory. */
async function readStream(db: Kysely<Tables>, stream: number) {
  const log = await db
    .selectFrom('log')
    .select(['seq', 'device', 'n', 'kind', 'key', 'value', 'base', 'by', 'at', 'pv', 'verdict', 'chain'])
    .where('stream', '=', stream)
    .orderBy('seq')
    .execute()
  const cells = await db.selectFrom('cell').select(['key', 'seq', 'heads', 'missing']).where('stream', '=', stream).execute()
  const peers = await db.selectFrom('peer').select(['device', 'last', 'chain']).where('stream', '=', stream).execute()
  return { log, cells, peers }
}

type Note = (kind: FindingKind, at: string | undefined, stored: unknown, computed: unknown) => void
type Noting = { readonly find: Note; readonly remark: Note }

type Logged = Omit<Rows['log'][number], 'value' | 'base' | 'verdict'> & {
  readonly value: Json
  readonly base: readonly Id[]
  readonly verdict: Verdict | 'witnessed'
}

function checkStream(stream: StreamRow, rows: Rows): Pick<LedgerCheck, 'findings' | 'remarks'> {
  const { name } = stream
  const findings: Finding[] = []
  const remarks: Finding[] = []
  const noteIn =
    (list: Finding[]): Note =>
    (kind, at, stored, computed) => {
      list.push({ kind, stream: name, ...(at === undefined ? {} : { at }), stored: textOf(stored), computed: textOf(computed) })
    }
  const [find, remark] = [noteIn(findings), noteIn(remarks)]

  const log: Logged[] = []
  for (const row of rows.log) {
    const read = readable(row)
    if (read === undefined) find('row', `${row.device}:${String(row.n)}`, 'unreadable', 'readable')
    else log.push(read)
  }
  for (const [index, { seq, device, n }] of rows.log.entries()) {
    if (seq !== index + 1) {
      find('number', `${device}:${String(n)}`, seq, index + 1)
      // The others follow from this one.
      break
    }
  }
  if (stream.seq !== rows.log.length) find('number', undefined, stream.seq, rows.log.length)

  const cells = replay(log, (row, computed) => find('verdict', `${row.device}:${String(row.n)}`, row.verdict, computed))
  const stored = new Map<string, Cell>()
  for (const row of rows.cells) {
    try {
      stored.set(row.key, toCell(row))
    } catch {
      find('row', row.key, 'unreadable', 'readable')
    }
  }
  for (const key of new Set([...stored.keys(), ...cells.keys()])) {
    const [was, is] = [stored.get(key), cells.get(key)]
    if (textOf(was) !== textOf(is)) find('cell', key, was, is)
  }
  const digest = digestOf(Object.fromEntries(cells))
  if (stream.digest !== digest) find('digest', undefined, stream.digest, digest)
  checkDevices(log, rows.peers, { find, remark })
  return { findings, remarks }
}

/**
 * The cells as the log makes them. What a device told after a restore is judged like a mutation of somebody with the right; a step that
 * the log took is not judged once more: what is known of its author today says nothing of that day.
 */
function replay(log: readonly Logged[], differs: (row: Logged, computed: string) => void): ReadonlyMap<string, Cell> {
  const cells = new Map<string, Cell>()
  const known = new Set<Id>()
  for (const row of log) {
    const { kind, key, value, base, at, pv, n, by, seq, verdict } = row
    const id: Id = `${row.device}:${String(n)}`
    if (verdict === 'witnessed' || !isRejected(verdict)) {
      const judged = judge({
        mutation: { n, kind, key, value, base: [...base], at, pv, again: true },
        id,
        by,
        rules: { mayWrite: () => true },
        cell: cells.get(key),
        seq,
        isKnown: (other) => known.has(other),
      })
      if (judged.cell !== undefined) cells.set(key, judged.cell)
      if (verdict !== 'witnessed' && verdict !== judged.verdict) differs(row, judged.verdict)
    }
    known.add(id)
  }
  return cells
}

function checkDevices(log: readonly Logged[], peers: Rows['peers'], noting: Noting): void {
  const { find } = noting
  const byDevice = new Map<string, Logged[]>()
  for (const row of log) {
    const rows = byDevice.get(row.device) ?? []
    rows.push(row)
    byDevice.set(row.device, rows)
  }
  for (const rows of byDevice.values()) checkChain(rows, noting)

  const remembered = new Map(peers.map((peer) => [peer.device, peer]))
  for (const [device, rows] of byDevice) {
    const own = rows.filter((row) => row.chain !== EMPTY_CHAIN)
    const newest = own.reduce((most, { n }) => Math.max(most, n), 0)
    const peer = remembered.get(device)
    if (newest > 0 && (peer === undefined || peer.last < newest)) find('device', device, peer?.last ?? 'nothing', newest)
  }
  for (const { device, last, chain } of peers) {
    const row = byDevice.get(device)?.find(({ n }) => n === last)
    if (row === undefined) find('device', device, last, 'not in the log')
    else if (row.chain !== EMPTY_CHAIN && row.chain !== chain) find('device', device, chain, row.chain)
  }
}

/**
 * `rows`: of one device, in the order in which they came. Only where a mutation follows the last one that was known is its chain the
 * server's own word; behind a gap it is what the device says, and need not fit what came before.
 */
function checkChain(rows: readonly Logged[], { find, remark }: Noting): void {
  let end: { readonly last: number; readonly chain: string | undefined } = { last: 0, chain: EMPTY_CHAIN }
  for (const { device, n, seq, kind, key, value, base, at, pv, chain } of rows) {
    // Told by another device: this one's chain goes through it, with more than the other could know.
    const isTold = chain === EMPTY_CHAIN
    const id = `${device}:${String(n)}`
    if (!isTold && n <= end.last) remark('order', id, seq, `before ${String(end.last)}`)
    // A move vouches for what its author saw; that is in the chain, and not in the log.
    if (!isTold && n === end.last + 1 && end.chain !== undefined && kind !== 'move') {
      const computed = chainAfter(end.chain, { n, kind, key, value, base: [...base], at, pv })
      if (computed !== chain) find('chain', id, chain, computed)
    }
    if (!isTold && n > end.last) end = { last: n, chain }
    else if (isTold && n === end.last + 1) end = { last: n, chain: undefined }
  }
}

async function rowsOfNoStream(db: Kysely<Tables>, known: ReadonlySet<number>): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const table of ['log', 'cell', 'peer'] as const) {
    const rows = await db.selectFrom(table).select('stream').distinct().execute()
    for (const { stream } of rows) {
      if (!known.has(stream)) findings.push({ kind: 'row', stream: String(stream), at: table, stored: 'rows', computed: 'none' })
    }
  }
  return findings
}

/** What the ledger wrote, unless the disk has changed it since. */
function readable(row: Rows['log'][number]): Logged | undefined {
  try {
    return {
      ...row,
      value: JSON.parse(row.value) as Json,
      base: row.base === null ? [] : (JSON.parse(row.base) as readonly Id[]),
      verdict: row.verdict as Logged['verdict'],
    }
  } catch {
    return undefined
  }
}

/** Equal values are equal texts. */
function textOf(value: unknown): string {
  if (value === undefined) return 'none'
  return typeof value === 'string' ? value : canonicalJson(JSON.parse(JSON.stringify(value)) as Json)
}
