import { expect, test } from 'vitest'
import { isReady, readiness, type Check, type Facts } from '#client/features/sync-centre/readiness'
import { isClockWrong, shownTime } from '#client/features/sync-centre/shown-time'
import { zh } from '#client/i18n/zh'

const GOOD: Facts = {
  plan: 3,
  units: [{ name: '一小', isHere: true, lastYear: 40 }],
  lastYear: '2023',
  freeBytes: 2e9,
  isNearlyFull: false,
  kept: 'yes',
  needsSignIn: false,
  confirmed: '刚刚',
  isTooOld: false,
  isUpdateReady: false,
  lookedAt: '刚刚',
  app: 'yes',
}
const checkOf = (over: Partial<Facts>, id: Check['id']): Check | undefined =>
  readiness({ ...GOOD, ...over }).find((check) => check.id === id)

test('a tablet that has everything is ready, and nothing is left to do', () => {
  const checks = readiness(GOOD)
  expect(checks.map(({ id }) => id)).toEqual(['plan', 'reports', 'lastYear', 'offline', 'version', 'session', 'space', 'kept'])
  expect(isReady(checks)).toBe(true)
  expect(checks.filter(({ remedy }) => remedy !== undefined)).toEqual([])
})

test.each<[string, Partial<Facts>, Check['id'], Check['state'], Check['remedy']]>([
  ['no plan', { plan: undefined }, 'plan', 'todo', 'refresh'],
  ['a report that is not here', { units: [{ name: '二小', isHere: false, lastYear: 0 }] }, 'reports', 'todo', 'sync'],
  ['last year of such a report', { units: [{ name: '二小', isHere: false, lastYear: 0 }] }, 'lastYear', 'unknown', 'sync'],
  ['an app that is not kept yet', { app: 'no' }, 'offline', 'todo', 'look'],
  ['an app that cannot be kept', { app: 'never' }, 'offline', 'todo', undefined],
  ['a newer version', { isUpdateReady: true }, 'version', 'todo', 'update'],
  ['a version that is too old', { isTooOld: true }, 'version', 'todo', 'look'],
  ['a version nobody has looked after', { lookedAt: undefined }, 'version', 'unknown', 'look'],
  ['a sign-in that has expired', { needsSignIn: true }, 'session', 'todo', 'signIn'],
  ['a sign-in never confirmed', { confirmed: undefined }, 'session', 'unknown', 'refresh'],
  ['little room', { isNearlyFull: true, freeBytes: 1e6 }, 'space', 'todo', 'room'],
  ['no promise to keep it', { kept: 'no' }, 'kept', 'todo', 'keep'],
])('%s is not ready and says what puts it right', (_name, over, id, state, remedy) => {
  const check = checkOf(over, id)
  expect([check?.state, check?.remedy]).toEqual([state, remedy])
  expect(isReady(readiness({ ...GOOD, ...over }))).toBe(false)
})

test('a report without last year’s values is whole: there are none to bring', () => {
  expect(checkOf({ units: [{ name: '新校', isHere: true, lastYear: 0 }] }, 'lastYear')).toMatchObject({ state: 'ok' })
  expect(checkOf({ lastYear: undefined }, 'lastYear')).toBeUndefined()
})

test('what the browser does not say is no check, and the bureau’s people have no reports to bring', () => {
  expect(checkOf({ freeBytes: undefined }, 'space')).toBeUndefined()
  expect(checkOf({ kept: 'unknown' }, 'kept')).toBeUndefined()
  expect(readiness({ ...GOOD, units: [] }).map(({ id }) => id)).not.toContain('reports')
})

test('every value that a check’s sentence names is given', () => {
  const all = [
    GOOD,
    ...[{ isNearlyFull: true }, { units: [{ name: '二小', isHere: false, lastYear: 0 }] }].map((over) => ({ ...GOOD, ...over })),
  ]
  for (const { text, values } of all.flatMap(readiness)) {
    const named = [...zh[text].matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
    expect(Object.keys(values ?? {}), text).toEqual(expect.arrayContaining(named))
  }
})

test('times are the bureau’s where the tablet’s clock is off by more than a person would overlook', () => {
  const year = 365 * 24 * 3600_000
  expect(shownTime(1000, undefined)).toBe(1000)
  expect([isClockWrong(30_000), shownTime(1000, 30_000)]).toEqual([false, 1000])
  expect([isClockWrong(year), shownTime(1000 + year, year)]).toEqual([true, 1000])
  expect([isClockWrong(-year), shownTime(1000 - year, -year)]).toEqual([true, 1000])
})
