import type { ApiFault } from '#client/device/api'
import { inLanguage, t } from '#client/i18n/i18n'
import { whenWords } from '#client/ui/when'
import { assertNever } from '#domain/assert-never'
import { faultText } from '#domain/fault-messages'
import type { Webhook, WebhookFault } from '#domain/webhook'

/** Why a change was not made, in a sentence. */
export function refusalWords(fault: ApiFault): string {
  if (fault.kind === 'unreachable') return t('webhooks.notSaved')
  return inLanguage(faultText({ kind: fault.kind, values: fault.values }))
}

/** Why a robot did not take a message. */
export function webhookFaultWords({ kind, status = 0, code = 0, said = '' }: WebhookFault): string {
  switch (kind) {
    case 'unreachable':
      return t('webhooks.fault.unreachable', { said })
    case 'timeout':
      return t('webhooks.fault.timeout')
    case 'private':
      return t('webhooks.fault.private')
    case 'status':
      return t('webhooks.fault.status', { status })
    case 'notItsAnswer':
      return t('webhooks.fault.notItsAnswer')
    case 'refused':
      return t('webhooks.fault.refused', { said, code })
    default:
      return assertNever(kind)
  }
}

export function occasionWords({ occasions }: Pick<Webhook, 'occasions'>): string {
  if (occasions.length === 0) return t('webhooks.occasions.none')
  return occasions.map((occasion) => t(`webhooks.occasion.${occasion}`)).join(t('webhooks.between'))
}

/** How it fares: what went out last, what waits, what was given up. */
export function fareWords({ sent, waiting, givenUp }: Webhook, now: number): string {
  const words = [
    ...(sent === undefined ? [] : [t('webhooks.sent', { when: whenWords(sent, now) })]),
    ...(waiting === 0 ? [] : [t('webhooks.waiting', { n: waiting })]),
    ...(givenUp === 0 ? [] : [t('webhooks.givenUp', { n: givenUp })]),
  ]
  return words.length === 0 ? t('webhooks.nothingSent') : words.join(t('webhooks.comma'))
}
