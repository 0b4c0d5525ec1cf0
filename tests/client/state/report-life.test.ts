import { expect, test } from 'vitest'
import type { ShownCell, ShownStream } from '#client/device/contract'
import { lifeOf } from '#client/state/report-life'
import { lookOfReport } from '#client/state/report-looks'
import { isTouchedSince } from '#client/state/report-touched'
import { refusalWords, stateSentence } from '#client/state/report-words'
import { REPORT_STATES } from '#domain/report'
import { REJECTIONS, type Verdict } from '#sync/protocol'
import '../all-messages'
import { confirmed, onDevice, rejected } from './cells'

const KEY = 'w/2024/staff'
const at = { period: '2024', dataSet: 'staff' }
const stream = (cells: Readonly<Record<string, ShownCell>>, drafts: ShownStream['drafts'] = new Map()): ShownStream => ({
  ...{ stream: 's/u', cells: new Map(Object.entries(cells)), drafts },
})
const SEEN = '0123456789abcdef'

test('a report that nobody has handed in is open, and so is one of a state that this version does not know', () => {
  expect(lifeOf(undefined, at)).toMatchObject({ state: undefined, isLocked: false, marks: [], base: [] })
  expect(lifeOf(stream({ [KEY]: confirmed({ state: 'archived' }) }), at)).toMatchObject({ state: undefined, isLocked: false })
})

test('one’s own step counts while it waits', () => {
  const life = lifeOf(stream({ [KEY]: onDevice({ state: 'submitted', seen: SEEN }) }), at)
  expect(life).toMatchObject({ state: 'submitted', isLocked: true, isOnDevice: true })
})

test('a step that was refused leaves the state as it stands, and says what was wanted and why not', () => {
  const cell = {
    ...rejected({ state: 'submitted', seen: SEEN }, 'rejected: changed'),
    heads: confirmed({ state: 'withdrawn' }).heads,
  }
  const life = lifeOf(stream({ [KEY]: cell }), at)
  expect(life).toMatchObject({
    state: 'withdrawn',
    isLocked: false,
    refused: { wanted: 'submitted', verdict: 'rejected: changed' },
  })
  expect(refusalWords(life)?.what).toContain('没有收下')
})

test('a value that was typed behind the return, here or elsewhere, is seen to', () => {
  const life = lifeOf(stream({ [KEY]: confirmed({ state: 'returned', why: '请核对', marks: ['a'] }, { at: 10 }) }), at)
  const touched = (cell: ShownCell | undefined) =>
    isTouchedSince(stream(cell === undefined ? {} : { 'v/2024/a': cell }), life, 'v/2024/a')
  expect(touched(confirmed('1', { at: 9 }))).toBe(false)
  expect(touched(confirmed('1', { at: 11 }))).toBe(true)
  expect(touched(onDevice('1', { at: 1 }))).toBe(true)
  expect(touched(undefined)).toBe(false)
  const drafts = new Map([['v/2024/a', { value: '1', base: [], at: 1 }]])
  expect(isTouchedSince(stream({}, drafts), life, 'v/2024/a')).toBe(true)
})

test('every state has its look and its sentence, and every refusal a reason and a way out', () => {
  for (const state of REPORT_STATES) {
    expect(lookOfReport({ state, marks: [] })?.words).not.toBe('')
    expect(stateSentence({ state, isRecovered: false })).not.toBe('')
  }
  expect(lookOfReport({ state: 'returned', marks: ['a', 'b'] })?.words).toBe('退回 2 项')
  expect(lookOfReport({ state: undefined, marks: [] })).toBeUndefined()
  const ways = REJECTIONS.map((rejection) => {
    const verdict: Verdict = `rejected: ${rejection}`
    return refusalWords({ refused: { wanted: 'submitted', verdict } })?.way
  })
  expect(ways.every((way) => way !== undefined && way !== '')).toBe(true)
})
