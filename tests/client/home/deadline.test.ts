import { expect, test } from 'vitest'
import { aheadOf, deadlineOf, type ReportDue } from '#client/features/home/deadline'
import { standingAt, windowOf, type ReportWindow } from '#domain/window'

const NOW = Date.parse('2024-12-12T10:00:00+08:00')

function due(window: Partial<ReportWindow>, isIn = false): ReportDue {
  const windows = [{ period: '2024', dataSet: 'a', extensions: [], ...window }]
  const found = windowOf({ timeZone: 'Asia/Shanghai', windows }, { period: '2024', dataSet: 'a', orgUnit: 'u' })
  return { window: found, standing: standingAt(found, NOW), isIn }
}
const LATE = { opens: '2024-12-01T00:00', due: '2024-12-10T17:00' }
const SOON = { opens: '2024-12-01T00:00', due: '2024-12-20T17:00' }

test('the nearest date counts, of those reports that are still with the school', () => {
  expect(deadlineOf([due(SOON), due(LATE), due(SOON)])).toMatchObject({ standing: 'late', count: 1, due: { local: LATE.due } })
  expect(deadlineOf([due(SOON), due(LATE, true), due(SOON)])).toMatchObject({
    standing: 'open',
    count: 2,
    due: { local: SOON.due },
  })
  expect(deadlineOf([due(SOON, true)])).toBeUndefined()
  expect(deadlineOf([due({})])).toBeUndefined()
  expect(deadlineOf([])).toBeUndefined()
})

test('a pace is drawn only where all reports share one window', () => {
  expect(deadlineOf([due(SOON), due(SOON, true)])?.span).toEqual({
    from: Date.parse('2024-12-01T00:00:00+08:00'),
    to: Date.parse('2024-12-20T17:00:00+08:00'),
  })
  expect(deadlineOf([due(SOON), due(LATE)])?.span).toBeUndefined()
  expect(deadlineOf([due({ due: SOON.due })])?.span).toBeUndefined()
})

test('ahead is what was answered beyond an even pace, and nothing is said outside of the span', () => {
  const span = { from: 0, to: 100 }
  expect(aheadOf(span, { now: 50, asked: 76, answered: 45 })).toBe(7)
  expect(aheadOf(span, { now: 100, asked: 76, answered: 70 })).toBe(-6)
  expect(aheadOf(span, { now: 101, asked: 76, answered: 70 })).toBeUndefined()
})
