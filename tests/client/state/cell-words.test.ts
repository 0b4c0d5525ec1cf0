import { describe, expect, test } from 'vitest'
import { cellAddress, cellName, cellPlace, cellValue, cellWhere, conflictAddress } from '#client/state/cell-words'
import { toWire } from '#client/state/wire-value'
import {
  commentKey,
  fileKey,
  FINDING_FIELDS,
  FINDING_SIDES,
  findingKey,
  findingOwner,
  INSPECTION_FIELDS,
  inspectionKey,
  ITEM_FIELDS,
  itemKey,
  itemOwner,
  recordId,
  valueKey,
  type Json,
} from '#sync/protocol'
import '../all-messages'
import { smallPlan as plan, unit } from '../../plan/small-plan'

const SHA = 'a'.repeat(64)
const [visit, self] = [recordId('visit', 'abcdefghijklm'), recordId('self', 'abcdefghijklm')]
const school = unit('u1', 'primary')
const placeOf = (key: string) => cellPlace(plan, { stream: 's/u1', key })
const words = (key: string, value: Json) => {
  const place = placeOf(key)
  return [cellName(plan, place, school), cellValue(plan, place, value), cellWhere(plan, place)].join(' | ')
}

describe('in a list where cells of every kind stand together', () => {
  test('an inspection, its items and its findings are told in words', () => {
    expect(words(itemKey(visit, 'gate', 'verdict'), 'unmet')).toBe('大门关着吗的检查结论 | 不符合 | 检查')
    expect(words(itemKey(visit, 'gate', 'verdict'), null)).toBe('大门关着吗的检查结论 | 未查 | 检查')
    expect(words(itemKey(self, 'gate', 'note'), '门没关')).toBe('大门关着吗的记录 | 门没关 | 检查')
    expect(words(itemKey(self, 'unheard', 'note'), '')).toBe('unheard的记录 | 空 | 检查')
    expect(words(inspectionKey(visit, 'state'), { state: 'finished' })).toBe('检查的进度 | 已完成 | 检查')
    expect(words(findingKey(visit, 'what'), '大门没关')).toBe('问题的说明 | 大门没关 | 整改')
    expect(words(findingKey(visit, 'state'), { state: 'open', why: '照片看不清' })).toBe('整改的进度 | 待整改：照片看不清 | 整改')
    expect(words(findingKey(visit, 'state'), { state: 'of another version' })).toBe('整改的进度 | of another version | 整改')
  })

  test('whether a comment is settled says where that is decided', () => {
    expect(words(commentKey('c-abcdefghijklm', 'resolved'), true)).toMatch(
      /^意见是否已解决 \| .+ \| 在那条意见下再点一次，就定下来$/,
    )
  })

  test('what was measured is told as the element that the item asks about', () => {
    expect(words(itemKey(visit, 'onSite.bandwidth', 'measured'), '200')).toContain('200')
    expect(toWire(plan, itemKey(visit, 'onSite.bandwidth', 'measured'), ' 1，000 ')).toBe(
      toWire(plan, valueKey('2024', 'bandwidth'), ' 1，000 '),
    )
    expect(toWire(plan, itemKey(visit, 'gate', 'measured'), ' 1，000 ')).toBe(' 1，000 ')
  })

  test('a file is told by its name and by what it shows', () => {
    const file = { name: 'IMG_1.jpg', type: 'image/jpeg', size: 9 }
    expect(words(fileKey(itemOwner(visit, 'gate'), SHA), file)).toBe('照片或文件：大门关着吗 | IMG_1.jpg | 检查')
    expect(words(fileKey(findingOwner(visit, 'answer'), SHA), null)).toBe('照片或文件：学校的整改说明 | 已拿掉 | 整改')
    const ofValue = fileKey(valueKey('2024', 'bandwidth'), SHA)
    expect(words(ofValue, file)).toMatch(/^照片或文件：.+ \| IMG_1\.jpg \| .+ · 2024/)
    expect(cellAddress(plan, placeOf(ofValue))).toMatch(/^\/u\/u1\/2024\/fill\/.+#bandwidth$/)
  })

  test('whatever stands in it, nothing is thrown and nobody reads JSON of a state', () => {
    const keys = [
      ...INSPECTION_FIELDS.map((field) => inspectionKey(visit, field)),
      ...ITEM_FIELDS.map((field) => itemKey(self, 'gate', field)),
      ...FINDING_FIELDS.map((field) => findingKey(self, field)),
      ...FINDING_SIDES.map((side) => fileKey(findingOwner(visit, side), SHA)),
      fileKey(valueKey('2024', 'unheard'), SHA),
    ]
    const odd: readonly Json[] = [null, true, 7, 'text', [], {}, { state: 'open' }, { name: 7 }]
    for (const key of keys)
      for (const value of odd) {
        const said = words(key, value)
        expect(said).not.toContain('undefined')
        expect(said).not.toMatch(/entry\./)
      }
  })

  test('each leads to where it can be looked at, and decided', () => {
    const period = plan.document.periods.at(-1)
    const addresses = {
      [inspectionKey(visit, 'state')]: `/u/u1/${period}/inspections/${visit}`,
      [itemKey(visit, 'gate', 'note')]: `/u/u1/${period}/inspections/${visit}#gate`,
      [fileKey(itemOwner(self, 'gate'), SHA)]: `/u/u1/${period}/inspections/${self}#gate`,
      [findingKey(visit, 'answer')]: `/u/u1/${period}/findings/${visit}`,
      [fileKey(findingOwner(visit, 'answer'), SHA)]: `/u/u1/${period}/findings/${visit}`,
      [fileKey(valueKey('2024', 'unheard'), SHA)]: undefined,
      'z/unknown': undefined,
    }
    for (const [key, address] of Object.entries(addresses)) {
      expect(cellAddress(plan, placeOf(key))).toBe(address)
      expect(conflictAddress(plan, placeOf(key))).toBe(address)
    }
    const value = placeOf(valueKey('2024', 'bandwidth'))
    expect(cellAddress(plan, value)).toMatch(/\/fill\/.+#bandwidth$/)
    expect(conflictAddress(plan, value)).toBe('/u/u1/2024/conflict/bandwidth')
  })
})
