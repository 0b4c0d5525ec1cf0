import { expect, test } from 'vitest'
import { isStatedAbsence } from '#domain/absence'

test('only the two absences that a person states, and only with a reason, are stated', () => {
  expect(isStatedAbsence({ absence: 'notApplicable', reason: '没有食堂' })).toBe(true)
  expect(isStatedAbsence({ absence: 'notAvailable', reason: '' })).toBe(true)
  for (const value of [
    null,
    undefined,
    'notApplicable',
    5,
    {},
    [],
    { absence: 'notApplicable' },
    { absence: 'notApplicable', reason: 5 },
    { absence: 'notReported', reason: 'x' },
    { absence: 'invalid', reason: 'x' },
  ]) {
    expect(isStatedAbsence(value)).toBe(false)
  }
})
