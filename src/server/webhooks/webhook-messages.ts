/**
 * What robots say in the groups of Chinese schools: in Chinese only. It names no value, no reason and no person, as many read along; and each
 * text begins with the program's name, by which a robot that wants a keyword lets it pass.
 */
import type { WebhookOccasion } from '#domain/webhook'

/** Schools that are named; of more only the number is said. */
const NAMES_MAX = 20
/** So that every text stays below the 2,048 bytes that a robot takes. */
const NAMES_BYTES_MAX = 1200
const TITLE_LENGTH_MAX = 60

export type Digest = {
  readonly period: string
  /** The data set's. */
  readonly title: string
  /** Names, in the order in which they are to stand. */
  readonly schools: readonly string[]
  /** `YYYY-MM-DDTHH:mm`. */
  readonly due?: string | undefined
}

const TEXTS: Readonly<Record<WebhookOccasion, (digest: Digest) => string>> = {
  returned: (digest) =>
    `优学填报：${reportName(digest)}有 ${count(digest)} 所学校的报表被退回：${names(digest)}。请打开优学填报看审核意见，改好后重新提交。`,
  dueSoon: (digest) =>
    `优学填报：${reportName(digest)}将于 ${moment(digest)} 截止，还有 ${count(digest)} 所学校没有提交：${names(digest)}。`,
  overdue: (digest) =>
    `优学填报：${reportName(digest)}已于 ${moment(digest)} 截止，还有 ${count(digest)} 所学校没有提交：${names(digest)}。`,
}

export const digestText = (occasion: WebhookOccasion, digest: Digest): string => TEXTS[occasion](digest)

export const testText = (name: string): string => `优学填报：这是一条测试消息，机器人“${name}”已经接通。`

/** The order in which schools are named. */
export const compareCodes = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0)

const reportName = ({ period, title }: Digest): string =>
  `${period} 年度《${Array.from(title).slice(0, TITLE_LENGTH_MAX).join('')}》`
const count = ({ schools }: Digest): string => String(schools.length)

function moment({ due = '' }: Digest): string {
  const [, month, day, time] = /^\d{4}-(\d{2})-(\d{2})T(\d{2}:\d{2})$/.exec(due) ?? []
  return `${String(Number(month))} 月 ${String(Number(day))} 日 ${time ?? ''}`
}

function names({ schools }: Digest): string {
  let text = ''
  let named = 0
  for (const school of schools) {
    const longer = named === 0 ? school : `${text}、${school}`
    if (named === NAMES_MAX || (named > 0 && Buffer.byteLength(longer) > NAMES_BYTES_MAX)) break
    text = longer
    named += 1
  }
  return named < schools.length ? `${text} 等 ${String(schools.length)} 所` : text
}
