import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import DistrictPage from '#client/features/inspection/DistrictPage.vue'
import { usePlace } from '#client/state/place'
import { PERIOD, school, VISIT, openWorld, type World } from './world'
import '../fields/what-jsdom-lacks'

let world: World
beforeEach(async () => {
  world = await openWorld('reviewer')
  usePlace().visit({ unit: school.code, period: PERIOD })
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await world.close()
})

const counts = { met: 6, unmet: 2, notApplicable: 1, unchecked: 3 }
const ANSWER = {
  period: PERIOD,
  inspections: [
    {
      ...{ id: VISIT, orgUnit: school.code, of: 'visit', template: 'campus', planned: '2031-05-06', state: 'finished' },
      ...{ by: 'inspector', at: 1, counts },
    },
    {
      id: 'v-x',
      orgUnit: school.code,
      of: 'visit',
      template: 'of another plan',
      planned: '2031-05-06',
      state: 'finished',
      by: 'x',
      at: 1,
      counts,
    },
  ],
  groups: [] as unknown[],
  contradictions: [] as unknown[],
}

function answering(body: unknown): void {
  vi.stubGlobal('fetch', () =>
    Promise.resolve(
      body === undefined
        ? Response.error()
        : new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } }),
    ),
  )
}

test('what all inspections say is there, and off the network as it was seen last', async () => {
  const { smallPlan } = await import('../../plan/small-plan')
  const [template] = smallPlan.document.inspections?.templates ?? []
  const [group] = template?.groups ?? []
  const [check] = smallPlan.document.hardware?.checks ?? []
  const contradiction = {
    orgUnit: school.code,
    check: check?.id,
    reported: 'met',
    verdict: 'unmet',
    of: 'visit',
    inspection: VISIT,
    item: 'gate',
    at: 1,
  }
  answering({ ...ANSWER, groups: [{ template: template?.id, group: group?.id, counts }], contradictions: [contradiction] })
  const page = await world.show(DistrictPage, {})
  await vi.waitFor(() => expect(page.find('table').exists()).toBe(true))
  expect(
    page
      .find('tbody tr')
      .findAll('td')
      .map((cell) => cell.text()),
  ).toEqual(['6', '2', '1', '3', '25.0%'])
  expect(page.get('[aria-labelledby=h-differing] a').attributes('href')).toContain(
    `/u/${school.code}/${PERIOD}/inspections/${VISIT}?item=gate`,
  )
  expect(page.get('[aria-labelledby=h-differing]').text()).toContain('填报：达到；检查：不符合')
  expect(page.findAll('[aria-labelledby=h-each] .irow')).toHaveLength(1)
  page.unmount()

  answering(undefined)
  const again = await world.show(DistrictPage, {})
  await vi.waitFor(() => expect(again.text()).toContain('离线'))
  expect(again.findAll('[aria-labelledby=h-each] .irow')).toHaveLength(1)
})

test('an answer that is none is not shown', async () => {
  answering({ ...ANSWER, inspections: [{ id: VISIT }] })
  const page = await world.show(DistrictPage, {})
  await vi.waitFor(() => expect(page.text()).toContain('要连一次网络'))
  expect(page.find('.board__main').exists()).toBe(false)
})
