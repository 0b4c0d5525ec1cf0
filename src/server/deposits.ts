/**
 * Files with unsent work, handed in by somebody for a tablet that does not get through.
 *
 * What is in the file goes through the same exchange as if its author's tablet had sent it: same numbers, same judge, same right, which is
 * the author's and not the bearer's. That it was handed in is written down before anything of it is taken, with the moment that the log
 * rows get as `received`: so a row of this device with that very moment came with this file, also after a crash in between.
 */
import { createHash } from 'node:crypto'
import type { Kysely } from 'kysely'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import { may } from '#domain/may'
import type { Person } from '#domain/person'
import { readDepositFile, valuesIn, type Deposit, type DepositFile } from '#sync/deposit'
import { exchange } from '#sync/exchange'
import type { LogRow } from '#sync/ports'
import { orgUnitOf, type Ask, type VerdictRow } from '#sync/protocol'
import { findAccount } from './accounts'
import type { Deps } from './app'
import { acceptsWitnesses } from './backup/witness-time'
import { IMPORT_DEVICE } from './import-values'
import { othersTurn } from './others-turn'
import { rightTo } from './right-to-stream'
import { checkSeal } from './seals'
import { isUniqueViolation } from './store/database-error'
import type { Tables } from './store/tables'
import { inTransaction } from './store/transaction'

/** What became of what the file holds for one stream. */
export type DepositedStream = {
  readonly stream: string
  readonly device: string
  /** The server's word on each number; those that are missing were not taken. */
  readonly verdicts: readonly VerdictRow[]
  /**
   * `forbidden`: its author never had a right here. `copied`: two tablets have the same name, and only the tablet itself can sort that
   * out: it has to come to the network once.
   */
  readonly outcome: 'taken' | 'forbidden' | 'copied'
}

export type DepositAnswer = {
  readonly author: { readonly username: string; readonly name: string }
  /** In the file, and of these taken now: the others were there already, or were not taken. */
  readonly values: number
  readonly taken: number
  readonly streams: readonly DepositedStream[]
  /** The same file was handed in before: by whom, and when. */
  readonly before?: { readonly name: string; readonly at: number }
}

/** The largest cursor: whoever hands in reads nothing. */
const NO_ROWS = Number.MAX_SAFE_INTEGER

export async function handIn(
  deps: Pick<Deps, 'db' | 'ledger' | 'plan' | 'now' | 'restoredAt'>,
  { file, bearer }: { readonly file: DepositFile; readonly bearer: Person },
): Promise<Result<DepositAnswer>> {
  const { db, ledger, now } = deps
  const read = readDepositFile(file)
  if (read.kind !== 'read') return failed({ kind: read.kind === 'damaged' ? 'deposit.damaged' : 'deposit.unknown' })
  const { deposit } = read
  if (deposit.asks.some(({ device }) => device === IMPORT_DEVICE)) return failed({ kind: 'deposit.damaged' })
  const account = await findAccount(db, deposit.author.username)
  if (account === undefined) {
    return failed({ kind: 'account.unknown', path: 'author', values: { username: deposit.author.username } })
  }
  const fault = await faultOfBearer(db, { file, deposit, author: account, bearer, now: now() })
  if (fault !== undefined) return failed(fault)

  const sha256 = createHash('sha256').update(file.content).digest('hex')
  const before = await db
    .selectFrom('deposit')
    .select(['bearer', 'received'])
    .where('sha256', '=', sha256)
    .orderBy('received')
    .executeTakeFirst()
  const received = await noteDeposit(db, { sha256, deposit, bearer, now: now() })

  const streams = new Map<string, DepositedStream>()
  for (const ask of deposit.asks) {
    await othersTurn()
    const known = streams.get(nameOf(ask))
    if (known !== undefined && known.outcome !== 'taken') continue
    const brought = [...ask.mutations, ...(ask.witnesses ?? [])]
    const rights = await rightTo(deps, { person: account, isDisabled: account.disabled !== undefined }, ask.stream, brought)
    const answer = await exchange({
      ledger,
      ask: withoutReading(ask),
      person: account,
      right: undefined,
      ...rights,
      now: received,
      skew: deposit.skew ?? 0,
      acceptsWitnesses: acceptsWitnesses(deps.restoredAt, received),
      isHandedIn: true,
      reservedDevice: IMPORT_DEVICE,
    })
    const { stream, device } = ask
    const earlier = known?.verdicts ?? []
    if ('forbidden' in answer) streams.set(nameOf(ask), { stream, device, verdicts: earlier, outcome: 'forbidden' })
    else if ('rewind' in answer) throw new Error('an ask without an epoch was answered with a rewind')
    else {
      const verdicts = [...earlier, ...answer.verdicts]
      streams.set(nameOf(ask), { stream, device, verdicts, outcome: 'fork' in answer ? 'copied' : 'taken' })
    }
  }
  const by = before === undefined ? undefined : await findAccount(db, before.bearer)
  return ok({
    author: { username: account.username, name: account.name },
    values: valuesIn(deposit),
    taken: await countTaken(db, deposit, received),
    streams: [...streams.values()],
    ...(before === undefined ? {} : { before: { name: by?.name ?? before.bearer, at: before.received } }),
  })
}

