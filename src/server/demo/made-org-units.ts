/**
 * Org units of a district that does not exist: every name says 演示, and their mixture is that of a city's district: half of them
 * kindergartens, some of these private, a few of everything else, in groups, communities and sub-districts.
 */
import { stagesOf, type OrgUnit, type OrgUnitType } from '#domain/org-unit'
import { chanceAt } from './chance'

/** Of a hundred units, about how many are of each type; at least one of each is made where there is room. */
const MIXTURE: readonly (readonly [OrgUnitType, number])[] = [
  ['primary', 23],
  ['kindergarten', 48],
  ['junior', 11],
  ['nineYear', 4.5],
  ['senior', 2.5],
  ['completeSecondary', 1.5],
  ['communitySchool', 5],
  ['vocational', 1],
  ['special', 1],
  ['youthPalace', 1.5],
  ['twelveYear', 1],
]

const KIND_OF_SCHOOL: Readonly<Partial<Record<OrgUnitType, string>>> = {
  primary: '小学',
  junior: '初级中学',
  nineYear: '实验学校',
  completeSecondary: '中学',
  twelveYear: '外国语学校',
  senior: '高级中学',
  vocational: '职业学校',
  special: '启智学校',
  youthPalace: '青少年宫',
  communitySchool: '社区学校',
}

const FIRST = [
  '江畔',
  '湖西',
  '云溪',
  '沙湾',
  '晨光',
  '星河',
  '青苗',
  '海棠',
  '春风',
  '稻香',
  '望江',
  '听潮',
  '银杏',
  '百合',
  '朝阳',
]
const SECOND = [
  '',
  '东',
  '西',
  '南',
  '北',
  '新',
  '金',
  '绿',
  '和',
  '乐',
  '慧',
  '雅',
  '宁',
  '康',
  '美',
  '嘉',
  '文',
  '明',
  '清',
  '逸',
]
const SUBDISTRICTS = [
  '演示江东街道',
  '演示江西街道',
  '演示湖滨街道',
  '演示沙洲街道',
  '演示云溪街道',
  '演示望潮街道',
  '演示新湾街道',
]
const COMMUNITIES = ['演示东片教共体', '演示西片教共体', '演示南片教共体', '演示北片教共体', '演示中片教共体']

/** `firstYear`: the first year that values are made for; a few units open in the year after. */
export function makeOrgUnits(wanted: {
  readonly units: number
  readonly seed: number
  readonly firstYear: number
}): readonly OrgUnit[] {
  const { units, seed, firstYear } = wanted
  const groups = Math.max(3, Math.round(units / 15))
  const width = Math.max(3, String(units).length)
  const made: OrgUnit[] = []
  for (const [type, count] of typeCounts(units)) {
    for (let n = 1; n <= count; n++) {
      const index = made.length
      const chance = (key: number) => chanceAt(seed, index, key)
      const hasPupils = stagesOf(type).length > 0
      const place = index % SUBDISTRICTS.length
      const isNew = hasPupils && n > 1 && chance(4) < 0.03
      made.push({
        code: `demo-${String(index + 1).padStart(width, '0')}`,
        name: nameOf(type, n),
        type,
        ownership: isPrivate(type, n, chance(1)) ? 'private' : 'public',
        ...(hasPupils && chance(2) < 0.94 ? { group: `演示第${chineseNumber(1 + Math.floor(chance(3) * groups))}教育集团` } : {}),
        ...(hasPupils ? { community: COMMUNITIES[place % COMMUNITIES.length] } : {}),
        subdistrict: SUBDISTRICTS[place],
        ...(isNew ? { opened: `${firstYear + 1}-08-01` } : {}),
      })
    }
  }
  return made
}

function typeCounts(units: number): readonly (readonly [OrgUnitType, number])[] {
  const all = MIXTURE.slice(0, units).map(([type, percent]) => ({
    type,
    count: Math.max(1, Math.floor((units * percent) / 100)),
  }))
  let rest = units - all.reduce((sum, { count }) => sum + count, 0)
  // What rounding leaves over, and what the single ones take away, falls on the two commonest types.
  const common = all.slice(0, 2).reverse()
  for (let turn = 0; rest !== 0; turn++) {
    const one = common[turn % common.length]
    if (one === undefined) break
    const step = rest > 0 ? 1 : one.count > 1 ? -1 : 0
    one.count += step
    rest -= step
  }
  return all.map(({ type, count }) => [type, count])
}

/** Two kindergartens of five are private and one in twelve schools; the first of its type is public. */
function isPrivate(type: OrgUnitType, n: number, chance: number): boolean {
  if (type === 'kindergarten') return n % 5 === 2 || n % 5 === 4
  return n > 1 && stagesOf(type).length > 0 && chance < 1 / 12
}

function nameOf(type: OrgUnitType, n: number): string {
  const kind = KIND_OF_SCHOOL[type]
  if (kind !== undefined) return `演示第${chineseNumber(n)}${kind}`
  const first = FIRST[(n - 1) % FIRST.length] ?? ''
  const round = Math.floor((n - 1) / FIRST.length)
  const second = SECOND[round % SECOND.length] ?? ''
  const again = Math.floor(round / SECOND.length)
  return `演示${first}${second}${again === 0 ? '' : `第${chineseNumber(again + 1)}`}幼儿园`
}

const DIGITS = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九']

/** 1 to 9999 as they are said: 12 is 十二, 105 is 一百零五. */
export function chineseNumber(number: number): string {
  let text = ''
  let needsZero = false
  for (const [value, word] of [
    [1000, '千'],
    [100, '百'],
    [10, '十'],
    [1, ''],
  ] as const) {
    const digit = Math.floor(number / value) % 10
    if (digit === 0) {
      needsZero = text !== ''
      continue
    }
    if (needsZero) text += '零'
    needsZero = false
    text += (digit === 1 && value === 10 && text === '' ? '' : DIGITS[digit]) + word
  }
  return text
}
