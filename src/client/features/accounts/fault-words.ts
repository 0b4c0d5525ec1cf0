import type { ApiFault } from '#client/device/api'
import { inLanguage, t } from '#client/i18n/i18n'
import { faultText } from '#domain/fault-messages'

/** Why something was not done, in a sentence. */
export function faultWords(fault: ApiFault): string {
  return fault.kind === 'unreachable' ? t('accounts.unreachable') : inLanguage(faultText(fault))
}
