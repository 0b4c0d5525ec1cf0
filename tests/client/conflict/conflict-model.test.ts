import { expect, test } from 'vitest'
import {
  apart,
  comeSince,
  conflictAfter,
  conflictNamed,
  conflictsOf,
  goneSince,
  inViewOf,
  joined,
  remarkBy,
  seenOf,
} from '#client/features/conflict/conflict-model'
import { storyOf } from '#client/features/conflict/story'
import type { ShownHead } from '#client/device/contract'
import { conflict, confirmed } from '../state/cells'
import { smallPlan } from '../state/small-plan'

const two = conflict(['1', 'wang'], ['2', 'li'])
const head = (id: string, value: ShownHead['value'], by = 'li'): ShownHead => ({
  ...{ id, value, by, at: 1, device: 'x' },
  from: [{ id, base: [], by, at: 1 }],
})

test('conflicts stand in the order of the forms, a remark behind its value, what the plan does not know last', () => {
  const keys = ['v/2024/gone', 'v/2024/rooms/remark', 'm/2024/staff', 'v/2024/rooms', 'v/2024/teachers', 'v/2023/rooms']
  const cells = new Map(keys.map((key) => [key, two] as const))
  cells.set('v/2024/canteen', confirmed('true'))
  const found = conflictsOf({ plan: smallPlan(), period: '2024', cells })
  expect(found.map(({ id }) => id)).toEqual(['teachers', 'rooms', 'rooms:remark', 'mark:staff', 'gone'])
  expect(conflictNamed(found, 'rooms')?.key).toBe('v/2024/rooms')
  expect(conflictNamed(found.slice(2), 'rooms')?.key).toBe('v/2024/rooms/remark')
  expect(conflictNamed(found, 'canteen')).toBeUndefined()
  expect(conflictAfter(found, 'rooms')?.id).toBe('rooms:remark')
  expect(conflictAfter(found, 'gone')?.id).toBe('teachers')
  expect(conflictAfter(found.slice(0, 1), 'teachers')).toBeUndefined()
  expect(conflictAfter(found, 'decided already')?.id).toBe('teachers')
})

test('what comes in after the page showed the values, and what goes, is noticed', () => {
  const seen = seenOf({ heads: [head('a', '1'), head('b', '2')], base: ['a', 'b'] })
  expect(comeSince(seen, { heads: seen.heads })).toEqual([])
  expect(goneSince(seen, { heads: seen.heads })).toBe(false)
  expect(comeSince(seen, { heads: [...seen.heads, head('c', '3')] }).map(({ id }) => id)).toEqual(['c'])
  expect(goneSince(seen, { heads: [head('a', '1'), head('d', '4')] })).toBe(true)
  // Somebody else typed one of the values, too: that is one more who is not yet replaced.
  const same = { ...head('a', '1'), from: [...head('a', '1').from, ...head('e', '1').from] }
  expect(comeSince(seen, { heads: [same, head('b', '2')] })).toHaveLength(1)
})

test('texts are put together one under the other, each once', () => {
  expect(joined([head('a', ' 一期完工 '), head('b', null), head('c', '二期开工'), head('d', '一期完工')])).toBe(
    '一期完工\n二期开工',
  )
})

test('two numbers are as far apart as people would say, and other things are not apart', () => {
  expect(apart([head('a', '0.3'), head('b', '0.1')])).toBe(0.2)
  expect(apart([head('a', '181'), head('b', '183')])).toBe(2)
  expect(apart([head('a', '181'), head('b', null)])).toBeUndefined()
  expect(apart([head('a', '1'), head('b', '2'), head('c', '3')])).toBeUndefined()
})

test('one’s own value stands first, and each value has its author’s remark', () => {
  const heads = [head('a', '1', 'li'), head('b', '2', 'wang'), head('c', '3', 'zhao')]
  expect(inViewOf(heads, 'wang').map(({ id }) => id)).toEqual(['b', 'a', 'c'])
  const remarks = [head('r', '说明', 'wang'), head('s', '', 'li')]
  expect(heads.map((each) => remarkBy(remarks, each))).toEqual([undefined, '说明', undefined])
})

test('where the values parted is known, not known here, or nowhere', () => {
  const from = (...base: string[]) => ({ from: [{ id: 'x', base, by: 'li', at: 1 }] })
  const past = { id: 'a', key: 'k', value: '1', base: [], by: 'li', device: 'd', at: 1 }
  expect(storyOf({ past: [past], isPart: false }, [from('a'), from('a')])).toMatchObject({ kind: 'known', base: { id: 'a' } })
  expect(storyOf({ past: [], isPart: true }, [from('a'), from('a')])).toEqual({ kind: 'unknown' })
  expect(storyOf(undefined, [from(), from()])).toEqual({ kind: 'none' })
})
