/**
 * What stands beside the rows and no key press needs: targets, what inspections and the bureau said, the usual ranges. Brought when all rows
 * are there, with the code that works it out.
 */
import type { EffectScope, ShallowRef } from 'vue'
import type { OrgUnit } from '#domain/org-unit'
import type { Form } from '#plan/applicability'
import type { Plan } from '#plan/plan'
import { loadMessages } from '#client/i18n/i18n'
import { effectAfterPaint } from '#client/state/after-paint'
import { spokenOfIn } from '#client/state/comments'
import type { Inspected } from '#client/state/inspected'
import type { useSession } from '#client/state/session'
import type { Report } from '#client/state/use-report'
import { loadRanges } from '#client/state/usual-ranges'
import { targetNotesOf, type TargetNote } from './target-notes'

export type Beside = {
  readonly targets: ShallowRef<ReadonlyMap<string, TargetNote> | undefined>
  readonly inspected: ShallowRef<ReadonlyMap<string, Inspected> | undefined>
  /** Elements that the reviewer returned, or that somebody has said something about. */
  readonly spokenOf: ShallowRef<ReadonlySet<string> | undefined>
}

type Needs = {
  readonly plan: Plan
  readonly unit: OrgUnit
  readonly form: Form
  readonly report: Report
  readonly session: ReturnType<typeof useSession>
  /** Ends with the form. */
  readonly scope: EffectScope
}

export async function bringBeside(beside: Beside, needs: Needs): Promise<void> {
  const { plan, unit, report, session } = needs
  beside.targets.value = targetNotesOf(plan, unit, report.period.value)
  await Promise.all([followWords(beside, needs), followInspections(beside, needs), loadRanges(report, { session })])
}

async function followWords({ spokenOf }: Beside, { form, report, scope }: Needs): Promise<void> {
  await loadMessages('report')
  if (scope.active)
    scope.run(() =>
      effectAfterPaint(() => {
        const stream = report.stream.value
        const dataSet = form.dataSet.id
        if (stream !== undefined)
          spokenOf.value = spokenOfIn(stream, { period: report.period.value, dataSet }, report.lifeOf(dataSet))
      }),
    )
}

/** Of most schools nothing at all: no list has been gone through there. */
async function followInspections({ inspected }: Beside, { plan, unit, report, scope }: Needs): Promise<void> {
  if (plan.document.inspections === undefined) return
  const [{ inspectedIn }] = await Promise.all([import('#client/state/inspected'), loadMessages('record')])
  if (scope.active)
    scope.run(() =>
      effectAfterPaint(() => {
        const stream = report.stream.value
        const period = report.period.value
        if (stream !== undefined) inspected.value = inspectedIn({ plan, unit, stream, values: report.values, period }).byElement
      }),
    )
}
