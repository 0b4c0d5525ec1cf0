import fc from 'fast-check'
import { shallowReactive } from 'vue'
import { beforeEach, describe, expect, test } from 'vitest'
import { createTypist, type Typist } from '#client/state/typist'
import type { Draft, Edit, ShownCell, ShownStream } from '#client/device/contract'
import type { Id, Json } from '#sync/protocol'

const KEY = 'v/2031/tested'
const person = { username: 'wang', name: '王', role: 'filler', orgUnits: ['a'] } as const

/** A clock moved by hand. */
function handClock() {
  let now = 1_000_000
  let timers: { at: number; wake: () => void }[] = []
  return {
    now: () => now,
    after(delayMs: number, wake: () => void) {
      const timer = { at: now + delayMs, wake }
      timers.push(timer)
      return () => void (timers = timers.filter((each) => each !== timer))
    },
    async pass(ms: number) {
      now += ms
      const due = timers.filter(({ at }) => at <= now)
      timers = timers.filter(({ at }) => at > now)
      for (const { wake } of due) wake()
      await settled()
    },
  }
}

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** A tablet in memory: drafts, and cells whose own commits replace what their base names. Other people's heads are put by hand. */
function tablet() {
  const cells = shallowReactive(new Map<string, ShownCell>())
  const drafts = shallowReactive(new Map<string, Draft>())
  const stream: ShownStream = { stream: 's/a', cells, drafts }
  const written: (Edit & { readonly as: 'draft' | 'commit' })[] = []
  let full = false
  let held: Promise<void> = Promise.resolve()
  let n = 0
  const put = (key: string, value: Json, base: readonly Id[], by: string): Id => {
    n += 1
    const id = `${by}:${n}`
    const kept = (cells.get(key)?.heads ?? []).filter((head) => !base.includes(head.id))
    const heads = [...kept, { id, value, by, at: n, device: by, from: [{ id, base, by, at: n }] }]
    cells.set(key, {
      key,
      value,
      mark: heads.length > 1 ? 'conflict' : 'onDevice',
      heads,
      base: heads.map((head) => head.id),
      at: n,
      by,
    })
    return id
  }
  return {
    stream,
    written,
    commits: () => written.filter(({ as }) => as === 'commit').map(({ value, base }) => ({ value, base })),
    fill: (isFull: boolean) => (full = isFull),
    /** Writes of values wait until the answer is called. */
    hold() {
      let release = (): void => undefined
      held = new Promise((resolve) => (release = resolve))
      return () => release()
    },
    others: (key: string, value: Json) => put(key, value, cells.get(key)?.base ?? [], 'li'),
    othersUnseen: (key: string, value: Json) => put(key, value, [], 'li'),
    device: {
      person,
      draft(edit: Edit) {
        if (full) return Promise.reject(new Error('full'))
        written.push({ ...edit, as: 'draft' })
        drafts.set(edit.key, { value: edit.value, base: edit.base, at: 0 })
        return Promise.resolve()
      },
      async commit(edit: Edit & { readonly pv: number }) {
        await held
        if (full) throw new Error('full')
        written.push({ ...edit, as: 'commit' })
        put(edit.key, edit.value, edit.base, 'wang')
        drafts.delete(edit.key)
      },
    },
  }
}

let clock: ReturnType<typeof handClock>
let at: ReturnType<typeof tablet>
let typist: Typist
beforeEach(() => {
  clock = handClock()
  at = tablet()
  typist = make()
})
const make = (): Typist =>
  createTypist({
    device: at.device,
    stream: at.stream,
    pv: 3,
    toWire: (_key, typed) => (typed === '' ? null : typed),
    clock,
  })

