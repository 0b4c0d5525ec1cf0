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
import { smallPlan } from '../state/small-plan'
import type { OrgUnit } from '#domain/org-unit'
import { progressOf } from '#plan/check'
import { confirmed, conflict, onDevice, rejected } from '../state/cells'

const plan = smallPlan()
const [staff, rooms] = plan.document.dataSets
const summary = (over: Partial<DataSetSummary>): DataSetSummary => {
  if (staff === undefined) throw new Error('the fixture has data sets')
  return { dataSet: staff, asked: 4, answered: 4, errors: [], conflicts: [], refused: [], onDevice: 0, ...over }
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
  })
  expect(summaries.map(({ dataSet, errors, conflicts, refused }) => [dataSet.id, refused, conflicts, errors])).toEqual([
    [staff?.id, ['teachers'], [], ['pupils.primary']],
    [rooms?.id, [], ['rooms'], []],
  ])
  expect(summaries.map(fillStateOf)).toEqual(['full', 'todo'])
})

test('the next step is what was refused, then a conflict, then what is nearest to done, then what is wrong', () => {
  const errors = summary({ errors: ['teachers'] })
  const nearly = summary({ answered: 3 })
  const begun = summary({ answered: 1 })
  const untouched = summary({ answered: 0, asked: 1 })
  const inConflict = summary({ conflicts: ['teachers'] })
  const refused = summary({ refused: ['teachers'] })
  expect(nextStepOf([errors, begun, nearly, untouched, inConflict, refused])).toMatchObject({ kind: 'refused', summary: refused })
  expect(nextStepOf([errors, begun, nearly, untouched, inConflict])).toMatchObject({ kind: 'conflict', summary: inConflict })
  expect(nextStepOf([errors, begun, nearly, untouched])).toEqual({ kind: 'fill', summary: nearly, missing: 1 })
  expect(nextStepOf([errors, untouched])).toEqual({ kind: 'begin', summary: untouched, missing: 1 })
  expect(nextStepOf([errors])).toMatchObject({ kind: 'check', summary: errors })
  expect(nextStepOf([summary({})])).toEqual({ kind: 'done' })
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
