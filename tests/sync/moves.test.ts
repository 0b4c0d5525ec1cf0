import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { INSPECTION_STATES, INSPECTION_STEPS } from '#domain/inspection'
import { EMPTY_CHAIN } from '#sync/hash'
import { judge, type Rules } from '#sync/judge'
import type { OwnRow } from '#sync/ports'
import { inspectionKey, recordId, type Cell, type Id, type Json } from '#sync/protocol'
import { judgeMove } from '#sync/rights'
import { rewind } from '#sync/settle'
import { ask } from '../contract/ledger-suite'
import { memoryLedger } from '../contract/memory-ledger'

const inspector = { role: 'inspector', orgUnits: ['own'] } as const
const key = inspectionKey(recordId('visit', 'abcdefghijklm'), 'state')
const rules: Rules = { mayWrite: () => true, judgeMove: (step) => judgeMove(inspector, 'own', step) }

let n = 0
function move(cell: Cell | undefined, value: Json, base: readonly Id[], more: { kind?: string; again?: true } = {}) {
  n += 1
  return judge({
    mutation: { n, kind: 'move', key, value, base: [...base], at: 0, pv: 1, ...more },
    id: `${'a'.repeat(13)}:${n}`,
    by: 'wang',
    rules,
    cell,
    seq: n,
    isKnown: () => true,
  })
}
const ids = (cell: Cell | undefined): readonly Id[] => cell?.heads.flatMap(({ from }) => from.map(({ id }) => id)) ?? []

test('a step is taken by who saw where it stands', () => {
  const planned = move(undefined, { state: 'planned' }, [])
  expect(planned.verdict).toBe('applied')
  const underway = move(planned.cell, { state: 'underway' }, ids(planned.cell))
  expect(underway).toMatchObject({ verdict: 'applied', cell: { heads: [{ value: { state: 'underway' } }] } })
  // Off the network somebody else had cancelled it.
  expect(move(underway.cell, { state: 'cancelled' }, ids(planned.cell))).toEqual({ verdict: 'rejected: stale' })
  expect(move(underway.cell, { state: 'planned' }, [])).toEqual({ verdict: 'rejected: stale' })
})

test('a state is neither set nor is a value moved', () => {
  expect(move(undefined, { state: 'planned' }, [], { kind: 'set' })).toEqual({ verdict: 'rejected: invalid' })
  const mutation = { n: 1, kind: 'move', key: 'v/2024/a', value: 1, base: [], at: 0, pv: 1 }
  expect(judge({ mutation, id: 'x:1', by: 'wang', rules, cell: undefined, seq: 1, isKnown: () => true })).toEqual({
    verdict: 'rejected: invalid',
  })
})

test('where there is no rule there are no steps', () => {
  const mutation = { n: 1, kind: 'move', key, value: { state: 'planned' }, base: [], at: 0, pv: 1 }
  const question = { mutation, id: 'x:1', by: 'wang', rules: { mayWrite: () => true }, cell: undefined, seq: 1 }
  expect(judge({ ...question, isKnown: () => true })).toEqual({ verdict: 'rejected: invalid' })
})

test('what was a step before a server was restored is not judged by where it stands now', () => {
  const underway = move(undefined, { state: 'underway' }, [])
  expect(move(underway.cell, { state: 'finished' }, ids(underway.cell), { again: true }).verdict).toBe('applied')
  expect(move(undefined, { state: 'finished' }, ['b:1'], { again: true }).verdict).toBe('applied')
})

test('whoever moves, in whatever order, having seen whatever: one head, reached by steps that exist', () => {
  const moves = fc.array(fc.record({ to: fc.constantFrom(...INSPECTION_STATES), seen: fc.nat() }), { maxLength: 30 })
  fc.assert(
    fc.property(moves, (all) => {
      let cell: Cell | undefined
      const seen: (readonly Id[])[] = [[]]
      const path: (string | undefined)[] = [undefined]
      for (const { to, seen: which } of all) {
        const judged = move(cell, { state: to, why: 'because' }, seen[which % seen.length] ?? [])
        if (judged.cell === undefined) continue
        expect(judged.cell.heads).toHaveLength(1)
        expect(INSPECTION_STEPS.some((step) => step.from === path.at(-1) && step.to === to)).toBe(true)
        path.push(to)
        cell = judged.cell
        seen.push(ids(cell))
      }
    }),
  )
})

describe('after a server was restored', () => {
  const taken = { n: 1, kind: 'move', key, value: { state: 'underway' }, base: [], at: 7, pv: 1 }

  test('what was taken is sent as it is, and what was refused is judged once more', () => {
    const row = (of: Partial<OwnRow>): OwnRow => ({ ...taken, chain: '0'.repeat(16), open: false, seq: 1, ...of })
    const view = {
      ...{ stream: 's/own', gen: 0, cursor: 9, acked: 3, ackedChain: EMPTY_CHAIN },
      floor: 1,
      floorChain: EMPTY_CHAIN,
      cells: {},
    }
    const own = [
      row({ n: 1, verdict: 'applied' }),
      row({ n: 2, verdict: 'rejected: stale', again: true }),
      row({ n: 3, kind: 'set', key: 'v/2024/a', verdict: 'rejected: locked' }),
    ]
    const { put = [] } = rewind({ counter: { device: 'a'.repeat(13), n: 3, chain: EMPTY_CHAIN }, view, own }, 'epoch-2')
    expect(put.map(({ n, again, verdict, seq, open }) => ({ n, again, verdict, seq, open }))).toEqual([
      { n: 1, again: true, verdict: undefined, seq: undefined, open: true },
      { n: 2, again: undefined, verdict: undefined, seq: undefined, open: true },
      { n: 3, again: undefined, verdict: undefined, seq: undefined, open: true },
    ])
  })

  test('a step that another tablet tells of stands as one, and is recognised when its author comes', async () => {
    const ledger = memoryLedger()
    const author = 'bbbbbbbbbbbbb'
    // Whoever saw the cell knows neither kind nor plan.
    const witness = { ...taken, kind: 'set', pv: 0, id: `${author}:1`, by: 'zhao' }
    await ask(ledger, { witnesses: [witness], acceptsWitnesses: true, by: 'li' })
    expect(ledger.see('s/one').log).toMatchObject([{ kind: 'move', by: 'zhao', verdict: 'witnessed' }])
    const answer = await ask(ledger, { device: author, by: 'zhao', mutations: [{ ...taken, again: true, base: [] }] })
    expect(answer).toMatchObject({ verdicts: [[1, 1, 'merged']] })
    expect(ledger.see('s/one').log).toHaveLength(1)
    expect(ledger.see('s/one').cells.get(key)?.heads).toHaveLength(1)
  })
})
