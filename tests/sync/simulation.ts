/**
 * A small simulation of schools' tablets and a server: the real device, loop and exchange, over a network, a disk and a clock that one
 * seed moves. After the faults stop everybody syncs until it is quiet, and then what the protocol promises is checked.
 */
import { setImmediate } from 'node:timers/promises'
import { memoryDevice } from '#client/device/memory-device'
import { blankDisk, memoryStore, type Disk } from '#client/device/memory-store'
import type { Device, ShownStream } from '#client/device/contract'
import { exchange } from '#sync/exchange'
import { digestOf } from '#sync/hash'
import type { Clock, NetAnswer } from '#sync/ports'
import { isRejected, type Answer, type Id, type Json, type SyncRequest } from '#sync/protocol'
import { memoryLedger } from '../contract/memory-ledger'

export type Fault = 'lost' | 'doubled' | 'killed' | 'power' | 'restored' | 'rolledBack' | 'copied'
export const FAULTS: readonly Fault[] = ['lost', 'doubled', 'killed', 'power', 'restored', 'rolledBack', 'copied']

/** Rules broken on purpose, to see that the checks see it. */
export type Defect = 'baseAtSaving' | 'relaxedTyping' | 'forgetsAtOnce'

export type Run = { readonly seed: number; readonly faults: readonly Fault[]; readonly steps?: number; readonly defect?: Defect }

const STREAM = 's/A-1'
const KEYS = ['v/2024/a', 'v/2024/b', 'v/2024/c']

/** Mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Answers what is wrong, each as a sentence; nothing when all is well. */
export async function simulate({ seed, faults, steps = 120, defect }: Run): Promise<readonly string[]> {
  const random = randomFrom(seed)
  const pick = <T>(all: readonly T[]): T => {
    const one = all[Math.floor(random() * all.length)]
    if (one === undefined) throw new Error('nothing to pick')
    return one
  }
  const has = (fault: Fault): boolean => faults.includes(fault)
  const wrong: string[] = []
  const ledger = memoryLedger('epoch-0')
  const backups = [ledger.backup()]
  let now = 1_000_000
  let epochs = 0
  let nameCount = 0
  let typedCount = 0
  let isCalm = false
  let wasCopied = false
  /** What T1 has promised to keep, by value: every value is another one, so that a log can be read by them. */
  const typed = new Map<string, { readonly key: string; readonly seen: readonly Id[] }>()

  const newDeviceName = (): string => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const count = ++nameCount
    return `${'d'.repeat(11)}${letters.charAt(Math.floor(count / 26))}${letters.charAt(count % 26)}`
  }

  type Tablet = {
    device: Device
    shown: ShownStream
    disk: Disk
    alive: { value: boolean }
    timers: Set<Timer>
    focus: Map<string, readonly Id[]>
  }
  type Timer = { readonly at: number; readonly wake: () => void }
  const waiting: {
    readonly tablet: { value: boolean }
    readonly request: SyncRequest
    readonly answer: (met: NetAnswer) => void
  }[] = []
  const oldRequests: SyncRequest[] = []

  async function serve(request: SyncRequest): Promise<NetAnswer> {
    const answers: Answer[] = []
    const limits = { rows: 1 + Math.floor(random() * 4), bytes: 1e6 }
    for (const ask of request.asks) {
      answers.push(
        await exchange({ ledger, ask, person: { username: 'li' }, right: 'write', now, skew: 0, limits, acceptsWitnesses: true }),
      )
    }
    return { kind: 'answered', answer: { v: 1, now, answers } }
  }

  async function start(disk: Disk): Promise<Tablet> {
    const alive = { value: true }
    const timers = new Set<Timer>()
    const clock: Clock = {
      now: () => now,
      after(delayMs, wake) {
        const timer = { at: now + delayMs, wake }
        timers.add(timer)
        return () => timers.delete(timer)
      },
    }
    const known = disk.written.values.get('name')
    const name = typeof known === 'string' ? known : newDeviceName()
    const store = memoryStore(name, disk)
    await store.putValue('name', name)
    disk.flushed = { ...disk.flushed, values: disk.written.values }
    const device = await memoryDevice({
      person: { username: 'li', name: '李', role: 'principal', orgUnits: ['A-1'] },
      orgUnits: [],
      clock,
      store,
      random: { next: random },
      isOnline: () => true,
      newDeviceName,
      net: {
        abort: () => undefined,
        exchange: (request) =>
          new Promise((resolve) =>
            waiting.push({ tablet: alive, request: structuredClone(request), answer: (met) => alive.value && resolve(met) }),
          ),
      },
      report: (error) => wrong.push(`the device reports ${String(error)}`),
    })
    const shown = await device.open(STREAM)
    return { device, shown, disk, alive, timers, focus: new Map() }
  }

  async function deliver(): Promise<void> {
    if (waiting.length === 0) return
    const [one] = waiting.splice(Math.floor(random() * waiting.length), 1)
    if (one === undefined) return
    const chance = isCalm ? 1 : random()
    if (has('lost') && chance < 0.15) return one.answer({ kind: 'unreachable' })
    const met = await serve(one.request)
    oldRequests.push(one.request)
    if (has('lost') && chance < 0.3) return one.answer({ kind: 'unreachable' })
    if (has('doubled') && chance > 0.85) await serve(pick(oldRequests))
    one.answer(structuredClone(met))
  }

  async function type(tablet: Tablet): Promise<void> {
    const key = pick(KEYS)
    if (random() < 0.3) {
      tablet.focus.set(key, tablet.shown.cells.get(key)?.base ?? [])
      return
    }
    const screen = tablet.shown.cells.get(key)?.base ?? []
    const seen = tablet.focus.get(key) ?? screen
    let base = seen
    if (defect === 'baseAtSaving')
      base =
        ledger
          .see(STREAM)
          .cells.get(key)
          ?.heads.flatMap(({ from }) => from.map(({ id }) => id)) ?? []
    const value = `value-${++typedCount}`
    const flushed = tablet.disk.flushed
    const saving = tablet.device.commit({ stream: STREAM, key, value, base, pv: 1 })
    await saving
    if (defect === 'relaxedTyping') tablet.disk.flushed = flushed
    typed.set(value, { key, seen })
    if (random() < 0.5) tablet.focus.delete(key)
    const cell = tablet.shown.cells.get(key)
    if (cell?.heads.some((head) => head.value === value) !== true)
      wrong.push(`I8: ${value} is not on the screen after it was typed`)
  }

  const tablets = [await start(blankDisk()), await start(blankDisk())]

  async function restart(at: number, disk: Disk): Promise<void> {
    const tablet = tablets[at]
    if (tablet === undefined) return
    tablet.alive.value = false
    tablet.timers.clear()
    tablets[at] = await start(disk)
  }

  for (let step = 0; step < steps; step++) {
    const at = Math.floor(random() * tablets.length)
    const tablet = tablets[at]
    if (tablet === undefined) continue
    now += Math.floor(random() * 3000)
    const dice = random()
    if (dice < 0.3) await type(tablet)
    else if (dice < 0.6) await deliver()
    else if (dice < 0.85) for (const timer of [...tablet.timers]) fire(tablet, timer)
    else if (dice < 0.88) backups.push(ledger.backup())
    else if (dice < 0.91 && has('killed')) await restart(at, { ...tablet.disk })
    else if (dice < 0.94 && has('power')) await restart(at, { written: tablet.disk.flushed, flushed: tablet.disk.flushed })
    else if (dice < 0.96 && has('restored')) ledger.restore(pick(backups), `epoch-${++epochs}`)
    else if (dice < 0.98 && has('rolledBack')) ledger.restore(pick(backups), ledger.epoch)
    else if (has('copied') && tablets.length < 4) {
      wasCopied = true
      tablets.push(await start({ ...tablet.disk }))
    } else tablet.device.syncNow()
    await setImmediate()
    if (defect === 'forgetsAtOnce') for (const { disk } of tablets) forgetAcknowledged(disk)
  }

  isCalm = true
  let quiet = 0
  for (let round = 0; round < 600 && quiet < 4; round++) {
    const before = JSON.stringify([ledger.see(STREAM).head, tablets.map(({ device }) => device.sync.waiting)])
    now += 400_000
    for (const tablet of tablets) tablet.device.syncNow()
    for (let turn = 0; turn < 8; turn++) {
      for (const tablet of tablets) for (const timer of [...tablet.timers]) if (timer.at <= now) fire(tablet, timer)
      await setImmediate()
      while (waiting.length > 0) {
        await deliver()
        await setImmediate()
      }
    }
    const after = JSON.stringify([ledger.see(STREAM).head, tablets.map(({ device }) => device.sync.waiting)])
    quiet = before === after && tablets.every(({ device }) => device.sync.waiting === 0) ? quiet + 1 : 0
  }
  if (quiet < 4) wrong.push('I13: it never comes to rest')

  check()
  for (const { device } of tablets) await device.close()
  return wrong

  function fire(tablet: Tablet, timer: Timer): void {
    tablet.timers.delete(timer)
    now = Math.max(now, timer.at)
    timer.wake()
  }

  function check(): void {
    const { head, cells, log } = ledger.see(STREAM)
    if (log.some((row, at) => row.seq !== at + 1) || head.seq !== log.length) wrong.push('I4: the numbers are not 1, 2, 3 ...')
    if (head.digest !== digestOf(Object.fromEntries(cells))) wrong.push('the digest is not that of the cells')
    const logged = new Map<unknown, number>()
    for (const { value } of log) logged.set(value, (logged.get(value) ?? 0) + 1)
    for (const [value, { key }] of typed) {
      const times = logged.get(value) ?? 0
      if (times === 0) wrong.push(`I1: ${value} (${key}) never reached the log`)
      if (times > 1 && !wasCopied) wrong.push(`I2: ${value} is in the log ${times} times`)
    }
    const heads = new Set([...cells.values()].flatMap((cell) => cell.heads.flatMap(({ from }) => from.map(({ id }) => id))))
    const named = new Set(log.flatMap(({ base }) => base))
    // Where two typed the same, who saw the one has seen the other.
    const accountedFor = new Set(
      log.filter((row) => heads.has(idOf(row)) || named.has(idOf(row))).map(({ key, value }) => `${key} ${textOf(value)}`),
    )
    for (const row of log) {
      const isTaken = row.verdict === 'witnessed' || !isRejected(row.verdict)
      if (isTaken && !accountedFor.has(`${row.key} ${textOf(row.value)}`)) {
        wrong.push(`I5: ${textOf(row.value)} is no head, and nobody who saw it replaced it`)
      }
      const meant = typed.get(textOf(row.value))
      // What the author did not have on the screen, and did not type, must not be replaced.
      if (meant === undefined) wrong.push(`the log has ${JSON.stringify(row.value)}, which nobody typed`)
    }
    if (!wasCopied) {
      const idByValue = new Map(log.map((row) => [`${row.device}:${row.n}`, row.value]))
      for (const row of log) {
        const meant = typed.get(textOf(row.value))
        for (const id of row.base) {
          const isSeen = meant?.seen.includes(id) === true || id.startsWith(`${row.device}:`)
          if (!isSeen)
            wrong.push(`I5: ${textOf(row.value)} replaces ${textOf(idByValue.get(id) ?? null)}, which its author had not seen`)
        }
      }
    }
    for (const [at, { disk, device, shown }] of tablets.entries()) {
      const view = disk.written.streams.get(STREAM)?.view
      if (JSON.stringify(sorted(view?.cells ?? {})) !== JSON.stringify(sorted(Object.fromEntries(cells)))) {
        wrong.push(`I6: tablet ${at} has other cells than the server`)
      }
      for (const [key, cell] of cells) {
        const screen = shown.cells.get(key)
        const values = screen?.heads.map(({ value }) => value)
        if (JSON.stringify(values) !== JSON.stringify(cell.heads.map(({ value }) => value))) {
          wrong.push(`I6: tablet ${at} shows ${JSON.stringify(values)} for ${key}`)
        }
        if (screen?.mark !== (cell.heads.length > 1 ? 'conflict' : 'confirmed'))
          wrong.push(`tablet ${at} marks ${key} as ${screen?.mark}`)
      }
      if (device.sync.waiting !== 0) wrong.push(`I13: tablet ${at} still has unsent work`)
    }
  }
}

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const idOf = (row: { readonly device: string; readonly n: number }): Id => `${row.device}:${row.n}`

function sorted<T>(cells: Readonly<Record<string, T>>): readonly (readonly [string, T])[] {
  return Object.entries(cells).sort(([one], [other]) => (one < other ? -1 : 1))
}

/** A device that keeps nothing of what the server has acknowledged. */
function forgetAcknowledged(disk: Disk): void {
  disk.written = {
    ...disk.written,
    streams: new Map(
      [...disk.written.streams].map(([stream, kept]) => [
        stream,
        { ...kept, own: new Map([...kept.own].filter(([, row]) => row.verdict === undefined)), evidence: new Map() },
      ]),
    ),
  }
}
