/** A ledger in memory, for tests of everything that stands on one. It can be backed up and put back, as a server's can. */
import type { Ledger, LogRow, PeerRow, StreamHead, StreamTx } from '#sync/ports'
import type { Cell, Id } from '#sync/protocol'
import { EMPTY_DIGEST } from '#sync/hash'

export type StreamCopy = {
  readonly head: StreamHead
  readonly cells: ReadonlyMap<string, Cell>
  readonly log: readonly LogRow[]
  readonly peers: ReadonlyMap<string, PeerRow>
}

export type MemoryLedger = Ledger & {
  /** What a reader of the database would see. */
  see(stream: string): StreamCopy
  backup(): ReadonlyMap<string, StreamCopy>
  /** Puts a backup back. A restored server has a new epoch; a silent rollback keeps the old one. */
  restore(backup: ReadonlyMap<string, StreamCopy>, epoch: string): void
  /** How many transactions took the lock. */
  locked(): number
}

const EMPTY: StreamCopy = { head: { seq: 0, digest: EMPTY_DIGEST }, cells: new Map(), log: [], peers: new Map() }

export function memoryLedger(firstEpoch = 'epoch-1'): MemoryLedger {
  let epoch = firstEpoch
  let streams = new Map<string, StreamCopy>()
  let locked = 0
  let queue: Promise<unknown> = Promise.resolve()
  const see = (stream: string): StreamCopy => streams.get(stream) ?? EMPTY

  function transaction(copy: StreamCopy, put: (changed: StreamCopy) => void): StreamTx {
    let now = copy
    return {
      head: copy.head,
      peer: (device) => Promise.resolve(now.peers.get(device)),
      logRow: (device, n) => Promise.resolve(now.log.find((row) => row.device === device && row.n === n)),
      logRows: (device, from, to) =>
        Promise.resolve(now.log.filter((row) => row.device === device && row.n >= from && row.n <= to)),
      known: (ids) => {
        const logged = new Set<Id>(now.log.map((row) => `${row.device}:${row.n}`))
        return Promise.resolve(new Set(ids.filter((id) => logged.has(id))))
      },
      cells: (keys) =>
        Promise.resolve(
          new Map(
            keys.flatMap((key) => {
              const cell = now.cells.get(key)
              return cell === undefined ? [] : [[key, cell] as const]
            }),
          ),
        ),
      write: (change) => {
        const { device, last, chain } = change.peer
        now = {
          head: change.head,
          cells: new Map([...now.cells, ...change.cells]),
          log: [...now.log, ...change.log],
          peers: new Map([...now.peers, [device, { last, chain }]]),
        }
        put(now)
        return Promise.resolve()
      },
      rows: (after, limits) => {
        const above = [...now.cells].filter(([, { seq }]) => seq > after).sort(([, one], [, other]) => one.seq - other.seq)
        const rows: (readonly [string, Cell])[] = []
        let bytes = 0
        for (const row of above) {
          bytes += JSON.stringify(row).length
          if (rows.length > 0 && (rows.length >= limits.rows || bytes > limits.bytes)) break
          rows.push(row)
        }
        const done = rows.length === above.length
        return Promise.resolve({ rows, done, upto: done ? now.head.seq : (rows.at(-1)?.[1].seq ?? after) })
      },
    }
  }

  return {
    get epoch() {
      return epoch
    },
    write(stream, run) {
      const turn = queue.then(async () => {
        locked++
        let changed: StreamCopy | undefined
        const result = await run(transaction(see(stream), (now) => (changed = now)))
        if (changed !== undefined) streams.set(stream, changed)
        return result
      })
      queue = turn.catch(() => undefined)
      return turn
    },
    read: (stream, run) => run(transaction(see(stream), () => undefined)),
    see,
    backup: () => new Map(streams),
    restore(backup, newEpoch) {
      streams = new Map(backup)
      epoch = newEpoch
    },
    locked: () => locked,
  }
}
