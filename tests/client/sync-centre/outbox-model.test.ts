import { expect, test } from 'vitest'
import type { OutboxRow } from '#client/device/contract'
import { addressOf, placeOf, reasonOf, refusedRows, waitingGroups } from '#client/features/sync-centre/outbox-model'
import { deliveredSince } from '#client/features/sync-centre/use-outbox'
import { REJECTIONS } from '#sync/protocol'
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
  expect(groups.map(({ place, rows, at }) => [place.period, place.dataSet, rows.map(({ key }) => key), at])).toEqual([
    ['2024', 'house', ['v/2024/rooms', 'm/2024/house'], 14],
    ['2024', 'staff', ['v/2024/teachers', 'v/2024/teachers/remark'], 12],
    ['2023', 'house', ['v/2023/rooms'], 15],
  ])
})

test('what was refused leads to the field where it can be typed again', () => {
  const refused = refusedRows(plan, [
    row('v/2024/pupils.primary', { verdict: 'rejected: invalid' }),
    row('v/2024/rooms'),
    row('v/2024/teachers', { verdict: 'applied' }),
  ])
  expect(refused.map(({ place }) => addressOf(place))).toEqual(['/u/u1/2024/fill/staff#pupils.primary'])
})

test('a key that the plan does not know is kept in the list, without an address', () => {
  const gone = row('v/2024/gone', { verdict: 'rejected: invalid' })
  expect(refusedRows(plan, [gone])).toHaveLength(1)
  expect(addressOf(placeOf(plan, gone))).toBeUndefined()
  expect(addressOf(placeOf(plan, row('x/y')))).toBeUndefined()
})

test('every reason of the protocol has its own sentence, and a newer one is told as it is', () => {
  const sentences = REJECTIONS.map((why) => reasonOf(`rejected: ${why}`))
  expect(new Set(sentences).size).toBe(REJECTIONS.length)
  expect(sentences).not.toContain('sync-centre.reason.other')
  expect(reasonOf('rejected: full moon')).toBe('sync-centre.reason.other')
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
