/** What the command that checks the logs says, in both languages. */
import type { Text } from '#domain/text'
import type { AuditCheck, AuditFinding } from './check-audit'

const count = (number: number): string => String(number)

export const auditMessages = {
  usage: (): Text => ({
    zh: '用法：npm run audit:verify，或 npm run audit:verify -- 序号 摘要（与以前记下的比对）',
    en: 'Use: npm run audit:verify, or npm run audit:verify -- NUMBER DIGEST (to compare with one that was noted before)',
  }),
  sound: ({ rows, mutations, uncovered }: AuditCheck): Text => ({
    zh: `管理日志核对无误：${count(rows)} 行；账本日志 ${count(mutations)} 条与摘要一致，最新的 ${count(uncovered)} 条还没有摘要。`,
    en: `The log of administration is sound: ${count(rows)} rows; ${count(mutations)} mutations of the ledger fit their digests, and the newest ${count(uncovered)} have none yet.`,
  }),
  head: ({ head }: AuditCheck): Text => ({
    zh: `请把这一行另外记下，以后可以比对：${count(head.id)} ${head.digest}`,
    en: `Note this line elsewhere, to compare with it later: ${count(head.id)} ${head.digest}`,
  }),
  differs: (differences: number): Text => ({
    zh: `日志有 ${count(differences)} 处被改动过：`,
    en: `The logs were changed in ${count(differences)} places:`,
  }),
  finding: ({ kind, at }: AuditFinding): string => `${FINDINGS[kind]}: ${at}`,
} as const

const FINDINGS: Readonly<Record<AuditFinding['kind'], string>> = {
  missing: '管理日志缺行 / rows of the log of administration are missing',
  changed: '管理日志的一行被改动 / a row of the log of administration was changed',
  end: '管理日志的末尾不对 / the log of administration ends elsewhere',
  named: '账本的摘要被改动 / digests of the ledger were changed',
  ledger: '账本日志被改动 / the log of the ledger was changed',
  witness: '与另外记下的摘要不同 / not the digest that was noted elsewhere',
}
