/**
 * Tells the robots of chat groups what waits. Beside the requests, and off as long as no robot is set.
 *
 * ```
 *   a return is committed ──► noted ──a minute──► returns.ts ──┐
 *   start                ──► all streams ──────► returns.ts ──┼──► outbox ──► post ──► the robot
 *   once an hour         ──► windows, reports ─► due.ts ──────┘
 * ```
 * Where other servers work on the database too, all streams are looked at once an hour as well.
 * What is noted in memory only says where to look at once: the ledger's log and the kept places say what was told.
 */
import type { Kysely } from 'kysely'
import type { Result } from '#domain/fault'
import { parseReportStated } from '#domain/report'
import type { WebhookFault, WebhookTest } from '#domain/webhook'
import type { Plan } from '#plan/plan'
import type { Reports } from '../reports'
import type { CommittedCells } from '../store/ledger'
import type { Tables } from '../store/tables'
import { readWindows } from '../windows'
import { dueDigests, dueReports, nameOf } from './due'
import { claim, forgetOld, markFailed, markSent, noteSpoken, putMessages, readReady, restRobot } from './outbox'
import { post, type Network } from './post'
import { MERGED_MS, tellOfReturns } from './returns'
import { answerOf, isTooOften, requestOf, type Robot } from './robot-forms'
import { rowToRobot } from './robot-row'
import { readTelling } from './settings'
import { compareCodes, digestText, testText } from './webhook-messages'

/** What is due changes by the day. */
export const LOOK_EVERY_MS = 3_600_000

export type Telling = {
  readonly allowsPrivate: boolean
  /** After each commit of this server. */
  heard(stream: string, cells: CommittedCells): void
  /** What there is to do now: at most one message for each robot. To be called again and again. */
  turn(): Promise<void>
  /** A test message, at once. `undefined`: there is no such robot. */
  test(id: string): Promise<WebhookTest | undefined>
}

export function openTelling(wiring: {
  readonly db: Kysely<Tables>
  readonly plan: Plan
  readonly reports: Reports
  /** Brings what other servers have committed into `reports`. */
  readonly catchUp: () => Promise<void>
  readonly network: Network
  /** Other servers may work on the database too. */
  readonly isShared: boolean
  readonly now: () => number
  /** From 0 to 1. */
  readonly chance: () => number
}): Telling {
  const { db, plan, reports, catchUp, network, isShared, now, chance } = wiring
  /** Where something may have been returned; `all` before the first look. */
  let noted: Set<string> | 'all' = 'all'
  let waitUntil = 0
  let lookedAt: number | undefined

  async function tellReturns(): Promise<void> {
    if (noted !== 'all' && noted.size === 0) return
    // Not longer than it was to be: the clock may have been put back.
    const leftMs = waitUntil - now()
    if (leftMs > 0 && leftMs <= MERGED_MS) return
    const wanted = noted
    noted = new Set()
    try {
      const until = await tellOfReturns(db, { plan, now: now(), streams: wanted === 'all' ? undefined : [...wanted] })
      if (until !== undefined) note(wanted)
      waitUntil = until ?? 0
    } catch (error) {
      note(wanted)
      throw error
    }
  }
  function note(streams: ReadonlySet<string> | 'all'): void {
    noted = streams === 'all' || noted === 'all' ? 'all' : new Set([...noted, ...streams])
  }

  async function tellDue(): Promise<void> {
    const telling = { dueSoon: await readTelling(db, 'dueSoon'), overdue: await readTelling(db, 'overdue') }
    if (telling.dueSoon.length + telling.overdue.length === 0) return
    const at = now()
    const due = dueReports(await readWindows(db, plan), at)
    if (due.length === 0) return
    await catchUp()
    const filter = {
      unit: () => true,
      periods: [...new Set(due.map(({ period }) => period))],
      dataSets: new Set(due.map(({ dataSet }) => dataSet)),
    }
    await reports.refresh(filter)
    for (const digest of dueDigests(due, reports.rows(filter))) {
      const { occasion, period, dataSet, orgUnits } = digest
      const text = digestText(occasion, {
        ...{ period, due: digest.due, title: plan.dataSets.get(dataSet)?.title.zh ?? dataSet },
        schools: [...orgUnits].sort(compareCodes).map((code) => reports.unit(code)?.name ?? code),
      })
      await putMessages(
        db,
        telling[occasion].map(({ id }) => ({ webhook: id, occasion: nameOf(digest), text })),
        at,
      )
    }
  }

  async function look(): Promise<void> {
    const at = now()
    if (lookedAt !== undefined && at >= lookedAt && at - lookedAt < LOOK_EVERY_MS) return
    // Another server may have ended before it told of what it had heard. All of a district's log takes a third of a second after years.
    if (isShared) note('all')
    await tellDue()
    await forgetOld(db, at)
    lookedAt = at
  }

  async function say(robot: Robot, text: string): Promise<Result<string, WebhookFault>> {
    const posted = await post(requestOf(robot, text, now()), network)
    return posted.ok ? answerOf(posted.value) : posted
  }

  async function deliver(webhook: string): Promise<void> {
    const claimed = await claim(db, webhook, now())
    if (claimed === undefined) return
    const said = await say(claimed.robot, claimed.text)
    if (said.ok) return markSent(db, claimed, now())
    const { fault } = said
    const tooOften = isTooOften(claimed.robot.kind, fault)
    return markFailed(db, claimed, { fault, now: now(), chance: chance(), tooOften })
  }

  return {
    allowsPrivate: network.allowsPrivate,
    heard(stream, cells) {
      if (noted !== 'all' && cells.some(isReturn)) noted.add(stream)
    },
    async turn() {
      await look()
      await tellReturns()
      // One that is slow holds up none of the others.
      const delivered = await Promise.allSettled((await readReady(db, now())).map(deliver))
      for (const one of delivered) if (one.status === 'rejected') throw one.reason
    },
    async test(id) {
      const row = await db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return undefined
      const robot = rowToRobot(row)
      await noteSpoken(db, id, now())
      const said = await say(robot, testText(row.name))
      if (!said.ok && isTooOften(robot.kind, said.fault)) await restRobot(db, id, now())
      return said.ok ? { isSent: true, said: said.value } : { isSent: false, fault: said.fault }
    },
  }
}

const isReturn = ([key, { heads }]: CommittedCells[number]): boolean =>
  key.startsWith('w/') && heads.some(({ value }) => parseReportStated(value)?.state === 'returned')
