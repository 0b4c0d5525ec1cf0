import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isLate,
  isLocalTime,
  isTimeZone,
  localToTime,
  MINUTE_MS,
  problemOf,
  standingAt,
  timeToLocal,
  windowOf,
  type ReportWindow,
  type Windows,
} from '#domain/window'

const ZONES = [
  'Asia/Shanghai',
  'Asia/Urumqi',
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
]
const zone = fc.constantFrom(...ZONES)
/** Between 1970 and 2100, whole minutes. */
const minute = fc.integer({ min: 0, max: Math.floor(Date.UTC(2100, 0, 1) / MINUTE_MS) }).map((it) => it * MINUTE_MS)

const REPORT = { period: '2024', dataSet: 'students', orgUnit: 'p-1' }
const WINDOW: ReportWindow = {
  ...{ period: '2024', dataSet: 'students', opens: '2024-11-01T08:00', due: '2024-12-20T23:59', closes: '2024-12-31T12:00' },
  extensions: [{ orgUnit: 'k-1', due: '2024-12-25T23:59' }],
}
const district = (...windows: readonly ReportWindow[]): Windows => ({ timeZone: 'Asia/Shanghai', windows })

describe('wall clocks', () => {
  it('are eight hours ahead in the whole of China', () => {
    expect(localToTime('2024-12-20T23:59', 'Asia/Shanghai')).toBe(Date.UTC(2024, 11, 20, 15, 59))
    expect(timeToLocal(Date.UTC(2024, 11, 31, 16, 0), 'Asia/Shanghai')).toBe('2025-01-01T00:00')
  })

  it('that are put back show an hour twice, and the later one counts; one that they jump over is read as before the jump', () => {
    expect(localToTime('2024-11-03T01:30', 'America/New_York')).toBe(Date.UTC(2024, 10, 3, 6, 30))
    expect(localToTime('2024-03-10T02:30', 'America/New_York')).toBe(Date.UTC(2024, 2, 10, 7, 30))
  })

  it('read off at any moment lead back to it, but for the hour that is there twice', () => {
    fc.assert(
      fc.property(minute, zone, (at, timeZone) => {
        const local = timeToLocal(at, timeZone)
        const back = localToTime(local, timeZone)
        expect(isLocalTime(local)).toBe(true)
        expect(timeToLocal(back, timeZone)).toBe(local)
        expect(back - at).toBeGreaterThanOrEqual(0)
        expect(back - at).toBeLessThanOrEqual(60 * MINUTE_MS)
      }),
    )
  })

  it('never run backwards in a zone without summer time', () => {
    fc.assert(
      fc.property(minute, minute, (one, other) => {
        const [first, second] = one < other ? [one, other] : [other, one]
        const [early, late] = [timeToLocal(first, 'Asia/Kathmandu'), timeToLocal(second, 'Asia/Kathmandu')]
        expect(early <= late).toBe(true)
      }),
    )
  })

  it('show no thirtieth of February, no 24:00 and no seconds', () => {
    for (const text of ['2024-02-30T10:00', '2023-02-29T10:00', '2024-12-20T24:00', '2024-12-20T10:00:00', '2024-12-20', ''])
      expect(isLocalTime(text), text).toBe(false)
    expect(isLocalTime('2024-02-29T00:00')).toBe(true)
  })

  it('of no zone are known as such', () => {
    expect(ZONES.every(isTimeZone)).toBe(true)
    expect(isTimeZone('Asia/Qiantang')).toBe(false)
  })
})

describe('a window', () => {
  const at = (local: string): number => localToTime(local, 'Asia/Shanghai')

  it('is not yet open, open, late and closed, each to the minute', () => {
    const window = windowOf(district(WINDOW), REPORT)
    const cases: readonly (readonly [string, number, string])[] = [
      ['before', at('2024-11-01T08:00') - 1, 'notYet'],
      ['its first moment', at('2024-11-01T08:00'), 'open'],
      ['the last second of the minute in which it is due', at('2024-12-20T23:59') + 59_999, 'open'],
      ['the minute behind', at('2024-12-21T00:00'), 'late'],
      ['the last second of the minute in which it closes', at('2024-12-31T12:00') + 59_999, 'late'],
      ['the minute behind that', at('2024-12-31T12:01'), 'closed'],
    ]
    for (const [name, now, standing] of cases) expect(standingAt(window, now), name).toBe(standing)
  })

  it('that there is not is always open, and nothing is late in it', () => {
    expect(windowOf(district(WINDOW), { ...REPORT, period: '2023' })).toBeUndefined()
    expect(windowOf(district(WINDOW), { ...REPORT, dataSet: 'teachers' })).toBeUndefined()
    expect(standingAt(undefined, 0)).toBe('open')
    expect(isLate(undefined, Number.MAX_SAFE_INTEGER)).toBe(false)
  })

  it('is extended for one school alone, in what its extension names', () => {
    const extended = windowOf(district(WINDOW), { ...REPORT, orgUnit: 'k-1' })
    expect(extended).toMatchObject({
      isExtended: true,
      due: { local: '2024-12-25T23:59' },
      closes: { local: '2024-12-31T12:00' },
    })
    expect(isLate(extended, at('2024-12-21T09:00'))).toBe(false)
    expect(isLate(windowOf(district(WINDOW), REPORT), at('2024-12-21T09:00'))).toBe(true)
  })

  it('goes through its standings in their order, whatever of it is left out', () => {
    const order = ['notYet', 'open', 'late', 'closed']
    const local = fc.option(
      minute.map((it) => timeToLocal(it, 'Asia/Shanghai')),
      { nil: undefined },
    )
    fc.assert(
      fc.property(local, local, local, minute, minute, (opens, due, closes, one, other) => {
        const window: ReportWindow = { period: '2024', dataSet: 'students', opens, due, closes, extensions: [] }
        fc.pre(problemOf(window) === undefined)
        const open = windowOf(district(window), REPORT)
        const [first, second] = one < other ? [one, other] : [other, one]
        expect(order.indexOf(standingAt(open, first))).toBeLessThanOrEqual(order.indexOf(standingAt(open, second)))
      }),
    )
  })

  it('cannot close before it is due or opens, for everybody or for one school', () => {
    expect(problemOf(WINDOW)).toBeUndefined()
    expect(problemOf({ ...WINDOW, extensions: [], closes: '2024-12-01T00:00' })).toEqual({
      path: 'closes',
      problem: 'closesBeforeDue',
    })
    expect(problemOf({ ...WINDOW, due: '2024-10-01T00:00' })).toEqual({ path: 'due', problem: 'dueBeforeOpens' })
    expect(problemOf({ ...WINDOW, due: undefined, closes: '2024-10-01T00:00' })).toEqual({
      path: 'closes',
      problem: 'closesBeforeOpens',
    })
    expect(problemOf({ ...WINDOW, opens: '2024-11-31T08:00' })).toEqual({ path: 'opens', problem: 'noSuchTime' })
    expect(problemOf({ ...WINDOW, extensions: [{ orgUnit: 'k-1', due: '2025-01-05T00:00' }] })).toEqual({
      path: 'extensions.0.closes',
      problem: 'closesBeforeDue',
    })
    expect(problemOf({ ...WINDOW, extensions: [{ orgUnit: 'k-1' }] })).toEqual({
      path: 'extensions.0',
      problem: 'extensionEmpty',
    })
  })
})
