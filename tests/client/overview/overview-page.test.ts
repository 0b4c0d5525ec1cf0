import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, test } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import OverviewPage from '#client/features/overview/OverviewPage.vue'
import FreshnessLine from '#client/features/overview/FreshnessLine.vue'
import { useSession } from '#client/state/session'
import type { Device } from '#client/device/contract'
import type { FigureAnswer, FiguresAnswer } from '#plan/figure-wire'
import { answerOf, answersOf, readPlan } from './the-plan'

const plan = readPlan()
const LAST = plan.document.periods[plan.document.periods.length - 1] ?? ''

function deviceWith(kept: readonly FiguresAnswer[], network: 'fresh' | 'offline'): Device {
  const refuse = () => Promise.reject(new Error('the overview only reads figures'))
  return {
    person: { username: 'reviewer', name: '演示审核员', role: 'reviewer', orgUnits: [] },
    name: 'test',
    sync: {
      phase: 'idle',
      waiting: 0,
      rejected: 0,
      conflicts: 0,
      paused: false,
      filesWaiting: 0,
      unmeteredOnly: false,
      unsaved: 0,
    },
    orgUnits: [],
    open: refuse,
    opened: () => undefined,
    draft: refuse,
    commit: refuse,
    move: refuse,
    files: new Map(),
    loadFiles: refuse,
    attach: refuse,
    detach: refuse,
    fileBytes: refuse,
    thumb: refuse,
    fetchFiles: refuse,
    freeFiles: refuse,
    setUnmeteredOnly: () => undefined,
    outbox: refuse,
    putAside: refuse,
    history: refuse,
    refreshHistory: refuse,
    kept: refuse,
    keep: refuse,
    syncNow: () => undefined,
    setPaused: () => undefined,
    figures: (period) => Promise.resolve(kept.find((answer) => answer.period === period)),
    refreshFigures: () => Promise.resolve(network),
    exportUnsent: refuse,
    settleDrafts: refuse,
    handIns: [],
    takeIn: refuse,
    forgetHandIn: refuse,
    holds: refuse,
    close: () => Promise.resolve(),
  }
}

let page: VueWrapper | undefined
afterEach(() => page?.unmount())

async function open(kept: readonly FiguresAnswer[], network: 'fresh' | 'offline' = 'offline'): Promise<VueWrapper> {
  const pinia = createPinia()
  setActivePinia(pinia)
  const session = useSession()
  session.plan = plan
  session.device = deviceWith(kept, network)
  session.orgUnits = [{ code: 'a', name: '甲小学', type: 'primary', ownership: 'public' }]
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/overview', component: OverviewPage },
      { path: '/overview/:figure', component: { template: '<p></p>' } },
      { path: '/schools', component: { template: '<p></p>' } },
    ],
  })
  await router.push(`/overview?period=${LAST}`)
  page = mount(OverviewPage, { global: { plugins: [pinia, router] } })
  await flushPromises()
  return page
}

const everyFigure = (answer: (id: string) => Partial<FigureAnswer>): FiguresAnswer =>
  answersOf(
    LAST,
    [...plan.figures.keys()].map((id) => answerOf(id, answer(id))),
  )
const cell = (of: VueWrapper, number: string) => {
  const found = of.findAll('.ind').find((each) => each.find('.ind__no').text() === number)
  if (found === undefined) throw new Error(`no cell ${number}`)
  return found
}

