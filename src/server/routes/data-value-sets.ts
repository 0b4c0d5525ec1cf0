import * as v from 'valibot'
import { faultText } from '#domain/fault-messages'
import { may } from '#domain/may'
import { isPeriod } from '#domain/period'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { exportValues } from '../export-values'
import { STATUS_BY_FAULT } from '../fault-status'
import { createImport } from '../import-values'
import { askedUnitsSchema, selectUnits } from '../unit-selection'
import { faultSchema } from '../wire'

/** Some 170,000 values. One request is held in memory as a whole, so a larger import comes in several. */
export const IMPORT_BYTES_MAX = 18 * 1024 * 1024

const rowSchema = v.object({
  dataElement: v.string(),
  period: v.string(),
  orgUnit: v.string(),
  value: v.optional(v.string()),
  comment: v.optional(v.string()),
  absence: v.optional(v.picklist(['notApplicable', 'notAvailable'])),
  reason: v.optional(v.string()),
})

/** Rows are judged one by one, each with its own fault, so that one bad row does not stop the others. */
const bodySchema = v.object({
  dataSet: v.optional(v.string()),
  period: v.optional(v.string()),
  orgUnit: v.optional(v.string()),
  dataValues: v.array(v.unknown()),
})

const importAnswerSchema = v.object({
  /** `complete`: every row was understood; `partial`: the others were taken; `refused`: none was. */
  status: v.picklist(['complete', 'partial', 'refused']),
  dryRun: v.boolean(),
  counts: v.object({
    imported: v.number(),
    updated: v.number(),
    deleted: v.number(),
    ignored: v.number(),
    refused: v.number(),
  }),
  rows: v.array(v.object({ index: v.number(), ...faultSchema.entries })),
})

/** No row was understood: the report, with the first row's fault as the answer's. */
const importRefusedSchema = v.object({ ...faultSchema.entries, ...importAnswerSchema.entries })

const exportAnswerSchema = v.object({
  dataValues: v.array(v.object({ ...rowSchema.entries, conflict: v.optional(v.array(v.string())) })),
})

export function dataValueSetRoutes(api: Api, deps: Pick<Deps, 'db' | 'ledger' | 'plan' | 'now'>): void {
  const { db, now, ledger } = deps
  const { plan } = deps.plan
  const importValues = createImport({ db, ledger, plan, now, report: (defect) => api.log.error(defect) })

  api.post(
    '/dataValueSets',
    {
      bodyLimit: IMPORT_BYTES_MAX,
      schema: {
        summary: 'Imports values: the rows that are understood are taken, the refused ones are listed',
        description: `A row: ${JSON.stringify(Object.keys(rowSchema.entries))}. An empty value, or null, clears; "absence" with "reason" in place of a value states why there is none; "comment" is the remark. With dryRun=true nothing is written. Where no row is understood, the first fault is the answer's.`,
        querystring: v.object({ dryRun: v.optional(v.picklist(['true', 'false', '1', '0'])) }),
        body: bodySchema,
        response: { 200: importAnswerSchema, '4xx': importRefusedSchema },
      },
      config: {
        access: 'signedIn',
        faults: [
          'right.missing',
          'dataSet.unknown',
          'element.unknown',
          'element.notAsked',
          'period.unknown',
          'orgUnit.unknown',
          'value.notANumber',
          'value.notWhole',
          'value.negative',
          'value.outOfRange',
          'value.notAChoice',
          'value.notYesNo',
          'value.tooLong',
        ],
      },
    },
    async (request, reply) => {
      const person = personOf(request)
      if (!may(person, { do: 'importValues' })) return answerFault(reply, { kind: 'right.missing' })
      const { dataSet, dataValues, period, orgUnit } = request.body
      if (dataSet !== undefined && !plan.dataSets.has(dataSet)) {
        return answerFault(reply, { kind: 'dataSet.unknown', path: 'dataSet', values: { dataSet } })
      }
      const dryRun = request.query.dryRun === 'true' || request.query.dryRun === '1'
      const { counts, refused } = await importValues({ rows: dataValues, defaults: { period, orgUnit }, person, dryRun })
      const rows = refused.map(({ index, fault }) => ({ index, fault, message: faultText(fault) }))
      const [first] = rows
      if (first === undefined) return { status: 'complete', dryRun, counts, rows }
      if (rows.length < dataValues.length) return { status: 'partial', dryRun, counts, rows }
      const { fault, message } = first
      return reply.code(STATUS_BY_FAULT[fault.kind]).send({ fault, message, status: 'refused', dryRun, counts, rows })
    },
  )

  api.get(
    '/dataValueSets',
    {
      schema: {
        summary: 'The values of a period, in the form that the import takes',
        querystring: v.object({ period: v.string(), orgUnit: askedUnitsSchema, dataSet: v.optional(v.string()) }),
        response: { 200: exportAnswerSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown', 'orgUnit.unknown', 'dataSet.unknown'] },
    },
    async (request, reply) => {
      const { period, orgUnit, dataSet } = request.query
      const selected = await selectUnits(db, personOf(request), orgUnit)
      if (!selected.ok) return answerFault(reply, selected.fault)
      if (!isPeriod(period) || !plan.document.periods.includes(period)) {
        return answerFault(reply, { kind: 'period.unknown', path: 'period', values: { period } })
      }
      if (dataSet !== undefined && !plan.dataSets.has(dataSet)) {
        return answerFault(reply, { kind: 'dataSet.unknown', path: 'dataSet', values: { dataSet } })
      }
      return { dataValues: await exportValues(db, { plan, units: selected.value, period, dataSet }) }
    },
  )
}
