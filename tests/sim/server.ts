/**
 * The server of a run: the real exchange and the real rules of reports over a ledger in memory, killed or refused between any two calls,
 * backed up, put back, with rights and windows that change meanwhile. What a database keeps is put back with it: epoch, rights and
 * windows too.
 */
import type { Role } from '#domain/person'
import { standingAt, windowOf } from '#domain/window'
import { checkSyncRequest } from '#server/check-sync-request'
import { reportRules } from '#server/report-rules'
import { readDeposit } from '#sync/deposit'
import { exchange, type Right } from '#sync/exchange'
import type { Ledger, NetAnswer, StreamTx } from '#sync/ports'
import { orgUnitOf, PROTOCOL_VERSION, type Answer, type Id, type SyncRequest } from '#sync/protocol'
import { judgeMove, mayWriteKey } from '#sync/rights'
import { memoryLedger, type MemoryLedger, type StreamCopy } from '../contract/memory-ledger'
import { mayWriteBySim } from './inspections'
import { idOf, type Record } from './record'
import type { ReportFacts } from './report-check'
import { plan, unitOf } from './report-plan'
import { isOpenAt, NO_WINDOWS, STATE_KEY, type SimWindows } from './reports'
import { count, LEDGER_CALLS } from './tally'
import { never, Refused, type Life, type World } from './world'

export type Person = {
  readonly username: string
  readonly role: Role
  readonly right: Right
  readonly orgUnits: readonly string[]
}

type Kept = {
  readonly streams: ReadonlyMap<string, StreamCopy>
  readonly epoch: string
  readonly isRestored: boolean
  readonly windows: SimWindows
  readonly rights: ReadonlyMap<string, Right>
}

/** As it was when the request was read: a right that is taken away meanwhile counts from the next one. */
type Asked = {
  readonly mayWrite: (key: string) => boolean
  /** What the request says was acknowledged before, and a server that knows that it was restored believes. */
  readonly again: ReadonlySet<Id>
  readonly facts: ReportFacts
}

export type SimServer = ReturnType<typeof createServer>

/** What nobody at a school may write once the plan says so. */
export const THIRD_PARTY_KEY = 'v/2024/t'

