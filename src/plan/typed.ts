/**
 * Typed text <-> value.
 *
 * People type `２。５` with a Chinese keyboard, paste `1,654,000.5` from a spreadsheet, write `1.2 万元` or `96％`. What can be understood
 * without a doubt becomes **canonical wire text**; anything else is a fault, and the caller keeps the text as it was typed.
 *
 * | type    | understood                                                          | canonical                  |
 * |---------|---------------------------------------------------------------------|----------------------------|
 * | count   | digits, thousands in threes, 万 and 亿, the element's unit behind it | `12000`                    |
 * | decimal | the same, with a decimal point; `。` behind a digit is one           | `2.5`                      |
 * | percent | the same, with or without `%`                                        | `96.2`                     |
 * | yesno   | 是 否 有 无 没有 yes no y n true false                               | `true` `false`             |
 * | choice  | the key, or the label in either language                             | the key                    |
 * | choices | the same, separated by comma, 、 or ；                               | keys in plan order, commas |
 * | text    | up to 2000 characters                                                | as it is                   |
 *
 * Nothing is rounded, clamped or guessed: `1,23`, `1.2.3` and `8a5` are not numbers. Decimal points move as text, so that 1.2 万 is
 * 12000 and not 12000.000000000002. A number beyond its range is understood; `check` marks it and figures leave it out.
 * Blank text is a cleared field: its canonical text is empty.
 */
import { isStatedAbsence, type Absence } from '#domain/absence'
import { failed, ok, type Fault, type Result } from '#domain/fault'
import type { AskedElement, Plan } from './plan'
import type { Element } from './schema'

/** A longer text belongs into an attached file; raising it costs room in every exchange. */
export const TEXT_CHARACTERS_MAX = 2000

/** More digits than a number of the machine can hold exactly. */
export const DIGITS_MAX = 15

export type Reading =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'yesno'; readonly yes: boolean }
  | { readonly kind: 'choice'; readonly key: string }
  | { readonly kind: 'choices'; readonly keys: readonly string[] }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent'; readonly absence: Absence }

/** What a cell holds, unparsed. */
export type CellValue = { readonly value: unknown } | { readonly conflict: true }

/** The cells of one unit and period, by expanded element id. */
export type Values = { get(elementId: string): CellValue | undefined }

export function readTyped(plan: Plan, asked: AskedElement, typed: string): Result<string> {
  const { element } = asked
  if (element.type === 'text') return readText(typed)
  if (element.type === 'choice' && choicesOf(plan, element).some((choice) => choice.key === typed)) return ok(typed)
  const plain = toHalfWidth(typed).trim()
  if (plain === '') return ok('')
  switch (element.type) {
    case 'count':
    case 'decimal':
    case 'percent':
      return readNumber(element, plain)
    case 'yesno':
      return readYesNo(plain)
    case 'choice': {
      const key = choiceKey(plan, element, plain)
      return key === undefined ? failed(notAChoice(typed)) : ok(key)
    }
    case 'choices':
      return readChoices(plan, element, plain)
  }
}

const ABSENT = {
  notReported: { kind: 'absent', absence: 'notReported' },
  notApplicable: { kind: 'absent', absence: 'notApplicable' },
  notAvailable: { kind: 'absent', absence: 'notAvailable' },
  invalid: { kind: 'absent', absence: 'invalid' },
  conflict: { kind: 'absent', absence: 'conflict' },
  notAsked: { kind: 'absent', absence: 'notAsked' },
  emptyWhole: { kind: 'absent', absence: 'emptyWhole' },
} as const satisfies Record<Absence, Reading>

export function absent(absence: Absence): Reading {
  return ABSENT[absence]
}

const YES: Reading = { kind: 'yesno', yes: true }
const NO: Reading = { kind: 'yesno', yes: false }
/** Canonical numbers of usual size, at most 14 digits in all; longer ones go the long way. */
const CANONICAL_NUMBER = /^(?:0|[1-9]\d{0,7})(?:\.\d{0,5}[1-9])?$/

