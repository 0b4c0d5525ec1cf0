import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  makeTransfer,
  PIECE_BYTES,
  PIECE_BYTES_MIN,
  type FileToSend,
  type TransferAnswer,
  type TransferPhase,
} from '#sync/transfer'

type Local = { readonly file: FileToSend; state: string; bytes: Uint8Array | undefined }

const fileOf = (sha: string, size: number): FileToSend => ({ sha, orgUnit: 'u-1', type: 'image/jpeg', size })
const contentOf = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 7) % 251)

const joined = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}
const isEqual = (one: Uint8Array | undefined, other: Uint8Array): boolean => one !== undefined && Buffer.compare(one, other) === 0

function makeWorld(sizes: Readonly<Record<string, number>>) {
  const files = new Map<string, Local>(
    Object.entries(sizes).map(([sha, size]) => [sha, { file: fileOf(sha, size), state: 'waiting', bytes: contentOf(size) }]),
  )
  const server = new Map<string, { bytes: Uint8Array; isComplete: boolean }>()
  const world = {
    files,
    server,
    received: 0,
    now: 0,
    isOnline: true,
    areValuesWaiting: false,
    isAllowed: true,
    phases: [] as TransferPhase[],
    timers: [] as { readonly at: number; readonly wake: () => void }[],
    /** What happens to the next request instead. */
    trouble: (() => undefined) as (file: FileToSend, sent: Uint8Array | undefined) => TransferAnswer | undefined,
    order: [] as string[],
  }
  const kept = (sha: string) => {
    const found = server.get(sha) ?? { bytes: new Uint8Array(), isComplete: false }
    server.set(sha, found)
    return found
  }
  const has = (file: FileToSend): TransferAnswer => {
    const { bytes, isComplete } = kept(file.sha)
    return { kind: 'has', offset: bytes.length, isComplete }
  }
  const transfer = makeTransfer({
    store: {
      nextFile: (without) =>
        Promise.resolve([...files.values()].find(({ file, state }) => state === 'waiting' && !without.has(file.sha))?.file),
      piece: (sha, offset) => Promise.resolve(files.get(sha)?.bytes?.slice(offset, offset + PIECE_BYTES).buffer as ArrayBuffer),
      isWhole: (sha) => Promise.resolve(files.get(sha)?.bytes?.[0] !== 255),
      fileConfirmed: (sha) => Promise.resolve(set(sha, 'confirmed')),
      fileRefused: (sha, fault) => Promise.resolve(set(sha, `refused: ${fault}`)),
      fileDamaged: (sha) => Promise.resolve(set(sha, 'damaged')),
    },
    net: {
      head: (file) => Promise.resolve(world.trouble(file, undefined) ?? has(file)),
      patch(file, { offset, bytes }) {
        const sent = new Uint8Array(bytes)
        world.received += sent.length
        const trouble = world.trouble(file, sent)
        if (trouble !== undefined) return Promise.resolve(trouble)
        const found = kept(file.sha)
        if (offset === found.bytes.length) found.bytes = joined(found.bytes, sent)
        if (found.bytes.length === file.size) {
          if (found.bytes[0] === 255) {
            found.bytes = new Uint8Array()
            return Promise.resolve({ kind: 'mismatch' })
          }
          found.isComplete = true
          world.order.push(file.sha)
        }
        return Promise.resolve(has(file))
      },
    },
    clock: {
      now: () => world.now,
      after(delayMs, wake) {
        const timer = { at: world.now + delayMs, wake }
        world.timers.push(timer)
        return () => void (world.timers = world.timers.filter((each) => each !== timer))
      },
    },
    random: { next: () => 0.5 },
    locks: { alone: (_name, work) => work() },
    isOnline: () => world.isOnline,
    areValuesWaiting: () => world.areValuesWaiting,
    isAllowed: () => world.isAllowed,
    lockName: 'files',
    on: {
      phase: ({ phase }) => void world.phases.push(phase),
      sent: () => undefined,
      changed: () => undefined,
      failed: (error) => {
        throw error
      },
    },
  })
  function set(sha: string, state: string): void {
    const found = files.get(sha)
    if (found !== undefined) found.state = state
  }
  /** Lets everything run that is due within so many steps of the clock. */
  async function run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step++) {
      for (let turn = 0; turn < 400; turn++) await Promise.resolve()
      const next = world.timers.shift()
      if (next === undefined) return
      world.now = Math.max(world.now, next.at)
      next.wake()
    }
    for (let turn = 0; turn < 400; turn++) await Promise.resolve()
  }
  const states = () => [...files.values()].map(({ state }) => state)
  return { world, transfer, run, states }
}

