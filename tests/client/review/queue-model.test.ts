import { describe, expect, test } from 'vitest'
import { countOf, nextAfter, noteOf, queryOf, rowsInTab, TABS } from '#client/features/review/queue-model'
import { REPORT_STATES } from '#domain/report'
import type { ReportRow } from '#plan/report-wire'

const row: ReportRow = {
  orgUnit: 'p-1',
  period: '2024',
  dataSet: 'students',
  state: 'submitted',
  round: 1,
  late: false,
  comments: 0,
  photos: 0,
  marks: 0,
}

test('every state is in one tab, and an open report in none', () => {
  for (const state of REPORT_STATES) {
    const tabs = TABS.filter((tab) => rowsInTab([{ ...row, state }], { tab, moved: new Map() }).length === 1)
    expect(tabs, state).toHaveLength(1)
  }
  expect(TABS.flatMap((tab) => rowsInTab([{ ...row, state: 'open' }], { tab, moved: new Map() }))).toEqual([])
})

test('what was decided on this device leaves its tab before the server was asked again', () => {
  const moved = new Map([['p-1/2024/students', 'approved' as const]])
  expect(rowsInTab([row], { tab: 'waiting', moved })).toEqual([])
  expect(rowsInTab([row], { tab: 'approved', moved })).toEqual([{ ...row, state: 'approved' }])
})

test('the counts of a tab are those of its states', () => {
  const counts = { open: 9, submitted: 3, reviewing: 2, approved: 4, returned: 5, withdrawn: 1, reopened: 1 }
  expect(TABS.map((tab) => countOf(counts, tab))).toEqual([5, 7, 4])
  expect(countOf(undefined, 'waiting')).toBeUndefined()
})

test('a question names only what narrows it, and begins with whoever waits longest', () => {
  const filter = { period: '2024', tab: 'waiting', type: '', dataSet: '', text: ' 第一 ', only: ['late', 'changed'] } as const
  expect(queryOf(filter)).toEqual({
    ...{ period: '2024', state: 'submitted,reviewing', type: '', dataSet: '' },
    ...{ q: '第一', only: 'late,changed', sort: 'waiting' },
  })
  expect(queryOf({ ...filter, tab: 'approved' })).toMatchObject({ state: 'approved', sort: 'received' })
})

describe('a row says what is most worth knowing', () => {
  test.each([
    [{}, { kind: 'first' }],
    [
      { errors: 2, round: 2 },
      { kind: 'errors', n: 2 },
    ],
    [
      { round: 2, changed: 0 },
      { kind: 'again', n: 0 },
    ],
    [
      { round: 2, changed: 3, unanswered: 1 },
      { kind: 'again', n: 3 },
    ],
    [
      { unanswered: 1, late: true },
      { kind: 'unanswered', n: 1 },
    ],
    [{ late: true }, { kind: 'late' }],
    [{ state: 'reviewing' }, { kind: 'reviewing' }],
    [
      { warnings: 2, unanswered: 0 },
      { kind: 'warnings', n: 2 },
    ],
    [
      { state: 'returned', marks: 2 },
      { kind: 'marks', n: 2 },
    ],
    [{ state: 'returned' }, { kind: 'returned' }],
    [{ state: 'approved', errors: 1 }, { kind: 'approved' }],
  ] as const)('%j: %j', (said, note) => {
    expect(noteOf({ ...row, ...said })).toEqual(note)
  })
})

test('the next one is the one behind, then the first again, and none where there is no other', () => {
  const rows = ['a', 'b', 'c'].map((orgUnit) => ({ ...row, orgUnit }))
  expect(nextAfter(rows, 'a/2024/students')?.orgUnit).toBe('b')
  expect(nextAfter(rows, 'c/2024/students')?.orgUnit).toBe('a')
  expect(nextAfter(rows, 'gone/2024/students')?.orgUnit).toBe('a')
  expect(nextAfter(rows.slice(0, 1), 'a/2024/students')).toBeUndefined()
})
