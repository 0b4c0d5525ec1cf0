/** A piece of news in a sentence, and where it leads. Whoever shows it has loaded the messages of `report`. */
import type { OrgUnit } from '#domain/org-unit'
import type { Plan } from '#plan/plan'
import { inLanguage, t } from '../i18n/i18n'
import { elementWords } from './element-words'
import type { News } from './news'

export function newsWords(
  news: News,
  needs: { readonly plan: Plan; readonly unit: OrgUnit | undefined; readonly who: string },
): string {
  const { plan, unit, who } = needs
  const known = plan.dataSets.get(news.dataSet)
  const dataSet = known === undefined ? news.dataSet : inLanguage(known.title)
  if (news.kind === 'comment') {
    return news.element === undefined
      ? t('report.news.commentSet', { who, dataSet })
      : t('report.news.comment', { who, element: elementWords(plan, news.element, unit) })
  }
  if (news.state === 'returned' && news.marks.length > 0)
    return t('report.news.returnedMarks', { who, dataSet, n: news.marks.length })
  return t(`report.news.${news.state}`, { who, dataSet })
}

export function newsAddress(unit: string, { period, dataSet, ...news }: News): string {
  const element = news.kind === 'comment' ? news.element : undefined
  return `/u/${unit}/${period}/fill/${dataSet}${element === undefined ? '' : `#${element}`}`
}
