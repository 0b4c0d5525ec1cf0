import { expect, test } from 'vitest'
import type { OutboxRow } from '#client/device/contract'
import { conflictRows, periodOf, valuesOfPeriod, waitingGroups } from '#client/features/sync-centre/outbox-model'
import { deliveredSince } from '#client/features/sync-centre/use-outbox'
import { conflictAddress } from '#client/state/cell-words'
import { confirmed, onDevice } from '../state/cells'
import { smallPlan } from '../state/small-plan'

const plan = smallPlan()
let n = 0
const row = (key: string, over: Partial<OutboxRow> = {}): OutboxRow => ({
  stream: 's/u1',
  n: ++n,
  key,
  value: '1',
  at: n,
  ...over,
})

test('what waits stands by data set, in the order of sending, each cell once', () => {
  const groups = waitingGroups(plan, [
    row('v/2024/rooms', { at: 10 }),
    row('v/2024/teachers', { at: 11 }),
    row('v/2024/teachers/remark', { at: 12 }),
    row('v/2024/rooms', { at: 13 }),
    row('m/2024/house', { at: 14, value: true }),
    row('v/2023/rooms', { at: 15 }),
    row('v/2024/teachers', { at: 16, verdict: 'rejected: locked' }),
  ])
  expect(groups.map(({ place, rows, at }) => [periodOf(place), place.dataSet, rows.map(({ key }) => key), at])).toEqual([
    ['2024', 'house', ['v/2024/rooms', 'm/2024/house'], 14],
    ['2024', 'staff', ['v/2024/teachers', 'v/2024/teachers/remark'], 12],
    ['2023', 'house', ['v/2023/rooms'], 15],
  ])
})

test('cells with two values are listed over all schools, the newest first', () => {
  const cells = (keys: readonly (readonly [string, number])[]) =>
    new Map(keys.map(([key, at]) => [key, { ...confirmed('1', { key, at }), mark: 'conflict' as const }]))
  const quiet = confirmed('1', { key: 'v/2024/rooms', at: 99 })
  const rows = conflictRows(plan, [
    { stream: 's/u1', cells: new Map([...cells([['v/2024/teachers', 5]]), ['v/2024/rooms', quiet]]), drafts: new Map() },
    { stream: 's/u2', cells: cells([['v/2023/rooms/remark', 7]]), drafts: new Map() },
  ])
  expect(rows.map(({ stream, place }) => [stream, conflictAddress(plan, place)])).toEqual([
    ['s/u2', '/u/u2/2023/conflict/rooms%3Aremark'],
    ['s/u1', '/u/u1/2024/conflict/teachers'],
  ])
})

test('last year on this device is counted in values: neither remarks nor other years', () => {
  const keys = ['v/2023/rooms', 'v/2023/rooms/remark', 'v/2023/teachers', 'v/2024/rooms', 'm/2023/house']
  const cells = new Map(keys.map((key) => [key, confirmed('1', { key })]))
  expect(valuesOfPeriod({ stream: 's/u1', cells, drafts: new Map() }, '2023')).toBe(2)
})

test('delivered today is what I wrote today and the server has, newest first', () => {
  const cells = new Map([
    ['a', confirmed('1', { at: 50, key: 'a' })],
    ['b', confirmed('1', { at: 70, key: 'b' })],
    ['c', confirmed('1', { at: 60, key: 'c', by: 'li' })],
    ['d', onDevice('1', { at: 60, key: 'd' })],
    ['e', confirmed('1', { at: 10, key: 'e' })],
  ])
  const delivered = deliveredSince([{ stream: 's/u1', cells, drafts: new Map() }], { username: 'wang', since: 50 })
  expect(delivered.map(({ cell }) => cell.key)).toEqual(['b', 'a'])
})