const nameOf = ({ stream, device }: Pick<Ask, 'stream' | 'device'>): string => `${stream} ${device}`

function withoutReading({ stream, device, floor, floorChain, chain, mutations }: Ask): Ask {
  return { stream, device, cursor: NO_ROWS, acked: 0, chain, floor, floorChain, mutations }
}

/** A sealed file may be brought by whoever may read its schools; one without a seal only by its own author. */
async function faultOfBearer(
  db: Kysely<Tables>,
  {
    file,
    deposit,
    author,
    bearer,
    now,
  }: {
    readonly file: DepositFile
    readonly deposit: Deposit
    readonly author: Person
    readonly bearer: Person
    readonly now: number
  },
): Promise<Fault | undefined> {
  const seal = await checkSeal(db, { file, deposit, now })
  if (seal === 'wrong') return { kind: 'deposit.forged' }
  if (author.username === bearer.username) return undefined
  if (seal === 'missing' || seal === 'over') return { kind: 'deposit.unsealed', values: { name: author.name } }
  if (seal === 'revoked') return { kind: 'deposit.revoked', values: { name: author.name } }
  for (const { stream } of deposit.asks) {
    const orgUnit = orgUnitOf(stream)
    if (orgUnit === undefined || !may(bearer, { do: 'read', orgUnit })) {
      return { kind: 'right.missing', path: 'content', values: { orgUnit: orgUnit ?? stream } }
    }
  }
  return undefined
}

/** Answers with its moment, which no other has: two of one moment could not be told apart in the log. */
async function noteDeposit(
  db: Kysely<Tables>,
  {
    sha256,
    deposit,
    bearer,
    now,
  }: { readonly sha256: string; readonly deposit: Deposit; readonly bearer: Person; readonly now: number },
): Promise<number> {
  const { author, tablet, made, asks } = deposit
  // The exchanges of tablets are at whole milliseconds, also those of this tablet at this very moment.
  for (let received = Math.floor(now) + 0.5; ; received++) {
    try {
      await inTransaction(db, 'write', async (trx) => {
        await trx
          .insertInto('deposit')
          .values({
            ...{ received, sha256, tablet, made },
            author: author.username,
            bearer: bearer.username,
            value_count: valuesIn(deposit),
          })
          .execute()
        for (const { stream, device, first, last } of partsOf(asks)) {
          await trx.insertInto('deposit_part').values({ received, stream, device, first, last }).execute()
        }
      })
      return received
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
    }
  }
}

type Part = { readonly stream: string; readonly device: string; readonly first: number; readonly last: number }

function partsOf(asks: readonly Ask[]): readonly Part[] {
  const parts = new Map<string, Part>()
  for (const { stream, device, mutations } of asks) {
    const numbers = mutations.map(({ n }) => n)
    if (numbers.length === 0) continue
    const known = parts.get(nameOf({ stream, device }))
    parts.set(nameOf({ stream, device }), {
      stream,
      device,
      first: Math.min(known?.first ?? Infinity, ...numbers),
      last: Math.max(known?.last ?? 0, ...numbers),
    })
  }
  return [...parts.values()]
}

async function countTaken(db: Kysely<Tables>, { asks }: Deposit, received: number): Promise<number> {
  let taken = 0
  for (const { stream, device, first, last } of partsOf(asks)) {
    const row = await db
      .selectFrom('log')
      .innerJoin('stream', 'stream.id', 'log.stream')
      .select((select) => select.fn.countAll().as('rows'))
      .where('stream.name', '=', stream)
      .where('log.device', '=', device)
      .where('log.n', '>=', first)
      .where('log.n', '<=', last)
      .where('log.received', '=', received)
      .executeTakeFirst()
    taken += Number(row?.rows ?? 0)
  }
  return taken
}

/** Of these rows of a stream's log, which came with a file, and what the person is called who handed it in; by device and number. */
export async function bearersOf(
  db: Kysely<Tables>,
  stream: string,
  rows: readonly Pick<LogRow, 'device' | 'n' | 'received'>[],
): Promise<ReadonlyMap<string, string>> {
  const devices = [...new Set(rows.map(({ device }) => device))]
  if (devices.length === 0) return new Map()
  const parts = await db
    .selectFrom('deposit_part')
    .innerJoin('deposit', 'deposit.received', 'deposit_part.received')
    .select(['deposit_part.device', 'deposit_part.first', 'deposit_part.last', 'deposit_part.received', 'deposit.bearer'])
    .where('deposit_part.stream', '=', stream)
    .where('deposit_part.device', 'in', devices)
    .execute()
  if (parts.length === 0) return new Map()
  const accounts = await db
    .selectFrom('account')
    .select(['username', 'name'])
    .where('username', 'in', [...new Set(parts.map(({ bearer }) => bearer))])
    .execute()
  const names = new Map(accounts.map(({ username, name }) => [username, name]))
  const bearers = new Map<string, string>()
  for (const { device, n, received } of rows) {
    const part = parts.find((each) => each.device === device && each.received === received && each.first <= n && n <= each.last)
    if (part !== undefined) bearers.set(`${device}:${String(n)}`, names.get(part.bearer) ?? part.bearer)
  }
  return bearers
}