describe('the overview', () => {
  test('shows all indicators of the plan, each with its value, its coverage and its state in words', async () => {
    const shown = await open([
      everyFigure((id) =>
        id === '3'
          ? { value: 96.8, target: 98, met: false, coverage: { expected: 68, counted: 65, incomplete: ['a', 'b', 'c'] } }
          : { value: 1, target: 1, met: true },
      ),
    ])
    expect(shown.findAll('.ind')).toHaveLength(plan.document.indicators.length)
    const third = cell(shown, '3')
    expect(third.text()).toContain('96.8')
    expect(third.text()).toContain('差 1.2')
    expect(third.find('.ind__cover--part').text()).toContain('65/68')
    expect(third.find('.tide--short').exists()).toBe(true)
    expect(third.attributes('href')).toBe(`/overview/3?period=${LAST}`)
    expect(cell(shown, '4').find('.tide--short').exists()).toBe(false)
    expect(cell(shown, '4').text()).toContain('达标')
    expect(shown.find('.summary__facts').text()).toContain(`${plan.document.indicators.length - 1}指标达标`)
  })

  test('a district that has reported nothing shows words and dashes, never a zero or NaN', async () => {
    const shown = await open([everyFigure(() => ({ absence: 'notReported', target: 98 }))])
    for (const each of shown.findAll('.ind')) {
      expect(each.text()).toContain('未报')
      expect(each.find('b').text()).toBe('–')
      expect(each.find('.tide__water').exists()).toBe(false)
    }
    expect(shown.text()).not.toMatch(/NaN|undefined|null/)
    expect(shown.find('.summary__facts').text()).toContain(`${plan.document.indicators.length}暂无数据`)
  })

  test('an absence keeps its name', async () => {
    const shown = await open([
      everyFigure((id) => ({ absence: id === '3' ? 'emptyWhole' : id === '4' ? 'invalid' : 'conflict' })),
    ])
    expect(cell(shown, '3').text()).toContain('没有基数')
    expect(cell(shown, '4').text()).toContain('需核对')
    expect(cell(shown, '5').text()).toContain('有两个值')
  })

  test('a figure without a target is neutral', async () => {
    const shown = await open([everyFigure(() => ({ value: 12 }))])
    expect(cell(shown, '3').text()).toContain('没有目标')
    expect(cell(shown, '3').find('.tide__mark').exists()).toBe(false)
  })

  test('of several parts the one with the most missing units speaks for the cell', async () => {
    const shown = await open([
      everyFigure((id) => ({
        value: 1,
        target: 1,
        met: true,
        coverage:
          id === '2.junior' ? { expected: 9, counted: 7, incomplete: ['a', 'b'] } : { expected: 5, counted: 5, incomplete: [] },
      })),
    ])
    expect(cell(shown, '2').find('.ind__cover').text()).toContain('7/9')
  })

  test('every hardware goal and every project stands on the page', async () => {
    const shown = await open([everyFigure(() => ({ value: 50, target: 100, met: false }))])
    expect(shown.findAll('.heat tbody tr')).toHaveLength(plan.document.hardware?.goals.length ?? 0)
    expect(shown.findAll('.project')).toHaveLength(plan.document.projects.length)
  })

  test('offline the figures stay and the page says how old they are', async () => {
    const shown = await open([everyFigure(() => ({ value: 1, target: 1, met: true }))])
    expect(shown.find('.freshness').text()).toMatch(/^没有网络，这是2024 年 12 月 \d+ 日的数/)
  })

  test('a device that holds nothing says so and offers to ask', async () => {
    const shown = await open([])
    expect(shown.find('.empty').text()).toContain(`${LAST} 年度`)
    expect(shown.find('.empty button').exists()).toBe(true)
    expect(shown.find('.ind').exists()).toBe(false)
  })
})

describe('how old the figures are', () => {
  // Of the reader's own day, wherever the test runs.
  const at = (hour: number, minute: number, second = 0): number => new Date(2024, 11, 20, hour, minute, second).getTime()
  const asOf = new Date(at(11, 5)).toISOString()
  const line = (now: number, contact: 'fresh' | 'offline' | 'signedOut') =>
    mount(FreshnessLine, { props: { asOf, contact, now } }).text()

  test('a space stands between digits and characters, and none between characters', () => {
    expect(line(at(11, 5, 20), 'fresh')).toBe('刚刚更新')
    expect(line(at(12, 5), 'fresh')).toMatch(/^今天 11:05 更新$/)
  })

  test('without a network or a session it says which, with a way to try again', () => {
    expect(line(at(12, 5), 'offline')).toMatch(/^没有网络，这是今天 11:05 的数\s*现在更新$/)
    expect(line(at(12, 5), 'signedOut')).toMatch(/^登录过期，这是今天 11:05 的数\s*现在更新$/)
  })
})
