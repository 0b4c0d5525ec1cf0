import { onScopeDispose, watchEffect } from 'vue'
import { t } from '#client/i18n/i18n'

/** The page's name in the browser's tab and for screen readers; follows the language. */
export function usePageTitle(title: () => string): void {
  const stop = watchEffect(() => {
    document.title = `${title()} · ${t('common.app')}`
  })
  onScopeDispose(stop)
}
