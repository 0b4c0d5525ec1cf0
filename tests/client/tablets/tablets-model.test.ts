import { expect, test } from 'vitest'
import {
  DAY_MS,
  HOUR_MS,
  isOlder,
  isShown,
  MINUTE_MS,
  rowOf,
  sortedTablets,
  type SortKey,
  type Worry,
} from '#client/features/tablets/tablets-model'
import type { Tablet } from '#domain/tablet'

const NOW = Date.UTC(2024, 11, 20, 2)
const quiet: Tablet = {
  id: 'aaaaaaaaaaaaa',
  username: 'wang',
  name: '王',
  role: 'filler',
  orgUnits: ['p-1'],
  firstContact: NOW - 90 * DAY_MS,
  lastContact: NOW - MINUTE_MS,
  clockAhead: 0,
  app: '1.2.3',
  plan: 1,
  unsent: 0,
  refused: 0,
  conflicts: 0,
  files: 0,
  drafts: 0,
  storage: {},
  mayRevoke: true,
}
const worriesOf = (said: Partial<Tablet>) => rowOf({ ...quiet, ...said }, NOW).worries

test('a tablet that sent everything a minute ago worries nobody', () => {
  expect(worriesOf({})).toEqual([])
})

test.each<[Worry, Partial<Tablet>, Partial<Tablet>]>([
  ['stuck', { unsent: 1, oldest: NOW - DAY_MS }, { unsent: 1, oldest: NOW - DAY_MS + 1 }],
  ['stuck', { unsent: 1, lastContact: NOW - DAY_MS }, { unsent: 0, lastContact: NOW - DAY_MS }],
  ['stuck', { files: 1, lastContact: NOW - DAY_MS }, { files: 0, lastContact: NOW - DAY_MS }],
  ['full', { storage: { used: 90, quota: 100 } }, { storage: { used: 89, quota: 100 } }],
  ['refused', { refused: 1 }, { refused: 0 }],
  ['conflicts', { conflicts: 1 }, { conflicts: 0 }],
  ['clock', { clockAhead: -5 * MINUTE_MS }, { clockAhead: 5 * MINUTE_MS - 1 }],
  ['silent', { lastContact: NOW - 30 * DAY_MS }, { lastContact: NOW - 30 * DAY_MS + 1 }],
])('%s, from its limit on: %j, not %j', (worry, from, below) => {
  expect(worriesOf(from)).toEqual([worry])
  expect(worriesOf(below)).toEqual([])
})

test('how long something waits is told by the server’s clock, however wrong the tablet’s is', () => {
  const year = 365 * DAY_MS
  const typed = { unsent: 1, oldest: NOW + year - 3 * HOUR_MS, clockAhead: year }
  expect(rowOf({ ...quiet, ...typed }, NOW)).toMatchObject({ waitedMs: 3 * HOUR_MS, worries: ['clock'] })
  // The tablet's clock was put right between typing and contact: it has waited at least since the contact.
  const later = { unsent: 1, oldest: NOW + year, lastContact: NOW - HOUR_MS }
  expect(rowOf({ ...quiet, ...later }, NOW).waitedMs).toBe(HOUR_MS)
})

test('a storage that says nothing, or that it may hold nothing, is not called full', () => {
  for (const storage of [{}, { used: 5 }, { quota: 5 }, { used: 0, quota: 0 }]) expect(worriesOf({ storage })).toEqual([])
})

test('who was revoked worries nobody any more, and is found among the revoked', () => {
  const row = rowOf({ ...quiet, unsent: 5, refused: 2, lastContact: NOW - 60 * DAY_MS, revoked: { at: NOW, by: 'admin' } }, NOW)
  expect(row.worries).toEqual([])
  expect((['all', 'attention', 'revoked'] as const).map((shown) => isShown(row, shown))).toEqual([true, false, true])
  const worrying = rowOf({ ...quiet, refused: 1 }, NOW)
  expect((['all', 'attention', 'revoked'] as const).map((shown) => isShown(worrying, shown))).toEqual([true, true, false])
})

const sortedIds = (tablets: readonly Tablet[], by: SortKey, direction: 'ascending' | 'descending') =>
  sortedTablets(
    tablets.map((tablet) => rowOf(tablet, NOW)),
    { by, direction },
    ({ name }) => name,
  ).map(({ tablet }) => tablet.id)

test('what worries most comes first, the longest wait before a shorter one, the longest silence before a shorter one', () => {
  const tablets: readonly Tablet[] = [
    { ...quiet, id: 'revoked', unsent: 9, lastContact: NOW - 80 * DAY_MS, revoked: { at: NOW, by: 'admin' } },
    { ...quiet, id: 'fine' },
    { ...quiet, id: 'quieter', lastContact: NOW - 5 * DAY_MS },
    { ...quiet, id: 'refused', refused: 1 },
    { ...quiet, id: 'stuck', unsent: 1, oldest: NOW - 2 * DAY_MS },
    { ...quiet, id: 'stuckLonger', unsent: 1, oldest: NOW - 3 * DAY_MS },
    { ...quiet, id: 'silent', lastContact: NOW - 40 * DAY_MS },
  ]
  const order = ['stuckLonger', 'stuck', 'refused', 'silent', 'quieter', 'fine', 'revoked']
  expect(sortedIds(tablets, 'state', 'descending')).toEqual(order)
  expect(sortedIds([...tablets].reverse(), 'state', 'descending')).toEqual(order)
  expect(sortedIds(tablets, 'state', 'ascending')).toEqual([...order].reverse())
})

test('the other columns sort by what they show', () => {
  const tablets: readonly Tablet[] = [
    { ...quiet, id: 'a', name: '第 10 小学', unsent: 2, lastContact: 3 },
    { ...quiet, id: 'b', name: '第 9 小学', unsent: 1, files: 4, lastContact: 1 },
    { ...quiet, id: 'c', name: '第 9 小学', unsent: 0, lastContact: 2 },
  ]
  expect(sortedIds(tablets, 'user', 'ascending')).toEqual(['b', 'c', 'a'])
  expect(sortedIds(tablets, 'contact', 'ascending')).toEqual(['b', 'c', 'a'])
  expect(sortedIds(tablets, 'unsent', 'descending')).toEqual(['b', 'a', 'c'])
})

test.each([
  ['1.2.3', '1.2.4', true],
  ['1.2.3', '1.10.0', true],
  ['1.2', '1.2.1', true],
  ['1.2.3', '1.2.3', false],
  ['2.0.0', '1.9.9', false],
  ['', '1.0.0', false],
  ['test', '1.0.0', false],
])('the app %s is older than %s: %s', (version, than, expected) => {
  expect(isOlder(version, than)).toBe(expected)
})
