/**
 * The interface's words. Simplified Chinese is on board from the start; English is loaded when somebody asks for it.
 *
 * `{name}` in a message is replaced by the value of that name. There are no plural rules: Chinese has none, and the English
 * messages are worded so that they need none.
 */
import { shallowRef } from 'vue'
import type { Language, Text } from '#domain/text'
import { zh } from './zh'

export type MessageKey = keyof typeof zh
export type MessageValues = Readonly<Record<string, string | number>>

const messages = shallowRef<Readonly<Record<MessageKey, string>>>(zh)
const current = shallowRef<Language>('zh')

export const language: { readonly value: Language } = current

export async function setLanguage(next: Language): Promise<void> {
  messages.value = next === 'zh' ? zh : (await import('./en')).en
  current.value = next
  if (typeof document !== 'undefined') document.documentElement.lang = next === 'zh' ? 'zh-CN' : 'en'
}

export function t(key: MessageKey, values?: MessageValues): string {
  return fill(messages.value[key], values)
}

/** A text of the plan document, a fault or an org unit in the language of the interface. */
export function inLanguage(text: Text): string {
  return text[current.value]
}

export function fill(message: string, values: MessageValues | undefined): string {
  return values === undefined ? message : message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
