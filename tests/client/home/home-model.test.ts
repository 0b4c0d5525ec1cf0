import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  answeredElements,
  answerTimes,
  changesByOthers,
  fillStateOf,
  nextStepOf,
  summariesOf,
  type DataSetSummary,
} from '#client/features/home/home-model'
import { lifeOf, type ReportLife } from '#client/state/report-life'
import { smallPlan } from '../state/small-plan'
import type { OrgUnit } from '#domain/org-unit'
import { progressOf } from '#plan/check'
import { confirmed, conflict, onDevice, rejected } from '../state/cells'

const plan = smallPlan()
const [staff, rooms] = plan.document.dataSets
/** How far a report is that somebody of the bureau or the school has stated; without a state it is open. */
function stated(state?: string, more: { why?: string; marks?: readonly string[] } = {}): ReportLife {
  const cells = new Map(state === undefined ? [] : [['w/2024/staff', confirmed({ state, ...more })]])
  return lifeOf({ stream: 's/u1', cells, drafts: new Map() }, { period: '2024', dataSet: 'staff' })
}
const open = stated()
const summary = (over: Partial<DataSetSummary>): DataSetSummary => {
  if (staff === undefined) throw new Error('the fixture has data sets')
  return {
    dataSet: staff,
    asked: 4,
    answered: 4,
    errors: [],
    conflicts: [],
    refused: [],
    onDevice: 0,
    life: stated('submitted'),
    ...over,
  }
}

test('a data set says what was refused, what is in conflict and what is wrong in it', () => {
  const summaries = summariesOf({
    plan,
    period: '2024',
    dataSets: plan.document.dataSets,
    cells: [
      ['v/2024/teachers', rejected('12', 'rejected: locked')],
      ['v/2024/rooms', conflict(['1', 'li'], ['2', 'wang'])],
      ['v/2023/teachers', rejected('9', 'rejected: locked')],
      ['v/2024/nobodyAsks', rejected('9', 'rejected: invalid')],
    ],
    findings: [
      { level: 'error', kind: 'notOfKind', elements: ['pupils.primary'] },
      { level: 'error', kind: 'partOverWhole', elements: ['pupils.primary', 'teachers'] },
      { level: 'warning', kind: 'zero', elements: ['teachers'] },
    ],
    progressOf: (id) => ({ asked: 3, answered: id === staff?.id ? 3 : 0 }),
    onDeviceIn: () => 1,
    lifeOf: () => open,
  })
  expect(summaries.map(({ dataSet, errors, conflicts, refused }) => [dataSet.id, refused, conflicts, errors])).toEqual([
    [staff?.id, ['teachers'], [], ['pupils.primary']],
    [rooms?.id, [], ['rooms'], []],
  ])
  expect(summaries.map(fillStateOf)).toEqual(['full', 'todo'])
})

test('the next step is what came back, then what was not accepted, a conflict, what is begun, what is wrong, what can be submitted', () => {
  const errors = summary({ life: open, errors: ['teachers'] })
  const nearly = summary({ life: open, answered: 3 })
  const begun = summary({ life: open, answered: 1 })
  const untouched = summary({ life: open, answered: 0, asked: 1 })
  const inConflict = summary({ life: open, conflicts: ['teachers'] })
  const refused = summary({ life: open, refused: ['teachers'] })
  const full = summary({ life: open })
  const returned = summary({ life: stated('returned', { why: '请核对', marks: ['teachers'] }) })
  const next = (...of: readonly DataSetSummary[]) => nextStepOf(of, true)
  expect(next(errors, begun, nearly, inConflict, refused, returned)).toMatchObject({
    ...{ kind: 'returned', summary: returned, elements: ['teachers'] },
  })
  expect(next(errors, begun, nearly, untouched, inConflict, refused)).toMatchObject({ kind: 'refused', summary: refused })
  expect(next(errors, begun, nearly, untouched, inConflict)).toMatchObject({ kind: 'conflict', summary: inConflict })
  expect(next(errors, full, begun, nearly, untouched)).toEqual({ kind: 'fill', summary: nearly, missing: 1 })
  expect(next(errors, full, untouched)).toMatchObject({ kind: 'check', summary: errors })
  expect(next(untouched, full)).toEqual({ kind: 'submit', summary: full })
  expect(nextStepOf([untouched, full], false)).toEqual({ kind: 'begin', summary: untouched, missing: 1 })
  expect(next(untouched)).toEqual({ kind: 'begin', summary: untouched, missing: 1 })
  expect(nextStepOf([full], false)).toEqual({ kind: 'done' })
})

