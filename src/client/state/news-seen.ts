/** Up to where the news of each school was seen by this person, kept on the tablet. */
import { defineStore } from 'pinia'
import { computed, shallowReactive, watch } from 'vue'
import { streamOf } from '#sync/protocol'
import type { ShownStream } from '../device/contract'
import { newsIn, unreadIn, type News } from './news'
import { useSession } from './session'

const keptName = (unit: string): string => `news/${unit}`

export const useNews = defineStore('news', () => {
  const session = useSession()
  const streams = shallowReactive(new Map<string, ShownStream>())
  const seen = shallowReactive(new Map<string, number>())

  watch(
    [() => session.device, () => session.ownUnits.map(({ code }) => code).join(' ')] as const,
    async ([device], before) => {
      if (before[0] !== undefined && device !== before[0]) {
        streams.clear()
        seen.clear()
      }
      if (device === undefined || session.isBureau) return
      for (const { code } of session.ownUnits) {
        const [stream, kept] = await Promise.all([device.open(streamOf(code)), device.kept(keptName(code))])
        if (session.device !== device) return
        seen.set(code, typeof kept === 'number' ? kept : 0)
        streams.set(code, stream)
      }
    },
    { immediate: true },
  )

  function newsOf(unit: string): readonly News[] {
    const stream = streams.get(unit)
    const username = session.person?.username
    return stream === undefined || username === undefined ? [] : newsIn(stream, username)
  }
  const unreadOf = (unit: string): readonly News[] => unreadIn(newsOf(unit), seen.get(unit) ?? 0)
  /** Of all schools of the person. */
  const unread = computed(() => [...streams.keys()].reduce((sum, unit) => sum + unreadOf(unit).length, 0))

  /** All that is there now has been seen. */
  async function markSeen(unit: string): Promise<void> {
    const [newest] = newsOf(unit)
    const { device } = session
    if (device === undefined || newest === undefined || seen.get(unit) === newest.seq) return
    seen.set(unit, newest.seq)
    await device.keep(keptName(unit), newest.seq)
  }

  return { newsOf, unreadOf, unread, markSeen, seenOf: (unit: string) => seen.get(unit) ?? 0 }
})