describe('typing', () => {
  test('every key is a draft at once, and a pause makes it a value', async () => {
    typist.focus(KEY)
    typist.type(KEY, '1')
    typist.type(KEY, '12')
    expect(at.written.map(({ as, value }) => [as, value])).toEqual([
      ['draft', '1'],
      ['draft', '12'],
    ])
    await clock.pass(1499)
    expect(at.commits()).toEqual([])
    await clock.pass(1)
    expect(at.commits()).toEqual([{ value: '12', base: [] }])
  })

  test('a key within the pause starts it anew', async () => {
    typist.type(KEY, '1')
    await clock.pass(1000)
    typist.type(KEY, '12')
    await clock.pass(1000)
    expect(at.commits()).toEqual([])
    await clock.pass(500)
    expect(at.commits()).toHaveLength(1)
  })

  test('leaving the field without a key writes nothing', async () => {
    typist.focus(KEY)
    await typist.settle(KEY)
    expect(at.written).toEqual([])
  })

  test('the base is what stood there at the focus, so a value that came in meanwhile becomes a conflict', async () => {
    const seen = at.others(KEY, '10')
    typist.focus(KEY)
    const unseen = at.others(KEY, '11')
    typist.type(KEY, '12')
    await typist.settle(KEY)
    expect(at.commits()).toEqual([{ value: '12', base: [seen] }])
    expect(at.stream.cells.get(KEY)?.heads.map(({ id }) => id)).toContain(unseen)
    expect(at.stream.cells.get(KEY)?.mark).toBe('conflict')
  })

  test('what is typed after a pause replaces one’s own value and nothing that came in unseen', async () => {
    typist.focus(KEY)
    typist.type(KEY, '1')
    await clock.pass(1500)
    const unseen = at.othersUnseen(KEY, '7')
    typist.type(KEY, '12')
    await typist.settle(KEY)
    expect(at.commits()[1]?.base).toEqual(['wang:1'])
    expect(at.stream.cells.get(KEY)?.heads.map(({ id }) => id)).toContain(unseen)
  })

  test('what came in unseen before the pause stays beside what is typed after it', async () => {
    typist.focus(KEY)
    const unseen = at.othersUnseen(KEY, '7')
    typist.type(KEY, '1')
    await clock.pass(1500)
    typist.type(KEY, '12')
    await typist.settle(KEY)
    expect(at.commits()[1]?.base).not.toContain(unseen)
    expect(at.stream.cells.get(KEY)?.heads.map(({ value }) => value)).toEqual(['7', '12'])
  })

  test('a key pressed while a value is being written is a draft on that value', async () => {
    const release = at.hold()
    typist.type(KEY, '1')
    const settling = typist.settle(KEY)
    await settled()
    typist.type(KEY, '12')
    release()
    await settling
    await settled()
    expect(at.stream.drafts.get(KEY)).toMatchObject({ value: '12', base: ['wang:1'] })
  })

  test('a new focus sees what is there then', async () => {
    typist.focus(KEY)
    typist.type(KEY, '1')
    await typist.settle(KEY)
    const theirs = at.others(KEY, '7')
    typist.focus(KEY)
    typist.type(KEY, '2')
    await typist.settle(KEY)
    expect(at.commits()[1]).toEqual({ value: '2', base: [theirs] })
    expect(at.stream.cells.get(KEY)?.heads).toHaveLength(1)
  })

  test('a whole answer is a value at once and may answer to several heads', async () => {
    at.others(KEY, '7')
    at.othersUnseen(KEY, '8')
    await typist.set(KEY, '8', at.stream.cells.get(KEY)?.base)
    expect(at.stream.cells.get(KEY)?.heads.map(({ value }) => value)).toEqual(['8'])
  })

  test('an emptied field is an empty cell', async () => {
    typist.type(KEY, '')
    await typist.settle(KEY)
    expect(at.commits()).toEqual([{ value: null, base: [] }])
  })

  test('all fields are settled at once when the page is hidden', async () => {
    typist.type('v/2031/a', '1')
    typist.type('v/2031/b', '2')
    await typist.settleAll()
    expect(at.commits().map(({ value }) => value)).toEqual(['1', '2'])
    await clock.pass(10_000)
    expect(at.commits()).toHaveLength(2)
  })
})

describe('a tablet that is full', () => {
  test('names the field, keeps the text and stores it when it can', async () => {
    at.fill(true)
    typist.type(KEY, '12')
    await settled()
    expect(typist.faults.get(KEY)).toEqual({ typed: '12' })
    await typist.settle(KEY)
    expect(at.commits()).toEqual([])
    at.fill(false)
    await clock.pass(5000)
    expect(at.commits()).toEqual([{ value: '12', base: [] }])
    expect(typist.faults.size).toBe(0)
  })

  test('is tried again with the next key', async () => {
    at.fill(true)
    typist.type(KEY, '1')
    await settled()
    at.fill(false)
    typist.type(KEY, '12')
    await settled()
    expect(typist.faults.size).toBe(0)
    expect(typist.storedAt.value).toBe(clock.now())
  })
})

describe('drafts that an earlier visit left', () => {
  test('become values with the base they were typed on', async () => {
    at.others(KEY, '7')
    await at.device.draft({ stream: 's/a', key: KEY, value: '9', base: ['li:0'] })
    typist.adoptDrafts()
    await settled()
    expect(at.commits()).toEqual([{ value: '9', base: ['li:0'] }])
    expect(at.stream.drafts.size).toBe(0)
  })

  test('are left alone while they are young: another tab may be typing', async () => {
    const drafts = shallowReactive(new Map<string, Draft>([[KEY, { value: '9', base: [], at: clock.now() - 1000 }]]))
    const one = createTypist({
      device: at.device,
      stream: { ...at.stream, drafts },
      pv: 1,
      toWire: (_key, typed) => typed,
      clock,
    })
    one.adoptDrafts()
    await settled()
    expect(at.commits()).toEqual([])
    drafts.set(KEY, { value: '91', base: [], at: clock.now() })
    await clock.pass(4000)
    expect(at.commits()).toEqual([])
  })
})

test('whatever is typed, left, paused and refused, the last text of every field is the value in the end', async () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('type' as const), key: fc.constantFrom('v/1/a', 'v/1/b'), text: fc.string({ maxLength: 4 }) }),
    fc.record({ do: fc.constant('focus' as const), key: fc.constantFrom('v/1/a', 'v/1/b') }),
    fc.record({ do: fc.constant('settle' as const), key: fc.constantFrom('v/1/a', 'v/1/b') }),
    fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 4000 }) }),
    fc.record({ do: fc.constant('full' as const), full: fc.boolean() }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      clock = handClock()
      at = tablet()
      typist = make()
      const last = new Map<string, string>()
      for (const each of steps) {
        if (each.do === 'type') {
          typist.type(each.key, each.text)
          last.set(each.key, each.text)
        } else if (each.do === 'focus') typist.focus(each.key)
        else if (each.do === 'settle') void typist.settle(each.key)
        else if (each.do === 'pass') await clock.pass(each.ms)
        else at.fill(each.full)
      }
      at.fill(false)
      await settled()
      await typist.settleAll()
      await clock.pass(5000)
      await settled()
      for (const [key, text] of last) {
        expect(at.stream.cells.get(key)?.value).toBe(text === '' ? null : text)
        // One's own values never conflict with each other.
        expect(at.stream.cells.get(key)?.heads).toHaveLength(1)
        expect(at.stream.drafts.has(key)).toBe(false)
      }
      expect(typist.faults.size).toBe(0)
    }),
  )
})
