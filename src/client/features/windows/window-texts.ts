/** What the page of windows says about a moment, a zone, a window, and what is wrong at a field. */
import { inLanguage, language, t } from '#client/i18n/i18n'
import { faultText } from '#domain/fault-messages'
import type { ReportWindow } from '#domain/window'
import type { WindowFault } from './windows-model'

/** With its year: the page shows several years' windows. */
export function momentText(local: string | undefined): string {
  if (local === undefined) return '–'
  const [year = '', month = '', day = '', time = ''] = local.split(/[-T]/)
  return t('windows.moment', { year, month: Number(month), day: Number(day), time })
}

/** What people call the zone; its name in the database where they have no word for it. */
export function zoneText(timeZone: string): string {
  const locale = language.value === 'zh' ? 'zh-CN' : 'en'
  const parts = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'long' }).formatToParts()
  return t('windows.zone', { name: parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone, id: timeZone })
}

/** All that a window says, in one line. */
export function windowText(window: ReportWindow): string {
  const { opens, due, closes, extensions } = window
  return t('windows.all', {
    ...{ opens: momentText(opens), due: momentText(due), closes: momentText(closes) },
    schools: extensions.length,
  })
}

/** Of the field at `path`; nothing where the fault is elsewhere. */
export function faultAt(fault: WindowFault | undefined, path: string): string | undefined {
  return fault?.path === path ? inLanguage(faultText(fault.fault)) : undefined
}