/** What a cell says, as far as the element itself can tell; rules between elements come later (`unit-readings.ts`). */
export function readingOf(plan: Plan, asked: AskedElement, cell: CellValue | undefined): Reading {
  if (cell === undefined) return ABSENT.notReported
  if ('conflict' in cell) return ABSENT.conflict
  const { value } = cell
  if (value === null || value === undefined) return ABSENT.notReported
  if (typeof value !== 'string') return isStatedAbsence(value) ? ABSENT[value.absence] : ABSENT.invalid
  const { element } = asked
  const { type } = element
  let text = value
  // Almost every cell holds canonical text already, and this runs for every cell of a district.
  if (!isCanonical(element, value)) {
    const read = readTyped(plan, asked, value)
    if (!read.ok) return ABSENT.invalid
    text = read.value
  }
  if (text.trim() === '') return ABSENT.notReported
  switch (type) {
    case 'count':
    case 'decimal':
    case 'percent': {
      const number = Number(text)
      return isInRange(element, number) ? { kind: 'number', number } : ABSENT.invalid
    }
    case 'yesno':
      return text === 'true' ? YES : NO
    case 'choice':
      return { kind: 'choice', key: text }
    case 'choices':
      return { kind: 'choices', keys: text.split(',') }
    case 'text':
      return { kind: 'text', text }
  }
}

/** Certainly canonical; `false` says nothing. */
function isCanonical({ type }: Element, value: string): boolean {
  switch (type) {
    case 'count':
      return CANONICAL_NUMBER.test(value) && !value.includes('.')
    case 'decimal':
    case 'percent':
      return CANONICAL_NUMBER.test(value)
    case 'yesno':
      return value === 'true' || value === 'false'
    case 'choice':
    case 'choices':
    case 'text':
      return false
  }
}

/** Largest number that the element can truly have; `undefined` where there is none. */
export function largestOf(element: Element): number | undefined {
  if (element.type !== 'percent') return element.max
  return element.max === undefined ? 100 : Math.min(element.max, 100)
}

export function isInRange(element: Element, number: number): boolean {
  const largest = largestOf(element)
  return number >= 0 && (largest === undefined || number <= largest)
}

function readText(typed: string): Result<string> {
  let characters = 0
  for (const character of typed) characters += character === '' ? 0 : 1
  return characters > TEXT_CHARACTERS_MAX
    ? failed({ kind: 'value.tooLong', values: { max: TEXT_CHARACTERS_MAX, length: characters } })
    : ok(typed)
}

/** Full-width letters, digits and signs as ASCII, every kind of space as a space. */
function toHalfWidth(text: string): string {
  return text
    .replace(/[\uFF01-\uFF5E]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/[\s\u3000\u200B\uFEFF]+/g, ' ')
    .replace(/\uFFE5/g, '¥')
}

