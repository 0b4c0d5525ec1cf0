import { expect, test } from 'vitest'
import { reviewRows, type ReviewInput } from '#client/features/review/review-rows'
import type { ShownCell } from '#client/device/contract'
import type { OrgUnit } from '#domain/org-unit'
import type { ReportPage } from '#plan/report-wire'
import { valueKey, type Json } from '#sync/protocol'
import { smallPlan } from '../state/small-plan'

const plan = smallPlan()
const unit: OrgUnit = { code: 'p-1', name: '一小', type: 'primary', ownership: 'public' }
const cell = (key: string, value: Json): [string, ShownCell] => [
  key,
  { key, value, mark: 'confirmed', heads: [], base: [], at: 1, by: 'wang', receipt: 3 },
]

function input(values: Readonly<Record<string, Json>>, page?: ReportPage): ReviewInput {
  const stream = {
    ...{ stream: 's/p-1', drafts: new Map() },
    cells: new Map(Object.entries(values).map(([key, value]) => cell(key, value))),
  }
  const valuesOf = (period: string) => ({ get: (element: string) => stream.cells.get(valueKey(period, element)) })
  return {
    ...{ plan, unit, period: '2024', dataSet: 'house', stream, page, peers: undefined },
    ...{ values: valuesOf('2024'), lastYear: valuesOf('2023'), remarkOf: () => undefined, findings: [] },
  }
}
const rowsOf = (of: ReviewInput) => new Map(reviewRows(of).flatMap(({ rows }) => rows.map((row) => [row.asked.id, row])))

const values = {
  'v/2024/rooms': '12.3',
  'v/2023/rooms': '12',
  'v/2024/canteen': 'true',
  'v/2023/canteen': 'false',
  'v/2024/meals': '5',
}

test('the change against last year is a number only where both are', () => {
  const rows = rowsOf(input({ ...values, 'v/2024/rooms': '15' }))
  expect(rows.get('rooms')?.change).toBe(3)
  expect(rows.get('canteen')?.change).toBeUndefined()
  expect(rows.get('meals')?.change).toBeUndefined()
})

test('what the answers close is no row', () => {
  expect([...rowsOf(input(values)).keys()]).toEqual(['rooms', 'canteen', 'meals', 'rating'])
  expect([...rowsOf(input({ ...values, 'v/2024/canteen': 'false' })).keys()]).toEqual(['rooms', 'canteen', 'rating'])
})

test('comments, and files that were not taken away, stand at their element and at no other', () => {
  const about = { period: '2024', dataSet: 'house', element: 'rooms' }
  const rows = rowsOf(
    input({
      ...values,
      'c/c-aaaaaaaaaaaaa/about': about,
      'c/c-aaaaaaaaaaaaa/text': '请核对',
      'c/c-bbbbbbbbbbbbb/about': { ...about, period: '2023' },
      'c/c-bbbbbbbbbbbbb/text': '去年的',
      [`a/v/2024/rooms/${'1'.repeat(64)}`]: { name: 'a.jpg' },
      [`a/v/2024/rooms/${'2'.repeat(64)}`]: null,
    }),
  )
  expect(rows.get('rooms')?.comments.map(({ text }) => text)).toEqual(['请核对'])
  expect([...rows.values()].map(({ files }) => files)).toEqual([1, 0, 0, 0])
  expect(rows.get('canteen')?.comments).toEqual([])
})

test('without the server each row is there, and with it says what stood before', () => {
  expect(rowsOf(input(values)).get('rooms')?.before).toBeUndefined()
  const element = { element: 'rooms', isAsked: true, isOwn: true, value: '12.3', lastYear: '12', files: [] }
  const page = { elements: [{ ...element, before: { value: '9' } }] } as unknown as ReportPage
  expect(rowsOf(input(values, page)).get('rooms')?.before).toEqual({ value: '9' })
})