test('files go one after the other, the oldest first, each in pieces', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 3 * PIECE_BYTES + 10, two: 5 })
  transfer.wake('stored')
  await run(3)
  expect(states()).toEqual(['confirmed', 'confirmed'])
  expect(world.order).toEqual(['one', 'two'])
  expect(isEqual(world.server.get('one')?.bytes, contentOf(3 * PIECE_BYTES + 10))).toBe(true)
  expect(world.received).toBe(3 * PIECE_BYTES + 15)
  expect(world.phases.at(-1)).toBe('idle')
})

test('whatever is cut, wherever: it continues, arrives whole, and little is sent twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.integer({ min: 0, max: 9 })), async (pieces, luck) => {
      const size = pieces * PIECE_BYTES - 3
      const { world, transfer, run, states } = makeWorld({ one: size })
      let cuts = 0
      world.trouble = (file, sent) => {
        const roll = cuts < 20 ? Number(luck.next().value) : 9
        if (roll > 4) return undefined
        cuts += 1
        // Some of what was sent has arrived before the cut.
        const found = world.server.get(file.sha)
        if (sent !== undefined && found !== undefined && roll > 1)
          found.bytes = joined(found.bytes, sent.slice(0, sent.length >> 1))
        return { kind: 'unreachable' }
      }
      transfer.wake('stored')
      await run(60)
      expect(states()).toEqual(['confirmed'])
      expect(isEqual(world.server.get('one')?.bytes, contentOf(size))).toBe(true)
      expect(world.received).toBeLessThanOrEqual(size + cuts * PIECE_BYTES)
    }),
    { numRuns: 12 },
  )
})

test('values go first, also when they are typed between two pieces', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 3 * PIECE_BYTES })
  world.areValuesWaiting = true
  transfer.wake('stored')
  await run(2)
  expect(world.received).toBe(0)
  world.areValuesWaiting = false
  world.trouble = (_file, sent) => {
    if (sent !== undefined) world.areValuesWaiting = world.received === PIECE_BYTES
    return undefined
  }
  await run(1)
  expect(world.received).toBe(PIECE_BYTES)
  world.areValuesWaiting = false
  await run(3)
  expect(states()).toEqual(['confirmed'])
  expect(world.received).toBe(3 * PIECE_BYTES)
})

test('on a network that the user does not want for files nothing is sent until they allow it', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10 })
  world.isAllowed = false
  transfer.wake('stored')
  await run(3)
  expect(world.phases.at(-1)).toBe('held')
  expect(world.received).toBe(0)
  world.isAllowed = true
  transfer.wake('now')
  await run(3)
  expect(states()).toEqual(['confirmed'])
})

test('what is refused for good says why, and the others go on', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10, two: 10 })
  world.trouble = (file) => (file.sha === 'one' ? { kind: 'refused', fault: 'file.content' } : undefined)
  transfer.wake('stored')
  await run(3)
  expect(states()).toEqual(['refused: file.content', 'confirmed'])
})

test('bytes that are gone or have changed on the tablet are said to be damaged, and never sent as if they were there', async () => {
  const { world, transfer, run, states } = makeWorld({ gone: 10, changed: 10, fine: 10 })
  const [gone, changed] = [world.files.get('gone'), world.files.get('changed')]
  if (gone !== undefined) gone.bytes = undefined
  if (changed?.bytes !== undefined) changed.bytes[0] = 255
  transfer.wake('stored')
  await run(3)
  expect(states()).toEqual(['damaged', 'damaged', 'confirmed'])
})

