import { expect, test } from 'vitest'
import { FAULT_KINDS } from '#domain/fault'
import { faultText } from '#domain/fault-messages'

const EVERY_VALUE = {
  problem: 'P1',
  limitBytes: 1024,
  seconds: 30,
  route: 'GET /x',
  element: 'E1',
  label: 'L1',
  orgUnit: 'O1',
  period: '2031',
  dataSet: 'D1',
  figure: 'F1',
  typed: '8a5',
  max: 60,
  length: 70,
  username: 'U1',
  tablet: 'T1',
  version: 1,
}

test.each(FAULT_KINDS)('%s has a polite sentence in both languages, with and without its values', (kind) => {
  for (const values of [undefined, {}, EVERY_VALUE]) {
    const { zh, en } = faultText({ kind, values })
    expect(zh).toMatch(/[\u4e00-\u9fff].*。$/s)
    expect(en).toMatch(/^[A-Z].*\.$/s)
    expect(en).not.toMatch(/[\u4e00-\u9fff]/)
    expect(`${zh}${en}`).not.toMatch(/undefined|NaN|null|\[object/)
    expect(zh).not.toMatch(/错误|非法|失败|您未|必须|无效/)
    expect(`${zh}${en}`).not.toMatch(/ {2}|：。|，。|: \.|, \./)
  }
})

test('every fault has a sentence of its own', () => {
  for (const language of ['zh', 'en'] as const) {
    const sentences = FAULT_KINDS.map((kind) => faultText({ kind })[language])
    expect(new Set(sentences).size).toBe(sentences.length)
  }
})

test('the sentence names what was typed, and zero is a value', () => {
  expect(faultText({ kind: 'value.notANumber', values: { typed: '8a5' } }).zh).toContain('8a5')
  expect(faultText({ kind: 'value.outOfRange', values: { max: 0, typed: '1' } }).zh).toContain('最大是 0')
})
