import { expect, test } from 'vitest'
import { leftOutByPage, leftOutByRow, type LeftOut } from '#client/features/review/bulk'
import type { ReportElement, ReportPage, ReportRow } from '#plan/report-wire'

const row: ReportRow = {
  ...{ orgUnit: 'p-1', period: '2024', dataSet: 'students', state: 'submitted' },
  ...{ round: 1, late: false, comments: 0, photos: 0, marks: 0, errors: 0, warnings: 1, unanswered: 0 },
}
const file = { sha256: 'x', about: null, by: 'wang', at: 1, hasArrived: true }
const element: ReportElement = {
  ...{ element: 'pupils', isAsked: true, isOwn: true, value: '5', lastYear: null },
  files: [file],
}
const page: ReportPage = {
  ...{ row, digest: '0'.repeat(16), elements: [element], contradictions: [], comments: [], steps: [] },
  findings: [{ level: 'warning', kind: 'changed', elements: ['pupils'], answered: true }],
}
const comment = { id: 'c-1', text: '?', to: [], resolved: false, by: 'li', at: 1 }

test('a report of which every check passes is approved with the others', () => {
  expect(leftOutByRow(row)).toBeUndefined()
  expect(leftOutByPage(page)).toBeUndefined()
  expect(leftOutByPage({ ...page, comments: [{ ...comment, resolved: true }] })).toBeUndefined()
})

test.each<[LeftOut, Partial<ReportRow>]>([
  ['notWaiting', { state: 'returned' }],
  ['notWaiting', { state: 'approved' }],
  ['errors', { errors: 1 }],
  ['warnings', { unanswered: 1 }],
  ['comments', { comments: 1 }],
])('the queue alone leaves it out: %s of %j', (why, said) => {
  expect(leftOutByRow({ ...row, ...said })).toBe(why)
})

test.each<[LeftOut, Partial<ReportPage>]>([
  ['notWaiting', { row: { ...row, state: 'withdrawn' } }],
  ['errors', { findings: [{ level: 'error', kind: 'outOfRange', elements: ['pupils'] }] }],
  ['warnings', { findings: [{ level: 'warning', kind: 'changed', elements: ['pupils'], answered: false }] }],
  ['comments', { comments: [comment] }],
  [
    'contradicted',
    {
      contradictions: [
        { check: 'c', elements: [], reported: 'met', verdict: 'unmet', of: 'visit', inspection: 'v-1', item: 'i', at: 1 },
      ],
    },
  ],
  ['conflicts', { elements: [{ ...element, conflict: true }] }],
  ['photos', { elements: [{ ...element, files: [file, { ...file, hasArrived: false }] }] }],
])('all that is said about it leaves it out: %s', (why, said) => {
  expect(leftOutByPage({ ...page, ...said })).toBe(why)
})
