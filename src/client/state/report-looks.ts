/** A report's state as a mark: shape, word, colour. With `common.*` words only, so that every page may show it. */
import { t } from '../i18n/i18n'
import type { ReportLife } from './report-life'

/** `state`: one of those that `StateMark` knows. */
export type ReportLook = { readonly state: 'sent' | 'review' | 'ok' | 'return' | 'half'; readonly words: string }

/** `undefined`: with the school and never handed in; how far the filling is says more then. */
export function lookOfReport(life: Pick<ReportLife, 'state' | 'marks'>): ReportLook | undefined {
  switch (life.state) {
    case undefined:
      return undefined
    case 'submitted':
      return { state: 'sent', words: t('common.report.submitted') }
    case 'reviewing':
      return { state: 'review', words: t('common.report.reviewing') }
    case 'approved':
      return { state: 'ok', words: t('common.report.approved') }
    case 'returned':
      return {
        state: 'return',
        words: life.marks.length === 0 ? t('common.report.returned') : t('common.report.returnedMarks', { n: life.marks.length }),
      }
    case 'withdrawn':
      return { state: 'half', words: t('common.report.withdrawn') }
    case 'reopened':
      return { state: 'return', words: t('common.report.reopened') }
  }
}
