import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toPeriod } from '#domain/period'
import { createFigureTable } from '#plan/figure-table'
import type { FigureAnswer, FiguresAnswer } from '#plan/figure-wire'
import { makeDistrict } from '#server/demo/made-district'
import {
  fileKey,
  findingKey,
  findingOwner,
  inspectionKey,
  itemKey,
  itemOwner,
  recordId,
  valueKey,
  type Mutation,
} from '#sync/protocol'
import { answersOf, askOf, DISTRICT, openDistrict, plan, setTo, START, syncBody, type District } from './district'

const periods = ['2023', '2024'].map(toPeriod)
const made = makeDistrict({ plan, units: 18, seed: 7, periods, district: DISTRICT })
const rows = made.values.map(({ element, ...rest }) => ({ dataElement: element, ...rest }))

let district: District
beforeAll(async () => {
  district = await openDistrict({ units: made.orgUnits })
  const answer = await district.as('reviewer')('POST', '/api/dataValueSets', { dataValues: rows })
  expect(answer.body).toMatchObject({ status: 'complete' })
})
afterAll(() => district.close())

const figuresOf = async (query: string): Promise<FiguresAnswer> => {
  const answer = await district.as('leader')('GET', `/api/figures?${query}`)
  expect(answer.status, answer.text.slice(0, 300)).toBe(200)
  return answer.body as FiguresAnswer
}

/** The plan engine over the same values, with no server in between. */
function computed(period: string, codes?: readonly string[]): readonly FigureAnswer[] {
  const units = [...made.orgUnits, { code: DISTRICT, name: '', type: 'district', ownership: 'public' } as const]
  const table = createFigureTable(plan, units)
  for (const value of made.values) table.putValue(value.orgUnit, value.period, value.element, { value: value.value })
  return JSON.parse(JSON.stringify(table.figures(period, codes))) as readonly FigureAnswer[]
}

