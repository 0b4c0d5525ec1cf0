/** How many reports of the newest period wait for a reviewer: asked from the server once in a while, and behind each step of one's own. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { fetchReportNews } from '../device/report-api'
import { useSession } from './session'

/** A school that hands in is not in a hurry; somebody who looks at the number is not either. */
const LOOK_EVERY_MS = 60_000

export const useReviewWaiting = defineStore('review-waiting', () => {
  const session = useSession()
  const waiting = shallowRef(0)
  let asked = 0

  async function look(): Promise<void> {
    const mine = ++asked
    const periods = session.plan?.document.periods ?? []
    const period = periods[periods.length - 1]
    if (period === undefined || session.person?.role !== 'reviewer') return
    const met = await fetchReportNews(period)
    if (mine === asked && met.ok) waiting.value = met.value.counts.submitted + met.value.counts.reviewing
  }

  watch([() => session.plan, () => session.person?.role, () => session.device?.sync.lastContact], () => void look(), {
    immediate: true,
  })
  // The store lives as long as the app.
  setInterval(() => {
    if (document.visibilityState === 'visible') void look()
  }, LOOK_EVERY_MS)

  return { waiting, look }
})
