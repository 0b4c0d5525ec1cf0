import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const CLIENT = 'src/client'
const CORE = ['common', 'entry']
const AREAS = [...CORE, 'history', 'conflict', 'sign-in', 'home', 'hardware', 'sync-centre', 'overview', 'settings', 'tablets']
const KEY = new RegExp(`['"\`](${AREAS.join('|')})\\.[a-zA-Z$]`, 'g')

const filesUnder = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|vue)$/.test(name))
    .map((name) => join(folder, name))

const areasIn = (file: string) => [...new Set([...readFileSync(file, 'utf8').matchAll(KEY)].map((match) => match[1] ?? ''))]

/** What is shown on several pages and brings its own messages along: `use-history.ts` has loaded them before there is anything to show. */
const OWN_AREAS: Readonly<Record<string, string>> = {
  [`${CLIENT}/state/use-history.ts`]: 'history',
  [`${CLIENT}/ui/HistoryList.vue`]: 'history',
}

/** What a file may say before any other page has been opened. */
function foreignAreas(file: string): readonly string[] {
  const [feature] = file.slice(`${CLIENT}/features/`.length).split('/')
  const own = file.startsWith(`${CLIENT}/features/`) ? feature : OWN_AREAS[file]
  return areasIn(file).filter((area) => !CORE.includes(area) && area !== own)
}

test('a page speaks with its own messages and those that are always on board', () => {
  const files = filesUnder(CLIENT).filter((file) => !file.startsWith(`${CLIENT}/i18n/`))
  expect(files.filter((file) => areasIn(file).length > 0).length).toBeGreaterThan(20)
  expect(files.filter((file) => foreignAreas(file).length > 0)).toEqual([])
})

test('a foreign message would be noticed', () => {
  expect(foreignAreas(`${CLIENT}/features/settings/SettingsPage.vue`)).toEqual([])
  expect(areasIn(`${CLIENT}/features/settings/SettingsPage.vue`)).toContain('settings')
  expect(foreignAreas(`${CLIENT}/features/../features/settings/SettingsPage.vue`)).toContain('settings')
})
