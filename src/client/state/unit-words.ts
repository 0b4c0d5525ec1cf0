import { t } from '#client/i18n/i18n'
import type { OrgUnit } from '#domain/org-unit'

/** "公办小学 · 演示教育集团": what kind of unit it is, and its group where it has one. */
export function unitWords(unit: OrgUnit): string {
  const kind = t('common.unitSub', {
    ownership: t(`common.ownership.${unit.ownership}`),
    type: t(`common.type.${unit.type}`),
  })
  return unit.group === undefined ? kind : `${kind} · ${unit.group}`
}