test('a file that arrives as another one although it is whole here is left aside, and tried again later', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10, two: 10 })
  let isSpoilt = true
  world.trouble = (file, sent) => (file.sha === 'one' && sent !== undefined && isSpoilt ? { kind: 'mismatch' } : undefined)
  transfer.wake('stored')
  await run(1)
  expect(states()).toEqual(['waiting', 'confirmed'])
  expect(world.received).toBe(3 * 10 + 10)
  isSpoilt = false
  await run(3)
  expect(states()).toEqual(['confirmed', 'confirmed'])
})

test('a server that was ended before it looked at the whole is asked to', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10 })
  world.server.set('one', { bytes: contentOf(10), isComplete: false })
  transfer.wake('stored')
  await run(3)
  expect(states()).toEqual(['confirmed'])
  expect(world.received).toBe(0)
})

test('a server that takes nothing is not asked without end', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10 })
  let asked = 0
  world.trouble = () => {
    asked += 1
    return { kind: 'has', offset: 0, isComplete: false }
  }
  transfer.wake('stored')
  await run(1)
  expect(states()).toEqual(['waiting'])
  expect(asked).toBeLessThan(8)
  expect(world.phases.at(-1)).toBe('waiting')
})

test('who is signed out sends nothing until somebody signs in', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10 })
  world.trouble = () => ({ kind: 'signedOut' })
  transfer.wake('stored')
  await run(3)
  world.trouble = () => undefined
  transfer.wake('poll')
  await run(3)
  expect(world.phases.at(-1)).toBe('signedOut')
  transfer.wake('now')
  await run(3)
  expect(states()).toEqual(['confirmed'])
})

test('after failures it waits, longer each time, and as long as the server asks; a person hurries it', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10 })
  const times: number[] = []
  world.trouble = () => {
    times.push(world.now)
    return { kind: 'unreachable', ...(times.length === 3 ? { retryAfterMs: 60_000 } : {}) }
  }
  transfer.wake('stored')
  await run(4)
  expect(times).toEqual([0, 1000, 3000, 63_000])
  transfer.wake('poll')
  expect(world.timers).toHaveLength(1)
  world.trouble = () => undefined
  transfer.wake('now')
  await run(2)
  expect(world.now).toBe(63_000)
  expect(states()).toEqual(['confirmed'])
})

test('without a network nothing is asked, and ending it ends everything', async () => {
  const { world, transfer, run, states } = makeWorld({ one: 10 })
  world.isOnline = false
  transfer.wake('stored')
  await run(2)
  expect(world.phases).toEqual(['offline'])
  world.isOnline = true
  transfer.wake('now')
  await transfer.stop()
  await run(2)
  expect(states()).toEqual(['waiting'])
})

test('where connections are cut less is sent at once, and as much as before when the network is good again', async () => {
  const { world, transfer, run } = makeWorld({ a: 4 * 1024 * 1024 })
  const sizes: number[] = []
  let cuts = 4
  world.trouble = (file, sent) => {
    if (sent === undefined) return undefined
    sizes.push(sent.length)
    if (cuts === 0) return undefined
    cuts -= 1
    // The browser has sent it again by itself, to a server that has a part of it already.
    const found = world.server.get(file.sha)
    if (found === undefined) return { kind: 'unreachable' }
    found.bytes = joined(found.bytes, sent.slice(0, 100))
    return { kind: 'has', offset: found.bytes.length, isComplete: false }
  }
  transfer.wake('now')
  for (let time = 0; time < 20; time++) await run(1)
  expect(world.files.get('a')?.state).toBe('confirmed')
  expect(sizes.slice(0, 5)).toEqual([PIECE_BYTES, PIECE_BYTES / 4, PIECE_BYTES_MIN, PIECE_BYTES_MIN, PIECE_BYTES_MIN])
  expect(Math.max(...sizes.slice(-9, -1))).toBe(PIECE_BYTES)
  expect(sizes.filter((size) => size < PIECE_BYTES).length).toBeLessThan(36)
})
