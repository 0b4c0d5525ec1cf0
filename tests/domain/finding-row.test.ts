import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FINDING_STATES, isOverdue } from '#domain/finding'
import { inOrderOfUrgency } from '#domain/finding-row'

const TODAY = '2024-09-10'
const row = (id: string, state: (typeof FINDING_STATES)[number], due?: string, at = 0) => ({ id, state, due, at })

test('what is overdue stands first, then what is open, then what waits for a check, then what is over', () => {
  const rows = [
    row('closed', 'closed', '2024-01-01'),
    row('claimed', 'claimed', '2024-09-01'),
    row('later', 'open', '2024-09-20'),
    row('undated', 'open'),
    row('today', 'open', TODAY),
    row('overdue', 'open', '2024-09-09'),
    row('withdrawn', 'withdrawn'),
    row('longOverdue', 'open', '2024-09-01'),
  ]
  expect(inOrderOfUrgency(rows, TODAY).map(({ id }) => id)).toEqual([
    'longOverdue',
    'overdue',
    'today',
    'later',
    'undated',
    'claimed',
    'closed',
    'withdrawn',
  ])
})

test('what is over stands newest first', () => {
  const rows = [row('old', 'closed', '2024-01-01', 1), row('new', 'closed', '2023-01-01', 2)]
  expect(inOrderOfUrgency(rows, TODAY).map(({ id }) => id)).toEqual(['new', 'old'])
})

test('no line is lost or doubled, none stands behind one that is less urgent, and the order of arrival does not count', () => {
  const rows = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      state: fc.constantFrom(...FINDING_STATES),
      due: fc.option(fc.constantFrom('2024-09-01', '2024-09-09', TODAY, '2024-10-01'), { nil: undefined }),
      at: fc.nat(5),
    }),
    { selector: ({ id }) => id },
  )
  fc.assert(
    fc.property(rows, (all) => {
      const sorted = inOrderOfUrgency(all, TODAY)
      expect(new Set(sorted)).toEqual(new Set(all))
      const overdue = sorted.map((each) => isOverdue({ state: each.state, due: each.due }, TODAY))
      expect(overdue.lastIndexOf(true)).toBe(overdue.filter(Boolean).length - 1)
      const open = (list: typeof sorted) => list.filter(({ state }) => state === 'open').map(({ id }) => id)
      expect(open(inOrderOfUrgency([...all].reverse(), TODAY))).toEqual(open(sorted))
    }),
  )
})
