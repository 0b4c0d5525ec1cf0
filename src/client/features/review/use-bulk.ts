/** Approving several reports, one after the other: each is looked at on the server, brought to this device, and vouched for as it stands there. */
import { shallowRef } from 'vue'
import { fetchReport } from '#client/device/report-api'
import type { Device, ShownStream } from '#client/device/contract'
import { lifeOf } from '#client/state/report-life'
import { useSession } from '#client/state/session'
import type { ReportRow } from '#plan/report-wire'
import { streamOf } from '#sync/protocol'
import { leftOutByPage, leftOutByRow, type LeftOut } from './bulk'
import { approve, digestOn, mayTake } from './review-steps'

export type BulkOutcome = { readonly row: ReportRow; readonly leftOut: LeftOut | undefined }

/** A stream comes with the next exchange: a second on a good network. */
const ARRIVES_MS = 20_000
const LOOK_EVERY_MS = 200

export function useBulk() {
  const session = useSession()
  const outcomes = shallowRef<readonly BulkOutcome[]>([])
  const isRunning = shallowRef(false)
  let isOver = false

  async function run(rows: readonly ReportRow[]): Promise<void> {
    isRunning.value = true
    outcomes.value = []
    try {
      for (const row of rows) {
        if (isOver) return
        const leftOut = await approveOne(row)
        outcomes.value = [...outcomes.value, { row, leftOut }]
      }
    } finally {
      isRunning.value = false
    }
  }

  async function approveOne(row: ReportRow): Promise<LeftOut | undefined> {
    const { device, plan, person } = session
    const unit = session.unit(row.orgUnit)
    const early = leftOutByRow(row)
    if (early !== undefined) return early
    if (device === undefined || plan === undefined || unit === undefined) return 'notHere'
    const page = await fetchReport(row)
    if (!page.ok) return 'notHere'
    const late = leftOutByPage(page.value)
    if (late !== undefined) return late
    const { period, dataSet } = row
    const report = { plan, unit, period, dataSet }
    const stream = await arrived(device, { orgUnit: row.orgUnit, isIt: (shown) => digestOn(shown, report) === page.value.digest })
    const life = lifeOf(stream, row)
    if (stream === undefined || !mayTake(person, unit.code, life, 'approved')) return 'notHere'
    try {
      await approve({ device, plan, stream, life }, report)
      return undefined
    } catch {
      return 'notStored'
    }
  }

  /** `undefined`: this device does not have what the server has, and did not get it in time. */
  async function arrived(
    device: Device,
    { orgUnit, isIt }: { readonly orgUnit: string; readonly isIt: (stream: ShownStream) => boolean },
  ): Promise<ShownStream | undefined> {
    const stream = await device.open(streamOf(orgUnit))
    device.syncNow()
    const began = performance.now()
    while (!isIt(stream) || !(await device.holds(stream.stream))) {
      if (isOver || performance.now() - began > ARRIVES_MS) return undefined
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
    }
    return stream
  }

  return { outcomes, isRunning, run, stop: () => (isOver = true) }
}