export function createServer(world: World, { record, people }: { readonly record: Record; readonly people: readonly Person[] }) {
  const { chance } = world
  const roles = new Map(people.map(({ username, role }) => [username, role]))
  let life: Life = { name: 'server 0', alive: true }
  let lives = 0
  let epochs = 0
  let isRestored = false
  let windows = NO_WINDOWS
  /** Streams of which a file that a report names has not arrived. */
  const photosLate = new Set<string>()
  /** By person and stream. */
  let rights = new Map<string, Right>()
  let isPlanNew = false
  let memory = memoryLedger('epoch-0')
  const streams = new Set<string>()
  const backups: Kept[] = []
  /** The newest backup that was put back somewhere else and looked through; older ones are never used again. */
  let verified: Kept | undefined
  /** Backups of the history that still goes on. */
  let present: Kept[] = []
  /** What is being answered, and dies with the process. */
  let answering = new Set<() => void>()

  const place = (person: string, stream: string): string => `${person} ${stream}`

  function pass(of: Life, call: string, side: 'before' | 'after'): Promise<void> {
    if (!of.alive) return never()
    count(world.tally.points, `${call} ${side}: passed`)
    if (world.strikesAt('serverKilled', `${call} ${side}`)) {
      count(world.tally.points, `${call} ${side}: killed`)
      restart()
      return never()
    }
    if (!world.isInterleaved) return Promise.resolve()
    return new Promise((resolve) => world.scheduler.add(`server ${++lives}`, of, resolve))
  }

  async function point<T>(of: Life, call: (typeof LEDGER_CALLS)[number], work: () => Promise<T>): Promise<T> {
    await pass(of, call, 'before')
    if (world.strikes('databaseRefuses', 0.004)) throw new Refused(call)
    const value = await work()
    await pass(of, call, 'after')
    return value
  }

  function faulty(inner: MemoryLedger, of: Life, asked: Asked): Ledger {
    const reading = (tx: Omit<StreamTx, 'write'>): Omit<StreamTx, 'write'> => ({
      head: tx.head,
      peer: (device) => point(of, 'ledger.peer', () => tx.peer(device)),
      logRow: (device, n) => point(of, 'ledger.logRow', () => tx.logRow(device, n)),
      logRows: (device, from, to) => point(of, 'ledger.logRows', () => tx.logRows(device, from, to)),
      known: (ids) => point(of, 'ledger.known', () => tx.known(ids)),
      cells: (keys) => point(of, 'ledger.cells', () => tx.cells(keys)),
      rows: (after, limits) => point(of, 'ledger.rows', () => tx.rows(after, limits)),
    })
    return {
      get epoch() {
        return inner.epoch
      },
      async write(stream, run) {
        await pass(of, 'ledger.begin', 'before')
        const before = { copy: inner.see(stream) }
        const result = await inner.write(stream, async (tx) => {
          before.copy = inner.see(stream)
          await pass(of, 'ledger.begin', 'after')
          const made = await run({
            ...reading(tx),
            write: (change) => point(of, 'ledger.write', () => tx.write(change)),
          })
          await pass(of, 'ledger.commit', 'before')
          return made
        })
        committed(stream, before.copy, inner.see(stream), asked)
        await pass(of, 'ledger.commit', 'after')
        return result
      },
      read: (stream, run) => point(of, 'ledger.read', () => inner.read(stream, (tx) => run(reading(tx)))),
    }
  }

  function committed(stream: string, before: StreamCopy, after: StreamCopy, asked: Asked): void {
    streams.add(stream)
    record.checkCommit({
      stream,
      before,
      after,
      ...asked,
      roleOf: (person) => roles.get(person),
    })
  }

  /** The process is killed, and another one opens the same database. */
  function restart(kept = memory.backup(), epoch = memory.epoch): void {
    life.alive = false
    life = { name: `server ${++lives}`, alive: true }
    memory = memoryLedger(epoch)
    memory.restore(kept, epoch)
    const cut = answering
    answering = new Set()
    for (const tell of cut) tell()
  }

  async function answer(request: SyncRequest, person: string, isHandedIn = false): Promise<NetAnswer> {
    const answers: Answer[] = []
    const role = roles.get(person)
    if (role === undefined) throw new Error(`nobody is called ${person}`)
    for (const ask of request.asks) {
      const { stream, device } = ask
      const right = rights.get(place(person, stream))
      const isNew = isPlanNew
      const orgUnit = orgUnitOf(stream) ?? ''
      const who = { role, orgUnits: [orgUnit] }
      const mayAtAll = (key: string): boolean => !(isNew && key === THIRD_PARTY_KEY && role !== 'reviewer')
      const received = world.now
      const window = windowOf(windows.windows, { period: '2024', dataSet: 'students', orgUnit })
      const standing = standingAt(window, received)
      const lacksPhotos = photosLate.has(stream)
      const facts = {
        isClosed: (key: string) => key === STATE_KEY && (standing === 'notYet' || standing === 'closed'),
        lacksFiles: () => lacksPhotos,
      }
      const { byUnit } = windows
      const mayWrite = (key: string): boolean => mayAtAll(key) && mayWriteKey(who, orgUnit, key)
      const asked: Asked = {
        mayWrite: (key) => right === 'write' && mayAtAll(key) && mayWriteBySim(role, key),
        again: new Set(ask.mutations.filter(({ again }) => isRestored && again === true).map(({ n }) => idOf({ device, n }))),
        facts: { isOpenAt: (at) => isOpenAt(byUnit.get(orgUnit), at), lacksPhotos, isRestored },
      }
      const peer = verified?.streams.get(stream)?.peers.get(device)
      const { seq } = memory.see(stream).head
      const limits = { rows: 1 + chance.below(5), bytes: chance.is(0.1) ? 1 : 1e6 }
      const one = await exchange({
        ledger: faulty(memory, life, asked),
        ask,
        person: { username: person },
        right,
        mayWrite,
        judgeMove: (step) => judgeMove(who, orgUnit, step),
        reports: reportRules(plan, unitOf(orgUnit), facts),
        now: received,
        skew: received - request.now,
        limits,
        acceptsWitnesses: isRestored,
        safe: peer,
        isHandedIn,
      })
      world.checked('I9 no rows without the right')
      if ('rows' in one) {
        if (one.rows.length > 0 && right !== 'write' && right !== 'read') world.wrong(`I9: ${person} receives rows of ${stream}`)
        if (!one.done) world.mark('page of many')
        if (one.verdicts.some((row) => row[1] <= seq)) world.mark('verdict again')
      } else if ('forbidden' in one) world.mark('forbidden')
      else if ('rewind' in one) world.mark('rewind by the server')
      else if ('fork' in one) world.mark('fork by the server')
      else world.mark('gone')
      answers.push(one)
    }
    return { kind: 'answered', answer: { v: PROTOCOL_VERSION, now: world.now, answers } }
  }

  return {
    see: (stream: string): StreamCopy => memory.see(stream),
    streams: (): ReadonlyMap<string, StreamCopy> => new Map([...streams].map((stream) => [stream, memory.see(stream)])),
    head: (): string => JSON.stringify([...streams].map((stream) => memory.see(stream).head)),
    rightOf: (person: string, stream: string): Right | undefined => rights.get(place(person, stream)),
    isRestored: () => isRestored,
    /** As the route does: the body is read by the same check. Never throws; a process that dies answers nothing. */
    serve(body: string, person: string): Promise<NetAnswer> {
      return new Promise((resolve) => {
        const tell = () => resolve({ kind: 'unreachable' })
        answering.add(tell)
        const of = life
        const read = checkSyncRequest(JSON.parse(body))
        if ('error' in read) {
          answering.delete(tell)
          resolve({ kind: 'tooLarge' })
          return
        }
        answer(read.value, person).then(
          (met) => {
            if (!of.alive) return
            answering.delete(tell)
            resolve(met)
          },
          (error: unknown) => {
            if (!of.alive) return
            if (!(error instanceof Refused)) world.wrong(`the server throws ${String(error)}`)
            answering.delete(tell)
            tell()
          },
        )
      })
    },
    /** A file with unsent work, as the route for it does: what is in it is its author's, whoever brings it, and nothing is read by it. */
    deposit(text: string): void {
      const read = readDeposit(text)
      if (read.kind !== 'read') return world.wrong(`I1: a file with unsent work cannot be read: ${text}`)
      const { author, asks } = read.deposit
      const all = asks.map((ask) => ({ ...ask, cursor: Number.MAX_SAFE_INTEGER, acked: 0 }))
      answer({ v: PROTOCOL_VERSION, app: 'sim', now: world.now, asks: all }, author.username, true).catch((error: unknown) => {
        if (!(error instanceof Refused)) world.wrong(`the server throws ${String(error)}`)
      })
    },
    grant(person: string, stream: string, right: Right | undefined): void {
      if (right === undefined) rights.delete(place(person, stream))
      else rights.set(place(person, stream), right)
    },
    setWindows: (next: SimWindows) => void (windows = next),
    /** Of all files that are named somewhere, or not. */
    havePhotosArrived(stream: string, haveThey: boolean): void {
      if (haveThey) photosLate.delete(stream)
      else photosLate.add(stream)
    },
    updatePlan: () => void (isPlanNew = true),
    backUp(): void {
      const kept = keep()
      backups.push(kept)
      present.push(kept)
    },
    /** Somebody puts the newest backup back elsewhere and finds it whole. */
    verify(): boolean {
      const newest = present.at(-1)
      if (newest === undefined || newest === verified) return false
      verified = newest
      present = [newest]
      backups.splice(0, backups.indexOf(newest))
      return true
    },
    /** `isSaid`: the command that puts a backup back marks the database and gives it a new epoch. Otherwise a file was simply copied. */
    putBack(isSaid: boolean): { readonly before: ReadonlyMap<string, StreamCopy> } | undefined {
      if (backups.length === 0) return undefined
      const before = memory.backup()
      const kept = chance.pick(backups)
      ;({ isRestored } = kept)
      ;({ windows } = kept)
      rights = new Map(kept.rights)
      let { epoch } = kept
      if (isSaid) {
        isRestored = true
        epoch = `epoch-${++epochs}`
      }
      restart(kept.streams, epoch)
      present = verified === kept ? [kept] : []
      record.conditions.wasPutBack = true
      return { before }
    },
    crash: () => restart(),
  }

  function keep(): Kept {
    return {
      streams: memory.backup(),
      epoch: memory.epoch,
      isRestored,
      windows,
      rights: new Map(rights),
    }
  }
}
