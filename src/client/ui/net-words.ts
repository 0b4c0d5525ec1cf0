/** The state of the connection -> the words, the drawing and whether it is the green one. */
import { assertNever } from '#domain/assert-never'
import type { MessageKey, MessageValues } from '#client/i18n/i18n'
import { whenWords } from './when'

/** What the words need of the device's sync state. */
export type NetState = {
  readonly phase: 'idle' | 'sending' | 'offline' | 'waiting' | 'signedOut' | 'tooOld'
  readonly waiting: number
  readonly paused: boolean
  readonly lastContact?: number | undefined
  readonly nextTry?: number | undefined
}

export type NetWords = {
  readonly key: MessageKey
  readonly values?: MessageValues
  readonly strong?: string
  readonly icon: string
  readonly on: boolean
}

const JUST_NOW_MS = 60_000

export function netWords(net: NetState, now: number): NetWords {
  if (net.paused && net.phase !== 'signedOut' && net.phase !== 'tooOld') {
    return { key: 'common.net.paused', icon: 'offline', on: false }
  }
  switch (net.phase) {
    case 'idle':
      if (net.lastContact === undefined) return { key: 'common.net.first', icon: 'sync', on: false }
      if (now - net.lastContact < JUST_NOW_MS) return { key: 'common.net.now', icon: 's-synced', on: true }
      return { key: 'common.net.at', values: { when: whenWords(net.lastContact, now) }, icon: 's-synced', on: true }
    case 'sending':
      if (net.waiting === 0) return { key: 'common.net.now', icon: 's-synced', on: true }
      return { key: 'common.net.sending', values: { n: net.waiting }, icon: 'send', on: true }
    case 'offline':
      if (net.lastContact === undefined) return { key: 'common.net.offlineNever', icon: 'offline', on: false }
      return { key: 'common.net.offline', strong: whenWords(net.lastContact, now), icon: 'offline', on: false }
    case 'waiting':
      if (net.nextTry === undefined || net.nextTry - now < JUST_NOW_MS) {
        return { key: 'common.net.retrySoon', icon: 'offline', on: false }
      }
      return { key: 'common.net.retry', values: { when: whenWords(net.nextTry, now) }, icon: 'offline', on: false }
    case 'signedOut':
      return { key: 'common.net.signedOut', icon: 'user', on: false }
    case 'tooOld':
      return { key: 'common.net.tooOld', icon: 's-warn', on: false }
    default:
      return assertNever(net.phase)
  }
}
