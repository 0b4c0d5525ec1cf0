/**
 * The interface's words. Simplified Chinese is the original; English is loaded when somebody asks for it.
 *
 * Each area of the interface has its file of messages. Those of `common` and `entry` are on board from the start; the others come
 * with the pages that show them (`loadMessages`, called by the routes), because the first load of a form must stay small. So
 * `ui/`, `state/` and whatever stands around the pages use `common.*` and `entry.*` only, and a feature its own area besides.
 *
 * `{name}` in a message is replaced by the value of that name. There are no plural rules: Chinese has none, and the English
 * messages are worded so that they need none.
 */
import { shallowRef } from 'vue'
import type { Language, Text } from '#domain/text'
import type { zh } from './zh'
import { common } from './zh/common'
import { entry } from './zh/entry'

export type MessageKey = keyof typeof zh
export type MessageValues = Readonly<Record<string, string | number>>
type Messages = Readonly<Partial<Record<MessageKey, string>>>

const LATER = {
  accounts: async () => (await import('./zh/accounts')).accounts,
  'sign-in': async () => (await import('./zh/sign-in')).signIn,
  comment: async () => (await import('./zh/comment')).comment,
  conflict: async () => (await import('./zh/conflict')).conflict,
  history: async () => (await import('./zh/history')).history,
  home: async () => (await import('./zh/home')).home,
  filing: async () => (await import('./zh/filing')).filing,
  hardware: async () => (await import('./zh/hardware')).hardware,
  inspection: async () => (await import('./zh/inspection')).inspection,
  'sync-centre': async () => (await import('./zh/sync-centre')).syncCentre,
  overview: async () => (await import('./zh/overview')).overview,
  photo: async () => (await import('./zh/photo')).photo,
  record: async () => (await import('./zh/record')).record,
  report: async () => (await import('./zh/report')).report,
  review: async () => (await import('./zh/review')).review,
  settings: async () => (await import('./zh/settings')).settings,
  tablets: async () => (await import('./zh/tablets')).tablets,
  webhooks: async () => (await import('./zh/webhooks')).webhooks,
  windows: async () => (await import('./zh/windows')).windows,
} satisfies Record<string, () => Promise<Messages>>

/** An area whose messages come with its pages. */
export type LaterArea = keyof typeof LATER

let chinese: Messages = { ...common, ...entry }
const messages = shallowRef<Messages>(chinese)
const current = shallowRef<Language>('zh')

export const language: { readonly value: Language } = current

export async function setLanguage(next: Language): Promise<void> {
  messages.value = next === 'zh' ? chinese : (await import('./en')).en
  current.value = next
  if (typeof document !== 'undefined') document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
}

/** Resolves when the messages of the area are there. English comes as a whole. */
export async function loadMessages(area: LaterArea): Promise<void> {
  addMessages(await LATER[area]())
}

export function addMessages(more: Messages): void {
  chinese = { ...chinese, ...more }
  if (current.value === 'zh') messages.value = chinese
}

export function t(key: MessageKey, values?: MessageValues): string {
  const message = messages.value[key]
  if (message === undefined) throw new Error(`no message ${key}: its area is not loaded`)
  return fill(message, values)
}

/** A text of the plan document, a fault or an org unit in the language of the interface. */
export function inLanguage(text: Text): string {
  return text[current.value]
}

export function fill(message: string, values: MessageValues | undefined): string {
  return values === undefined ? message : message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
