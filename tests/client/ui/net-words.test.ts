import { expect, test } from 'vitest'
import { t } from '#client/i18n/i18n'
import { netWords, type NetState } from '#client/ui/net-words'

const now = new Date(2024, 2, 1, 10, 30).getTime()
const ago = (minutes: number) => now - minutes * 60_000
const words = (net: Partial<NetState>) => {
  const { key, values, strong, on } = netWords({ phase: 'idle', waiting: 0, paused: false, ...net }, now)
  return `${t(key, values)}${strong === undefined ? '' : ` ${strong}`}${on ? ' +' : ''}`
}

test.each<[Partial<NetState>, string]>([
  [{}, '正在连接'],
  [{ lastContact: ago(0.5) }, '已连网，刚刚连通 +'],
  [{ lastContact: ago(5) }, '已连网，今天 10:25 连通 +'],
  [{ phase: 'sending', waiting: 3 }, '正在发送 3 项 +'],
  [{ phase: 'sending' }, '已连网，刚刚连通 +'],
  [{ phase: 'offline' }, '离线，还没连通过'],
  [{ phase: 'offline', lastContact: ago(90) }, '离线，上次连通 今天 09:00'],
  [{ phase: 'waiting', nextTry: now + 20_000 }, '连不上，马上再试'],
  [{ phase: 'waiting', nextTry: now + 300_000 }, '连不上，今天 10:35 再试'],
  [{ phase: 'signedOut', paused: true }, '登录过期'],
  [{ phase: 'tooOld' }, '请换上新版本'],
  [{ phase: 'idle', paused: true, lastContact: ago(1) }, '已暂停发送'],
])('the connection is told in words: %j', (net, expected) => {
  expect(words(net)).toBe(expected)
})
