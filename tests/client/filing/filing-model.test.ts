import { expect, test } from 'vitest'
import { digestText, filingSheet } from '#client/features/filing/filing-model'
import type { ShownCell, ShownStream } from '#client/device/contract'
import type { OrgUnit } from '#domain/org-unit'
import { reportDigest } from '#sync/report-digest'
import { remarkKey, valueKey, type Json } from '#sync/protocol'
import { confirmed, rejected } from '../state/cells'
import { smallPlan } from '../state/small-plan'

const plan = smallPlan()
const unit: OrgUnit = { code: 'p-1', name: '一小', type: 'primary', ownership: 'public' }

function shown(values: Readonly<Record<string, Json>>, waiting: readonly string[] = []): ShownStream {
  const cells = Object.entries(values).map(([key, value]): [string, ShownCell] => [
    key,
    {
      ...{ key, value, heads: [], base: [], at: 1, by: 'wang' },
      ...(waiting.includes(key) ? { mark: 'onDevice' } : { mark: 'confirmed', receipt: 7 }),
    },
  ])
  return { stream: 's/p-1', cells: new Map(cells), drafts: new Map() }
}

function sheetOf(stream: ShownStream, isLocked = false) {
  const valueAt = (element: string) => stream.cells.get(valueKey('2024', element))
  return filingSheet({
    ...{ plan, unit, period: '2024', dataSet: 'house', stream, isLocked },
    values: { get: (element) => valueAt(element) },
    remarkOf: (element) => stream.cells.get(remarkKey('2024', element))?.value as string | undefined,
  })
}

const house = { 'v/2024/rooms': '12', 'v/2024/rooms/remark': '含专用教室', 'v/2024/canteen': 'true', 'v/2024/rating': '88' }

test('paper has every value that the form asks, with its remark, and says which are not the school’s own', () => {
  const [section] = sheetOf(shown(house)).sections
  expect(section?.lines.map(({ asked, text, remark, isOwn, isPlain }) => [asked.id, text, remark, isOwn, isPlain])).toEqual([
    ['rooms', '12', '含专用教室', true, true],
    ['canteen', '是', undefined, true, true],
    ['meals', '–', undefined, true, false],
    ['rating', '88', undefined, false, true],
  ])
  const without = sheetOf(shown({ ...house, 'v/2024/canteen': 'false' })).sections[0]?.lines
  expect(without?.map(({ asked }) => asked.id)).toEqual(['rooms', 'canteen', 'rating'])
})

test('its digest is what a submission vouches for: the school’s own values and remarks, and nothing else', () => {
  const own = ['v/2024/rooms', 'v/2024/rooms/remark', 'v/2024/canteen']
  const values: Readonly<Record<string, Json>> = house
  expect(sheetOf(shown(house)).digest).toBe(reportDigest(own, (key) => values[key]))
  expect(sheetOf(shown({ ...house, 'v/2024/rating': '1' })).digest).toBe(sheetOf(shown(house)).digest)
  expect(sheetOf(shown({ ...house, 'v/2024/rooms': '13' })).digest).not.toBe(sheetOf(shown(house)).digest)
})

test('it says how much of it the server has not confirmed', () => {
  expect(sheetOf(shown(house)).onDevice).toBe(0)
  expect(sheetOf(shown(house, ['v/2024/rooms', 'v/2024/rating'])).onDevice).toBe(1)
})

test('what the bureau did not take into a report that it has is neither on paper nor in the digest; a draft counts it as not sent', () => {
  const stream = shown(house)
  const cell = { ...rejected('13', 'rejected: locked', { key: 'v/2024/rooms' }), heads: confirmed('12').heads }
  const refused: ShownStream = { ...stream, cells: new Map([...stream.cells, ['v/2024/rooms', cell]]) }
  const [paper, draft] = [sheetOf(refused, true), sheetOf(refused)]
  expect(paper.sections[0]?.lines[0]?.text).toBe('12')
  expect(paper.digest).toBe(sheetOf(stream).digest)
  expect(paper.onDevice).toBe(0)
  expect(draft.sections[0]?.lines[0]?.text).toBe('13')
  expect(draft.onDevice).toBe(1)
})

test('a digest is read in fours', () => {
  expect(digestText('b5a5c0a87c3cbf0e')).toBe('b5a5 c0a8 7c3c bf0e')
})
