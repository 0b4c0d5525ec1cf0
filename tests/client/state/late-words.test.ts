import { expect, test } from 'vitest'
import '../all-messages'
import { lateWords } from '#client/state/late-words'
import { submissionBehind } from '#client/state/use-received'
import type { PastValue } from '#client/device/contract'
import { MINUTE_MS, windowOf } from '#domain/window'

const step = (id: string, state: string, base: readonly string[], received?: number): PastValue => ({
  ...{ id, key: 'w/2031/a', value: { state }, base, by: 'p', device: 'd', at: 1 },
  ...(received === undefined ? {} : { received }),
})

test('the submission behind a state is found through every step since', () => {
  const past = [
    step('d:1', 'submitted', [], 10),
    step('d:2', 'returned', ['d:1'], 20),
    step('d:3', 'submitted', ['d:2'], 30),
    step('d:4', 'reviewing', ['d:3'], 40),
    step('d:5', 'approved', ['d:4'], 50),
  ]
  expect(submissionBehind(past, ['d:5'])?.received).toBe(30)
  expect(submissionBehind(past, ['d:3'])?.received).toBe(30)
  expect(submissionBehind(past.slice(0, 2), ['d:2'])?.received).toBe(10)
})

test('where a step in between is not known, an earlier submission is not taken for it', () => {
  const past = [step('d:1', 'submitted', [], 10), step('d:5', 'approved', ['d:4'], 50)]
  expect(submissionBehind(past, ['d:5'])).toBeUndefined()
  expect(submissionBehind(past, [])).toBeUndefined()
})

test('a state that names itself as replaced ends the search', () => {
  expect(submissionBehind([step('d:1', 'approved', ['d:2']), step('d:2', 'reviewing', ['d:1'])], ['d:1'])).toBeUndefined()
})

const windows = {
  timeZone: 'Asia/Shanghai',
  windows: [
    {
      ...{ period: '2031', dataSet: 'a', due: '2031-12-20T23:59' },
      extensions: [{ orgUnit: 'late', due: '2031-12-25T23:59' }],
    },
  ],
}
const windowFor = (orgUnit: string) => windowOf(windows, { period: '2031', dataSet: 'a', orgUnit })
const DUE = Date.parse('2031-12-20T23:59:00+08:00')
const words = (of: Partial<Parameters<typeof lateWords>[0]>) =>
  lateWords({
    window: windowFor('s'),
    received: undefined,
    isOnDevice: false,
    now: DUE + 3 * MINUTE_MS,
    skew: 0,
    timeZone: 'Asia/Shanghai',
    ...of,
  })

test('late is what the server received behind the last minute, by its own clock', () => {
  expect(words({ received: DUE + MINUTE_MS - 1 })).toBeUndefined()
  expect(words({ received: DUE + MINUTE_MS })).toContain('逾期提交')
  expect(words({ received: DUE + MINUTE_MS })).toContain('区教育局 12 月 21 日 00:00 收到，截止时间是 12 月 20 日 23:59')
  // A tablet whose clock is a day ahead does not make it late.
  expect(words({ received: DUE, now: DUE + 86_400_000, skew: 86_400_000 })).toBeUndefined()
})

test('nobody calls late what has a later end, no end, or is not known to have arrived', () => {
  expect(words({ received: DUE + MINUTE_MS, window: windowFor('late') })).toBeUndefined()
  expect(words({ received: DUE + MINUTE_MS, window: undefined })).toBeUndefined()
  expect(words({ received: undefined })).toBeUndefined()
})

test('what waits for the network is told before it arrives', () => {
  expect(words({ isOnDevice: true })).toContain('送到区教育局时会标为逾期')
  expect(words({ isOnDevice: true, now: DUE })).toBeUndefined()
  expect(words({ isOnDevice: true, skew: 3 * MINUTE_MS })).toBeUndefined()
})
