import * as v from 'valibot'
import { failed, ok, type Result } from '#domain/fault'
import { may } from '#domain/may'
import { isReportState } from '#domain/report'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import type { NewsAnswer, ReportPage, ReportsAnswer } from '#plan/report-wire'
import { personOf } from '../access'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { readNames } from '../names'
import { readReportPage } from '../report-page'
import { emptyCounts, lateness, ONLY, pageOf, ROW_STATES, SORTS } from '../report-queue'
import { newsAnswerSchema, reportPageSchema, reportsAnswerSchema } from '../report-schemas'
import { reportsOf, type ReportFilter } from '../reports'
import { askedUnitsSchema, selectAmong } from '../unit-selection'
import { readWindows } from '../windows'

const PAGE = 100
const PAGE_MAX = 500
const NEWS_MAX = 100

/** `a,b`; each must be one of these. */
const listOf = <T extends string>(allowed: readonly T[]) =>
  v.pipe(
    v.string(),
    v.transform((text) => text.split(',').map((part) => part.trim())),
    v.array(v.picklist(allowed)),
  )

const querySchema = v.object({
  period: v.string(),
  state: v.optional(listOf(ROW_STATES)),
  dataSet: v.optional(v.string()),
  orgUnit: askedUnitsSchema,
  type: v.optional(v.string()),
  q: v.optional(v.pipe(v.string(), v.maxLength(100))),
  only: v.optional(listOf(ONLY)),
  sort: v.optional(v.picklist(SORTS), 'received'),
  cursor: v.optional(v.pipe(v.string(), v.maxLength(300))),
  limit: v.optional(v.pipe(v.string(), v.regex(/^[1-9]\d{0,3}$/), v.transform(Number), v.maxValue(PAGE_MAX)), String(PAGE)),
})

type ReportDeps = Pick<Deps, 'db' | 'plan' | 'figures' | 'reports' | 'ranges' | 'now'>

