/**
 * One report on the reviewer's desk. Values, remarks, comments, files and the state are this device's, so that they stay over a loss of the
 * network; the server adds the other schools, what stood at the last submission, and the report's history, and is asked again behind each
 * step.
 */
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { fetchPeers, fetchReport } from '#client/device/report-api'
import { useReport } from '#client/state/use-report'
import { useSession } from '#client/state/session'
import type { PeersAnswer, ReportPage } from '#plan/report-wire'
import { streamOf } from '#sync/protocol'
import { idOf } from './queue-model'
import { reviewRows } from './review-rows'
import { digestOn, mayTake, type BureauState } from './review-steps'

export type ReviewProps = { readonly orgUnit: string; readonly period: string; readonly dataSet: string }

export function useReview(props: ReviewProps) {
  const session = useSession()
  const report = useReport(
    () => props.orgUnit,
    () => props.period,
  )
  const id = computed(() => idOf(props))
  const page = shallowRef<ReportPage>()
  const peers = shallowRef<PeersAnswer>()
  const isOffline = shallowRef(false)
  /** Whether the whole of the stream is on this device. */
  const isHere = shallowRef(false)
  let asked = 0

  const life = computed(() => report.lifeOf(props.dataSet))
  const findings = computed(() => report.findingsOf(props.dataSet))
  const dataSetOf = computed(() => report.plan.value?.dataSets.get(props.dataSet))
  const sections = computed(() => {
    const [plan, unit, stream] = [report.plan.value, report.unit.value, report.stream.value]
    if (plan === undefined || unit === undefined || stream === undefined || dataSetOf.value === undefined) return []
    return reviewRows({
      ...{ plan, unit, period: props.period, dataSet: props.dataSet, stream },
      ...{
        values: report.values,
        lastYear: report.lastYear,
        remarkOf: (element: string, of?: string) => report.remarkOf(element, of),
      },
      ...{ findings: findings.value, page: page.value, peers: peers.value },
    })
  })
  const rows = computed(() => sections.value.flatMap((section) => section.rows))

  /** Both say the same, so that what is on the screen is what the server would ask about. */
  const isWhole = computed(() => {
    const [plan, unit, stream] = [report.plan.value, report.unit.value, report.stream.value]
    if (plan === undefined || unit === undefined || stream === undefined) return false
    if (page.value === undefined) return isHere.value
    const { period, dataSet } = props
    return digestOn(stream, { plan, unit, period, dataSet }) === page.value.digest
  })

  async function load(): Promise<void> {
    const mine = ++asked
    const wanted = id.value
    const [met, others] = await Promise.all([fetchReport(props), fetchPeers(props)])
    if (mine !== asked || wanted !== id.value) return
    isOffline.value = !met.ok
    if (met.ok) {
      page.value = met.value
      report.ranges.value = new Map(
        met.value.elements.flatMap(({ element, range }) => (range === undefined ? [] : [[element, range] as const])),
      )
    }
    if (others.ok) peers.value = others.value
  }

  watch(
    id,
    () => {
      page.value = undefined
      peers.value = undefined
      report.ranges.value = undefined
      isHere.value = false
      void load()
    },
    { immediate: true },
  )
  // What somebody else did, or the server's word about one's own step.
  watch([() => life.value.receipt, () => life.value.state, () => life.value.isOnDevice], () => void load())
  watch(
    [() => report.stream.value, () => session.device?.sync.lastContact, id] as const,
    async ([stream]) => {
      const wanted = id.value
      const holds = (await session.device?.holds(streamOf(props.orgUnit))) === true
      if (wanted === id.value) isHere.value = stream !== undefined && holds
      if (isOffline.value) void load()
    },
    { immediate: true },
  )
  watch(
    () => report.stream.value,
    () => session.device?.syncNow(),
    { immediate: true },
  )
  onScopeDispose(() => asked++)

  const mayStep = (to: BureauState): boolean => mayTake(session.person, props.orgUnit, life.value, to)

  return { report, id, page, peers, isOffline, isHere, isWhole, life, findings, sections, rows, dataSetOf, mayStep, load }
}

export type Review = ReturnType<typeof useReview>
