import { createPinia, setActivePinia } from 'pinia'
import { nextTick } from 'vue'
import { beforeEach, expect, test } from 'vitest'
import { t } from '#client/i18n/i18n'
import { readKept } from '#client/state/kept-preferences'
import { usePreferences } from '#client/state/preferences'

beforeEach(() => {
  localStorage.clear()
  delete document.documentElement.dataset['theme']
  setActivePinia(createPinia())
})

test('without a choice the system decides between light and dark', async () => {
  const preferences = usePreferences()
  expect(preferences.theme).toBe('system')
  preferences.theme = 'outdoor'
  await nextTick()
  expect(document.documentElement.dataset['theme']).toBe('outdoor')
  preferences.theme = 'system'
  await nextTick()
  expect('theme' in document.documentElement.dataset).toBe(false)
})

test('a choice is there at the next start', async () => {
  const preferences = usePreferences()
  preferences.theme = 'dark'
  preferences.hand = 'left'
  preferences.photoPlace = 'with'
  await nextTick()
  expect(readKept()).toEqual({ theme: 'dark', language: 'zh', hand: 'left', photoPlace: 'with' })
})

test.each(['', 'nonsense', '[]', 'null', '{"theme":"pink","language":3,"photoPlace":1}'])(
  'kept rubbish is no choice: %j',
  (kept) => {
    localStorage.setItem('preferences', kept)
    expect(readKept()).toEqual({ theme: 'system', language: 'zh', hand: 'right', photoPlace: 'without' })
  },
)

test('the language changes at once, and the document says so', async () => {
  const preferences = usePreferences()
  preferences.language = 'en'
  await expect.poll(() => t('common.nav.home')).toBe('Home')
  expect(document.documentElement.lang).toBe('en')
  preferences.language = 'zh'
  await expect.poll(() => t('common.nav.home')).toBe('首页')
  expect(document.documentElement.lang).toBe('zh-CN')
})