/** Groups of three come first: a comma that does not part thousands is left over behind the digits and understood as nothing. */
const NUMBER = /^([+\-−])? ?([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d{0,2}(?: \d{3})+|\d+)?(?:\.(\d*))? ?(.*)$/

function readNumber(element: Element, plain: string): Result<string> {
  const notANumber = failed<Fault>({ kind: 'value.notANumber', values: { typed: plain.slice(0, 40) } })
  const units = unitsOf(element)
  let text = plain.replace(/(\d)。/g, '$1.')
  if (units.isMoney && text.startsWith('¥')) text = text.slice(1).trim()
  const found = NUMBER.exec(text)
  if (found === null) return notANumber
  const [, sign, integer = '', fraction = '', behind = ''] = found
  if (integer === '' && fraction === '') return notANumber
  const shift = shiftOf(behind, units)
  if (shift === undefined) return notANumber
  const number = canonicalNumber(integer.replace(/[, ]/g, ''), fraction, shift)
  if (sign !== undefined && sign !== '+' && number !== '0')
    return failed({ kind: 'value.negative', values: { typed: plain.slice(0, 40) } })
  if (number.replace('.', '').length > DIGITS_MAX) {
    return failed({ kind: 'value.outOfRange', values: { typed: plain.slice(0, 40), max: '999999999999999' } })
  }
  if (element.type === 'count' && number.includes('.')) {
    return failed({ kind: 'value.notWhole', values: { typed: plain.slice(0, 40) } })
  }
  return ok(number)
}

/** Moves the decimal point to the right as text and takes needless zeros away. */
function canonicalNumber(integer: string, fraction: string, shift: number): string {
  const padded = fraction.padEnd(shift, '0')
  const whole = `${integer}${padded.slice(0, shift)}`.replace(/^0+(?=\d)/, '')
  const rest = padded.slice(shift).replace(/0+$/, '')
  return `${whole === '' ? '0' : whole}${rest === '' ? '' : `.${rest}`}`
}

/** How far what stands behind the digits moves the decimal point: 万 4, 亿 8, a unit 0. `undefined`: not understood. */
function shiftOf(behind: string, units: Units): number | undefined {
  const suffix = behind.toLowerCase().trim()
  if (suffix === '' || units.texts.has(suffix)) return 0
  const shift = suffix.startsWith('万') ? 4 : suffix.startsWith('亿') ? 8 : undefined
  if (shift === undefined) return undefined
  const rest = suffix.slice(1).trim()
  // The unit itself may count in 万 (万人次): then 万 is part of the unit and moves nothing.
  if (units.tenThousands && shift === 4 && rest === '') return 0
  return rest === '' || units.texts.has(rest) ? shift : undefined
}

type Units = { readonly texts: ReadonlySet<string>; readonly isMoney: boolean; readonly tenThousands: boolean }

/** Ways to write one and the same unit; a unit of the plan brings its whole row along. */
const SAME_UNITS: readonly (readonly string[])[] = [
  ['人', '名', '位', '个人', 'people', 'person', 'persons', 'pupils', 'pupil', 'students', 'student', 'teachers', 'teacher'],
  ['人次', '次', 'times', 'visits', 'visit'],
  ['个', '所'],
  ['间', '个', 'room', 'rooms'],
  ['家', '个'],
  ['册', '本', 'book', 'books', 'volume', 'volumes'],
  ['项', '个'],
  ['套', 'flat', 'flats'],
  ['天', '日', 'd', 'day', 'days'],
  ['年', 'y', 'year', 'years'],
  ['元', '圆', 'yuan', 'rmb', 'cny'],
  ['m²', 'm2', '㎡', '平方米', '平米', '平方', 'sqm', 'sq m'],
  ['gbps', 'g', 'gb', 'gbit/s', 'gb/s', '吉', '吉比特'],
  ['%', 'percent', 'per cent'],
]

const unitsByElement = new WeakMap<Element, Units>()

function unitsOf(element: Element): Units {
  const known = unitsByElement.get(element)
  if (known !== undefined) return known
  const own =
    element.unit === undefined ? [] : [element.unit.zh, element.unit.en].map((text) => toHalfWidth(text).trim().toLowerCase())
  if (element.type === 'percent') own.push('%')
  const texts = new Set(own)
  for (const row of SAME_UNITS) {
    if (row.some((text) => own.includes(text))) for (const text of row) texts.add(text)
  }
  const units = { texts, isMoney: texts.has('元'), tenThousands: element.unit?.zh.startsWith('万') === true }
  unitsByElement.set(element, units)
  return units
}

const YES_TEXTS: readonly string[] = ['true', '是', '有', 'yes', 'y']
const NO_TEXTS: readonly string[] = ['false', '否', '无', '没有', 'no', 'n']

function readYesNo(plain: string): Result<string> {
  const text = plain.toLowerCase()
  if (YES_TEXTS.includes(text)) return ok('true')
  if (NO_TEXTS.includes(text)) return ok('false')
  return failed({ kind: 'value.notYesNo', values: { typed: plain.slice(0, 40) } })
}

const notAChoice = (typed: string): Fault => ({ kind: 'value.notAChoice', values: { typed: typed.trim().slice(0, 40) } })

/** The key of a list of choices that is meant by a key or a label. A key goes before a label that reads the same. */
function choiceKey(plan: Plan, element: Element, plain: string): string | undefined {
  const choices = choicesOf(plan, element)
  const text = plain.toLowerCase()
  const same = (label: string) => toHalfWidth(label).trim().toLowerCase() === text
  return (
    choices.find((choice) => choice.key === plain) ??
    choices.find((choice) => choice.key.toLowerCase() === text) ??
    choices.find((choice) => same(choice.label.zh) || same(choice.label.en))
  )?.key
}

export function choicesOf(plan: Plan, element: Element) {
  return (element.choices === undefined ? undefined : plan.document.choices[element.choices]) ?? []
}

function readChoices(plan: Plan, element: Element, plain: string): Result<string> {
  const keys = new Set<string>()
  for (const piece of plain.split(/[,、;；]/)) {
    const text = piece.trim()
    if (text === '') continue
    const key = choiceKey(plan, element, text)
    if (key === undefined) return failed(notAChoice(text))
    keys.add(key)
  }
  return ok(
    choicesOf(plan, element)
      .map((choice) => choice.key)
      .filter((key) => keys.has(key))
      .join(','),
  )
}
