import { expect, test } from 'vitest'
import { newCounter, newView, putAside, undecided } from '#sync/outbox'
import type { OwnRow } from '#sync/ports'
import type { Cell, Verdict } from '#sync/protocol'
import { fork, rewind, settle } from '#sync/settle'
import { show } from '#sync/show'

const key = 'v/2024/students'
const device = 'aaaaaaaaaaaaa'
const row = (n: number, verdict?: Verdict, over: Partial<OwnRow> = {}): OwnRow => ({
  ...{ n, kind: 'set', key, value: `${n}`, base: [], at: n, pv: 1, chain: `${n}`, open: true },
  ...(verdict === undefined ? {} : { verdict, seq: n }),
  ...over,
})
const cell: Cell = { seq: 1, heads: [{ value: 'theirs', from: [{ id: 'bbbbbbbbbbbbb:1', base: [], by: 'li', at: 1 }] }] }
const stateOf = (...own: OwnRow[]) => ({
  counter: { ...newCounter(device), n: own.length },
  view: { ...newView('s/a'), epoch: 'e', cursor: 1, cells: { [key]: cell } },
  own,
})
const shown = (...own: OwnRow[]) => show({ key, view: stateOf().view, own, device, person: 'wang' })

test('the last that was typed is put aside where it was refused, and nothing else is', () => {
  expect(putAside([row(1, 'rejected: locked')], key)).toEqual({ ...row(1, 'rejected: locked'), open: false, aside: true })
  expect(putAside([row(1, 'rejected: locked'), row(2)], key)).toBeUndefined()
  expect(putAside([row(1, 'conflict')], key)).toBeUndefined()
  expect(putAside([row(1, 'rejected: locked')], 'v/2024/rooms')).toBeUndefined()
})

test('what is put aside needs no decision, and an earlier refusal does not come back in its place', () => {
  const rows = [row(1, 'rejected: locked'), row(2, 'rejected: locked', { aside: true })]
  expect(undecided(rows)).toEqual([])
})

test('it is not shown, neither refused nor while a restored server is told of it again', () => {
  expect(shown(row(1, 'rejected: locked'))).toMatchObject({ value: '1', mark: 'rejected' })
  expect(shown(row(1, 'rejected: locked', { aside: true }))).toMatchObject({ value: 'theirs', mark: 'confirmed' })
  expect(shown(row(1, undefined, { aside: true, again: true }))).toMatchObject({ value: 'theirs', mark: 'confirmed' })
})

test('a rewind sends it again and it stays aside when it is refused again', () => {
  const before = stateOf(row(1, 'rejected: locked', { aside: true, open: false }))
  const { put = [] } = rewind(before, 'f')
  expect(put).toMatchObject([{ n: 1, aside: true, open: true }])
  expect(put[0]).not.toHaveProperty('again')
  const answer = {
    ...{ stream: 's/a', epoch: 'e', last: 1, witnessed: [], rows: [], from: 1, upto: 1, done: true },
    verdicts: [[1, 1, 'rejected: locked'] as const],
  }
  const settled = settle({ ...before, own: put }, { gen: 0, device }, answer)
  expect(settled.change?.put).toMatchObject([{ n: 1, verdict: 'rejected: locked', aside: true, open: false }])
})

test('a fork neither sends it under a new name nor gives it out as evidence', () => {
  const names = { device: 'ccccccccccccc', person: 'wang' }
  for (const aside of [
    row(1, 'rejected: locked', { aside: true, open: false }),
    row(1, undefined, { aside: true, again: true }),
  ]) {
    const { put, evidence } = fork(stateOf(aside, row(2, 'rejected: locked')), names)
    expect(put).toMatchObject([{ n: 1, value: '2' }])
    expect(evidence).toEqual([])
  }
})