export function reportRoutes(api: Api, deps: ReportDeps): void {
  const { db, figures, reports, ranges, now } = deps
  const { plan } = deps.plan

  /** Which reports a question is about, of those that the person may read. */
  function filterOf(
    person: Person,
    query: Pick<v.InferOutput<typeof querySchema>, 'period' | 'dataSet' | 'orgUnit' | 'type' | 'q'>,
  ): Result<ReportFilter> {
    const { period, dataSet, orgUnit, type, q } = query
    const selected = selectAmong([...reports.units()], person, orgUnit)
    if (!selected.ok) return selected
    if (!plan.document.periods.includes(period)) return failed({ kind: 'period.unknown', path: 'period', values: { period } })
    const dataSets = dataSet?.split(',')
    const unknown = dataSets?.find((each) => !plan.dataSets.has(each))
    if (unknown !== undefined) return failed({ kind: 'dataSet.unknown', path: 'dataSet', values: { dataSet: unknown } })
    const types = type === undefined ? undefined : new Set(type.split(','))
    const words = q?.trim().toLowerCase() ?? ''
    const codes = new Set(
      selected.value
        .filter((unit) => types === undefined || types.has(unit.type))
        .filter(({ name, code }) => name.toLowerCase().includes(words) || code.toLowerCase().includes(words))
        .map(({ code }) => code),
    )
    return ok({
      unit: ({ code }) => codes.has(code),
      periods: [period],
      ...(dataSets === undefined ? {} : { dataSets: new Set(dataSets) }),
    })
  }

  api.get(
    '/reports',
    {
      schema: {
        summary: 'The queue: where the reports of a period stand, of all org units that the asker may read or of those asked for',
        description: `"state" (several by comma; all but "open" without it), "dataSet", "orgUnit", "type" of the org unit and "q" (part of its name or code) narrow; "only" asks for rows that are ${ONLY.join(', ')}; "sort" is one of ${SORTS.join(', ')}. One answer has ${String(PAGE)} rows, or "limit"; "cursor" with "next" of an answer gives those behind it. "changed" counts elements whose value or remark is another than the bureau saw last; "warnings" that ask about the district's usual range are those of the moment at which the report last changed.`,
        querystring: querySchema,
        response: { 200: reportsAnswerSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown', 'orgUnit.unknown', 'dataSet.unknown'] },
    },
    async (request, reply) => {
      const { state, only, sort, cursor, limit } = request.query
      await figures.catchUp()
      const filter = filterOf(personOf(request), request.query)
      if (!filter.ok) return answerFault(reply, filter.fault)
      await reports.refresh(filter.value)
      const page = pageOf(reports.rows(filter.value), {
        states: new Set(state ?? ROW_STATES.filter((each) => each !== 'open')),
        only: only ?? [],
        sort,
        cursor,
        limit,
        isLate: lateness(await readWindows(db, plan), now()),
      })
      if (!page.ok) return answerFault(reply, page.fault)
      const { counts, total, rows, next } = page.value
      const names = await readNames(
        db,
        rows.flatMap(({ by }) => by ?? []),
      )
      return {
        now: now(),
        counts,
        total,
        rows: rows.map((row) => ({ ...row, ...nameOf(names, row.by) })),
        ...(next === undefined ? {} : { next }),
      } satisfies ReportsAnswer
    },
  )

  api.get(
    '/reports/:orgUnit/:period/:dataSet',
    {
      schema: {
        summary: 'One report with all that is said about it',
        description:
          '"elements" are all that the org unit is asked in it, in the order of the form; "before" is what the bureau saw last, where that is another value or remark; "digest" is what a step that vouches for these values says as "seen"; "receipt" is the number under which the ledger has it.',
        params: v.object({ orgUnit: v.string(), period: v.string(), dataSet: v.string() }),
        response: { 200: reportPageSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown', 'orgUnit.unknown', 'dataSet.unknown'] },
    },
    async (request, reply) => {
      await figures.catchUp()
      const asked = reportOf(personOf(request), request.params)
      if (!asked.ok) return answerFault(reply, asked.fault)
      const { unit, period, dataSet } = asked.value
      const page = await readReportPage({ db, plan, ranges }, { unit, period, dataSet })
      const filter = { unit: (other: OrgUnit) => other.code === unit.code, periods: [period], dataSets: new Set([dataSet]) }
      await reports.refresh(filter)
      const [row] = reports.rows(filter)
      if (row === undefined) return answerFault(reply, notAsked(dataSet))
      const late = lateness(await readWindows(db, plan), now())(row)
      const names = await readNames(db, row.by === undefined ? [] : [row.by])
      return { row: { ...row, late, ...nameOf(names, row.by) }, ...page } satisfies ReportPage
    },
  )

  api.get(
    '/news',
    {
      schema: {
        summary: 'What waits for the bureau, and what schools have done since',
        description:
          'Steps of reports that were taken by others behind "since" (the "cursor" of an earlier answer), newest first. Which of them a person has seen is known to whoever asks, not to the server.',
        querystring: v.object({
          period: v.string(),
          since: v.optional(v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)), '0'),
        }),
        response: { 200: newsAnswerSchema },
      },
      config: { access: 'signedIn', faults: ['right.missing', 'period.unknown'] },
    },
    async (request, reply) => {
      const person = personOf(request)
      const { period, since } = request.query
      if (!may(person, { do: 'readFigures' })) return answerFault(reply, { kind: 'right.missing' })
      await figures.catchUp()
      const filter = filterOf(person, { period })
      if (!filter.ok) return answerFault(reply, filter.fault)
      await reports.refresh(filter.value)
      const counts = emptyCounts()
      const news: NewsAnswer['news'][number][] = []
      let cursor = since
      for (const row of reports.rows(filter.value)) {
        counts[row.state] += 1
        if (row.received === undefined || row.received <= since) continue
        for (const { state, by, at, received } of reports.steps(row)) {
          cursor = Math.max(cursor, received)
          const { orgUnit, dataSet, round } = row
          if (received > since && by !== person.username && isReportState(state))
            news.push({ orgUnit, period, dataSet, state, by, at, received, round })
        }
      }
      news.sort((one, other) => other.received - one.received)
      const newest = news.slice(0, NEWS_MAX)
      const names = await readNames(
        db,
        newest.map(({ by }) => by),
      )
      return {
        now: now(),
        cursor,
        counts,
        mentions: reports.mentions(filter.value, person),
        news: newest.map((each) => ({ ...each, ...nameOf(names, each.by) })),
        more: news.length > newest.length,
      } satisfies NewsAnswer
    },
  )

  function reportOf(
    person: Person,
    { orgUnit, period, dataSet }: { readonly orgUnit: string; readonly period: string; readonly dataSet: string },
  ): Result<{ readonly unit: OrgUnit; readonly period: string; readonly dataSet: string }> {
    // First the right: codes are not to be found out by trying.
    if (!may(person, { do: 'read', orgUnit })) return failed({ kind: 'right.missing', path: 'orgUnit', values: { orgUnit } })
    const unit = reports.unit(orgUnit)
    if (unit === undefined) return failed({ kind: 'orgUnit.unknown', path: 'orgUnit', values: { orgUnit } })
    if (!plan.document.periods.includes(period)) return failed({ kind: 'period.unknown', path: 'period', values: { period } })
    if (!reportsOf(plan, unit).includes(dataSet)) return failed(notAsked(dataSet))
    return ok({ unit, period, dataSet })
  }
}

const notAsked = (dataSet: string) => ({ kind: 'dataSet.unknown', path: 'dataSet', values: { dataSet } }) as const

function nameOf(names: ReadonlyMap<string, { readonly name: string }>, by: string | undefined): { readonly name?: string } {
  const name = by === undefined ? undefined : names.get(by)?.name
  return name === undefined ? {} : { name }
}
