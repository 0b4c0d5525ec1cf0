import { describe, expect, test } from 'vitest'
import {
  byReport,
  changedKeys,
  faultsOf,
  isSame,
  mergeWindows,
  placeOf,
  windowAt,
  withTimes,
  withWindow,
} from '#client/features/windows/windows-model'
import type { Extension, ReportWindow } from '#domain/window'

const A = { period: '2031', dataSet: 'a' }
const B = { period: '2031', dataSet: 'b' }
const window = (times: Partial<ReportWindow> = {}, extensions: readonly Extension[] = []): ReportWindow => ({
  ...A,
  ...times,
  extensions,
})
const DUE = '2031-12-20T23:59'
const LATER = '2031-12-25T23:59'

test('the same times go to all, and what is left out stays as it is in each', () => {
  const before = byReport([window({ opens: '2031-11-01T08:00', due: DUE }, [{ orgUnit: 's', due: LATER }])])
  const after = withTimes(before, [A, B], { due: LATER })
  expect(windowAt(after, A)).toEqual({
    ...A,
    opens: '2031-11-01T08:00',
    due: LATER,
    closes: undefined,
    extensions: [{ orgUnit: 's', due: LATER }],
  })
  expect(windowAt(after, B)).toMatchObject({ due: LATER, extensions: [] })
  expect(changedKeys(before, after)).toEqual(new Set(['2031 a', '2031 b']))
  expect(windowAt(before, A).due).toBe(DUE)
})

test('a window that says nothing is none; the order of schools says nothing', () => {
  expect(withWindow(byReport([window({ due: DUE })]), window())).toEqual(new Map())
  expect(isSame(undefined, window())).toBe(true)
  expect(isSame(window({}, [{ orgUnit: 's' }]), window())).toBe(false)
  const [one, other] = [
    { orgUnit: 's', due: DUE },
    { orgUnit: 't', closes: DUE },
  ]
  expect(isSame(window({}, [one, other]), window({}, [other, one]))).toBe(true)
  expect(isSame(window({}, [{ orgUnit: 's', due: DUE }]), window({}, [{ orgUnit: 's', closes: DUE }]))).toBe(false)
})

describe('somebody else was faster', () => {
  const seen = byReport([window({ opens: '2031-11-01T08:00', due: DUE }, [{ orgUnit: 's', due: LATER }])])
  const merge = (mine: ReportWindow, found: ReportWindow) =>
    windowAt(mergeWindows({ seen, mine: withWindow(seen, mine), found: withWindow(seen, found) }), A)
  const at = windowAt(seen, A)

  test('a time that was typed stays, one that was not is theirs', () => {
    expect(merge({ ...at, due: LATER }, { ...at, opens: '2031-10-01T08:00', due: '2031-12-01T12:00' })).toMatchObject({
      opens: '2031-10-01T08:00',
      due: LATER,
    })
    expect(merge({ ...at, due: undefined }, { ...at, due: LATER }).due).toBeUndefined()
    expect(merge(at, { ...at, due: LATER }).due).toBe(LATER)
  })
  test('each adds a school, each takes one away: all of it holds', () => {
    const [s, t, u] = [
      { orgUnit: 's', due: LATER },
      { orgUnit: 't', due: LATER },
      { orgUnit: 'u', due: LATER },
    ] as const
    expect(merge({ ...at, extensions: [s, t] }, { ...at, extensions: [s, u] }).extensions).toEqual([s, u, t])
    expect(merge({ ...at, extensions: [] }, { ...at, extensions: [s, u] }).extensions).toEqual([u])
    expect(merge({ ...at, extensions: [s, t] }, { ...at, extensions: [] }).extensions).toEqual([t])
    const mine = { orgUnit: 's', due: '2031-12-31T23:59' }
    expect(merge({ ...at, extensions: [mine] }, { ...at, extensions: [] }).extensions).toEqual([mine])
  })
  test('what nobody here has touched is as the server has it, also where it is gone', () => {
    expect(mergeWindows({ seen, mine: seen, found: new Map() })).toEqual(new Map())
    expect(merge({ ...at, closes: LATER }, { ...A, extensions: [] })).toEqual({ ...A, closes: LATER, extensions: [] })
  })
})

test('a fault is seen before it is sent, and one of the server’s is brought to its report', () => {
  const wrong = byReport([window({ opens: LATER, due: DUE }), { ...B, due: DUE, extensions: [{ orgUnit: 's' }] }])
  expect([...faultsOf(wrong)]).toEqual([
    ['2031 a', { path: 'due', fault: { kind: 'window.invalid', values: { problem: 'dueBeforeOpens' } } }],
    ['2031 b', { path: 'extensions.0', fault: { kind: 'window.invalid', values: { problem: 'extensionEmpty' } } }],
  ])
  const fault = { kind: 'orgUnit.unknown', path: 'windows.1.extensions.0.orgUnit', values: { orgUnit: 's' } } as const
  expect(placeOf(fault, [A, B])).toEqual({
    key: '2031 b',
    fault: { path: 'extensions.0.orgUnit', fault: { kind: 'orgUnit.unknown', values: { orgUnit: 's' } } },
  })
  expect(placeOf({ kind: 'right.missing' }, [A, B])).toBeUndefined()
  expect(placeOf(fault, [A])).toBeUndefined()
})