describe("the district's figures", () => {
  test.each(periods)('of %s are what the plan engine makes of the same values', async (period) => {
    const answer = await figuresOf(`period=${period}`)
    expect(answer.period).toBe(period)
    expect(answer.asOf).toBe(new Date(START).toISOString())
    expect(answer.figures).toEqual(computed(period))
    expect(answer.figures.map((figure) => figure.id)).toEqual([...plan.figures.keys()])
    expect(answer.figures.filter((figure) => figure.value !== null).length).toBeGreaterThan(40)
  })

  test('of a selection are those of its units', async () => {
    const codes = made.orgUnits.slice(0, 5).map((unit) => unit.code)
    const answer = await figuresOf(`period=2024&orgUnit=${codes.join(',')}`)
    expect(answer.figures).toEqual(computed('2024', codes))
  })

  test('are the same after a restart', async () => {
    const before = (await figuresOf('period=2024')).figures
    await district.restart()
    expect((await figuresOf('period=2024')).figures).toEqual(before)
  })

  test("move with the answer that confirms a tablet's value, and not with one that is refused", async () => {
    const [school] = made.orgUnits
    const orgUnit = school?.code ?? ''
    const valueOf = async () => {
      const answer = await district.as('leader')(
        'GET',
        `/api/figures/${figureOf('newHousing')}/contributions?period=2024&orgUnit=${orgUnit}`,
      )
      return (answer.body as readonly { part: unknown }[])[0]?.part
    }
    const send = async (n: number, value: string, base: readonly string[], role: 'filler' | 'inspector') => {
      const device = role === 'filler' ? 'tabletaaaaaaa' : 'tabletbbbbbbb'
      const ask = askOf({ orgUnit, device, mutations: [setTo(n, valueKey('2024', 'newHousing'), value, base)] })
      return answersOf(await district.as(role)('POST', '/api/sync', syncBody(ask)))
    }
    const [first] = answersOf(
      await district.as('filler')('POST', '/api/sync', syncBody(askOf({ orgUnit, device: 'readeraaaaaaa' }))),
    )
    const rowsNow = first !== undefined && 'rows' in first ? Object.fromEntries(first.rows) : {}
    const base = (rowsNow[valueKey('2024', 'newHousing')]?.heads ?? []).flatMap((head) => head.from.map((from) => from.id))
    await send(1, '4321', base, 'filler')
    expect(await valueOf()).toBe(4321)
    await send(1, '1', ['tabletaaaaaaa:1'], 'inspector')
    expect(await valueOf()).toBe(4321)
  })

  test('are moved by nothing that an inspection writes: all it says, of every item, beside another measured value', async () => {
    const orgUnit = made.orgUnits[0]?.code ?? ''
    const before = await said(orgUnit)
    const id = recordId('visit', 'abcdefghijklm')
    const photo = { name: 'a.jpg', type: 'image/jpeg', size: 9 }
    const mutations: Mutation[] = []
    const set = (key: string, value: Mutation['value']) => mutations.push(setTo(mutations.length + 1, key, value))
    const step = (key: string, state: string) => mutations.push({ ...setTo(mutations.length + 1, key, { state }), kind: 'move' })
    set(inspectionKey(id, 'about'), { template: 'hardware', period: '2024', planned: '2024-09-01', by: 'inspector' })
    step(inspectionKey(id, 'state'), 'underway')
    for (const { item } of plan.items.values()) {
      set(itemKey(id, item.id, 'verdict'), 'unmet')
      if (item.element !== undefined) set(itemKey(id, item.id, 'measured'), '987654')
    }
    set(fileKey(itemOwner(id, 'hw.bandwidth'), 'a'.repeat(64)), photo)
    set(findingKey(id, 'about'), { inspection: id, item: 'hw.bandwidth', period: '2024' })
    set(fileKey(findingOwner(id, 'found'), 'b'.repeat(64)), photo)
    step(findingKey(id, 'state'), 'open')
    const answer = await district.as('inspector')(
      'POST',
      '/api/sync',
      syncBody(askOf({ orgUnit, device: 'tabletccccccc', mutations })),
    )
    expect(answersOf(answer)[0]).toMatchObject({ last: mutations.length })
    expect(answer.text).not.toContain('rejected')
    expect(await said(orgUnit)).toEqual(before)
    await district.restart()
    expect(await said(orgUnit)).toEqual(before)
  })

  test('count a new unit at once', async () => {
    const before = (await figuresOf('period=2024')).figures
    const unit = { code: 'new-1', name: '新办小学', type: 'primary', ownership: 'public', opened: '2024-09-01' }
    expect((await district.as('admin')('POST', '/api/orgUnits', unit)).body).toMatchObject({ created: ['new-1'] })
    const after = (await figuresOf('period=2024')).figures
    const id = figureOf('goodYouth')
    const expected = (figures: readonly FigureAnswer[]) => figures.find((figure) => figure.id === id)?.coverage.expected ?? 0
    expect(expected(after)).toBe(expected(before) + 1)
    expect(after.find((figure) => figure.id === id)?.coverage.incomplete).toContain('new-1')
  })
})

/** All that is counted and given away of what units report. */
async function said(orgUnit: string) {
  const values = await district.as('reviewer')('GET', `/api/dataValueSets?period=2024&orgUnit=${orgUnit}`)
  expect(values.status).toBe(200)
  const figures = (await figuresOf('period=2024')).figures
  return { figures, ofTheUnit: (await figuresOf(`period=2024&orgUnit=${orgUnit}`)).figures, values: values.body }
}

/** A figure that the element alone feeds. */
function figureOf(element: string): string {
  const id = plan.figureIdsByElement.get(element)?.[0]
  if (id === undefined) throw new Error(`no figure depends on ${element}`)
  return id
}

test('contributions add up to the figure', async () => {
  const id = figureOf('newHousing')
  const { figures } = await figuresOf('period=2023')
  const figure = figures.find((each) => each.id === id)
  const answer = await district.as('leader')('GET', `/api/figures/${id}/contributions?period=2023`)
  const contributions = answer.body as readonly { counted: boolean; part: number }[]
  expect(contributions).toHaveLength(figure?.coverage.expected ?? -1)
  const counted = contributions.filter((each) => each.counted)
  expect(counted).toHaveLength(figure?.coverage.counted ?? -1)
})
