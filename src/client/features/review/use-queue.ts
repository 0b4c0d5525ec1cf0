/**
 * The queue's rows, asked from the server whenever what narrows it changes, once in a while, and behind a step of one's own. They are not
 * kept on the device: off the network what was last seen stays, and the page says so.
 */
import { defineStore } from 'pinia'
import { computed, shallowReactive, shallowRef, watch } from 'vue'
import { isSignedOut } from '#client/device/api'
import { fetchReports } from '#client/device/report-api'
import type { ReportId, ReportRow, ReportsAnswer, RowState } from '#plan/report-wire'
import { idOf, queryOf, rowsInTab, type Only, type QueueFilter, type Tab } from './queue-model'

/** Somebody types a school's name: asked for when they rest. */
const TYPING_MS = 250

export const useQueue = defineStore('review-queue', () => {
  const period = shallowRef<string>()
  const tab = shallowRef<Tab>('waiting')
  const type = shallowRef<QueueFilter['type']>('')
  const dataSet = shallowRef('')
  const text = shallowRef('')
  const only = shallowRef<readonly Only[]>([])
  const answer = shallowRef<ReportsAnswer>()
  const fetched = shallowRef<readonly ReportRow[]>([])
  const contact = shallowRef<'loading' | 'fresh' | 'offline' | 'signedOut' | 'refused'>('loading')
  /** When the rows came, by this device's clock. */
  const asOf = shallowRef<number>()
  const moved = shallowReactive(new Map<string, RowState>())
  let asked = 0

  const filter = computed((): QueueFilter | undefined =>
    period.value === undefined
      ? undefined
      : {
          ...{ period: period.value, tab: tab.value, type: type.value },
          ...{ dataSet: dataSet.value, text: text.value, only: only.value },
        },
  )
  const rows = computed(() => rowsInTab(fetched.value, { tab: tab.value, moved }))

  async function load(): Promise<void> {
    const mine = ++asked
    if (filter.value === undefined) return
    const met = await fetchReports(queryOf(filter.value))
    if (mine !== asked) return
    if (!met.ok) {
      contact.value = met.fault.kind === 'unreachable' ? 'offline' : isSignedOut(met.fault) ? 'signedOut' : 'refused'
      return
    }
    answer.value = met.value
    fetched.value = met.value.rows
    moved.clear()
    contact.value = 'fresh'
    asOf.value = Date.now()
  }

  /** The next page, behind the rows that are there. */
  async function more(): Promise<void> {
    const cursor = answer.value?.next
    if (filter.value === undefined || cursor === undefined) return
    const mine = ++asked
    const met = await fetchReports({ ...queryOf(filter.value), cursor })
    if (mine !== asked || !met.ok) return
    answer.value = met.value
    fetched.value = [...fetched.value, ...met.value.rows]
  }

  /** What the last question was about, as far as the rows on the screen belong to it. */
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(filter, (now, before) => {
    clearTimeout(timer)
    const isTyping = before !== undefined && now?.text !== before.text
    if (now?.tab !== before?.tab || now?.period !== before?.period) fetched.value = []
    if (before === undefined || !isTyping) void load()
    else timer = setTimeout(() => void load(), TYPING_MS)
  })

  function put(report: ReportId, state: RowState): void {
    moved.set(idOf(report), state)
  }

  return { period, tab, type, dataSet, text, only, answer, rows, contact, asOf, load, more, put }
})