test('what is with the bureau asks for nothing', () => {
  const next = (over: Partial<DataSetSummary>) => nextStepOf([summary(over)], true).kind
  for (const state of ['submitted', 'reviewing', 'approved']) {
    expect(next({ life: stated(state), answered: 3 })).toBe('done')
    expect(next({ life: stated(state), errors: ['teachers'], conflicts: ['teachers'], refused: ['teachers'] })).toBe('done')
  }
  for (const state of ['withdrawn', 'reopened']) expect(next({ life: stated(state) })).toBe('submit')
})

test('the tide counts exactly what the progress counts, whatever was typed', () => {
  const unit: OrgUnit = { code: 'u1', name: 'u1', type: 'nineYear', ownership: 'public' }
  const cell = fc.oneof(
    fc.constant(undefined),
    fc.constant({ conflict: true } as const),
    fc
      .oneof(
        fc.constantFrom('0', '12', 'true', 'many', '', null, { absence: 'notAvailable', reason: 'lost' }, { absence: 'what' }),
        fc.string(),
      )
      .map((value) => ({ value })),
  )
  const ids = [...plan.elements.keys()]
  fc.assert(
    fc.property(fc.array(cell, { minLength: ids.length, maxLength: ids.length }), (cells) => {
      const values = { get: (id: string) => cells[ids.indexOf(id)] }
      const { dataSets } = plan.document
      const counted = dataSets.reduce((sum, { id }) => sum + progressOf(plan, id, unit, values).answered, 0)
      expect(answeredElements({ plan, unit, dataSets, values }).size).toBe(counted)
    }),
  )
})

test('answers of the period give the tide, drafts with their own time', () => {
  const times = answerTimes({
    period: '2024',
    cells: [
      ['v/2024/teachers', confirmed('12', { at: 5 })],
      ['v/2024/teachers/remark', confirmed('why', { at: 6 })],
      ['v/2023/teachers', confirmed('11', { at: 1 })],
      ['v/2024/rooms', onDevice('3', { at: 7 })],
      ['v/2024/pupils.primary', confirmed(null, { at: 8 })],
    ],
    drafts: [['v/2024/rooms', { value: '31', base: [], at: 9 }]],
    isAnswered: (id) => id !== 'pupils.primary',
  })
  expect([...times].sort((a, b) => a - b)).toEqual([5, 9])
})

test('colleagues are named with what they wrote, newest first, and never oneself', () => {
  const changes = changesByOthers({
    plan,
    period: '2024',
    username: 'wang',
    cells: [
      ['v/2024/teachers', confirmed('12', { by: 'li', at: 20 })],
      ['v/2024/pupils.primary', confirmed('300', { by: 'li', at: 30 })],
      ['v/2024/pupils.junior', confirmed('300', { by: 'wang', at: 90 })],
      ['v/2024/rooms', conflict(['1', 'li'], ['2', 'wang'])],
      ['v/2024/teachers/remark', confirmed('why', { by: 'zhao', at: 50 })],
    ],
    dayOf: () => 0,
  })
  expect(changes.map(({ by, dataSet, count, at, conflicts }) => [by, dataSet.id, count, at, conflicts])).toEqual([
    ['li', staff?.id, 2, 30, 0],
    ['li', rooms?.id, 1, 1, 1],
  ])
})

test('a report that the bureau has was handed in, though taking it back was refused', () => {
  const waiting = confirmed({ state: 'reviewing' })
  const cell = { ...rejected({ state: 'withdrawn' }, 'rejected: stale'), heads: waiting.heads, base: waiting.base }
  const life = lifeOf(
    { stream: 's/u1', cells: new Map([['w/2024/staff', cell]]), drafts: new Map() },
    { period: '2024', dataSet: 'staff' },
  )
  expect(life.refused?.wanted).toBe('withdrawn')
  expect(nextStepOf([summary({ life })], true)).toEqual({ kind: 'done' })
  const refused = lifeOf(
    {
      ...{ stream: 's/u1', drafts: new Map() },
      cells: new Map([['w/2024/staff', { ...rejected({ state: 'submitted' }, 'rejected: changed'), heads: [] }]]),
    },
    { period: '2024', dataSet: 'staff' },
  )
  expect(nextStepOf([summary({ life: refused })], true)?.kind).toBe('stepRefused')
})
