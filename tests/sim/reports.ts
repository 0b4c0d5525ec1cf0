/**
 * Reports in a run: who is there, what a report is made of, which step who may take, and when. All of it is written out a second time
 * here, on purpose: a check that asked the program's own would pass whatever that says.
 */
import type { Role } from '#domain/person'
import { digestOn } from '#client/features/review/review-steps'
import type { ShownStream } from '#client/device/contract'
import type { Windows } from '#domain/window'
import type { Json } from '#sync/protocol'
import type { Chance } from './chance'
import { plan, unitOf } from './report-plan'
import type { Person } from './server'

/** `li` speaks for the schools, `chen` reviews for the bureau, `zhao` only looks. */
export const REPORTING: readonly Person[] = [
  { username: 'li', role: 'principal', right: 'write', orgUnits: ['A-1', 'B-1'] },
  { username: 'chen', role: 'reviewer', right: 'write', orgUnits: ['A-1', 'B-1'] },
  { username: 'wang', role: 'filler', right: 'write', orgUnits: ['A-1'] },
  { username: 'zhao', role: 'leader', right: 'read', orgUnits: ['A-1', 'B-1'] },
]

const PRINCIPAL: readonly Role[] = ['principal']
const REVIEWER: readonly Role[] = ['reviewer']

export const STATE_KEY = 'w/2024/students'
/** Values and remarks: what is vouched for. */
export const REPORT_KEYS = ['v/2024/a', 'v/2024/a/remark', 'v/2024/b', 'v/2024/b/remark'] as const

/** What stays as it is while the bureau has the report: evidence too. */
export const isOfReport = (key: string): boolean =>
  REPORT_KEYS.some((one) => one === key) || /^a\/v\/2024\/[ab]\//.test(key) || key === 'm/2024/students'

export const isWithBureau = (state: string | undefined): boolean =>
  state === 'submitted' || state === 'reviewing' || state === 'approved'

export const REPORT_STEPS_BY_SIM: Readonly<Record<string, readonly Role[]>> = {
  'none submitted': PRINCIPAL,
  'returned submitted': PRINCIPAL,
  'withdrawn submitted': PRINCIPAL,
  'reopened submitted': PRINCIPAL,
  'submitted withdrawn': PRINCIPAL,
  'submitted reviewing': REVIEWER,
  'submitted returned': REVIEWER,
  'reviewing returned': REVIEWER,
  'submitted approved': REVIEWER,
  'reviewing approved': REVIEWER,
  'approved reopened': REVIEWER,
}
const STATES = ['submitted', 'withdrawn', 'reviewing', 'returned', 'approved', 'reopened'] as const

export const stateIn = (value: Json | undefined): string | undefined => textIn(value, 'state')

function textIn(value: Json | undefined, name: string): string | undefined {
  const found = fieldIn(value, name)
  return typeof found === 'string' ? found : undefined
}
function fieldIn(value: Json | undefined, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Reflect.get(value, name)
}

/** What is wrong with a step's value, whoever takes it. */
export function flawOf(value: Json): string | undefined {
  const state = stateIn(value)
  const mustVouch = state === 'submitted' || state === 'approved'
  if (mustVouch !== /^[0-9a-f]{16}$/.test(textIn(value, 'seen') ?? '')) return 'vouches for nothing, or without need'
  if ((state === 'returned' || state === 'reopened') && (textIn(value, 'why') ?? '') === '') return 'does not say why'
  if (fieldIn(value, 'marks') !== undefined && state !== 'returned') return 'marks values, and is no return'
  return fieldIn(value, 'recovered') === undefined ? undefined : 'says that something was recovered'
}

export const isRecovered = (value: Json): boolean => stateIn(value) === 'returned' && fieldIn(value, 'recovered') === true

/** No error stands against these: both elements are texts. */
export const isReady = (valueAt: (key: string) => Json): boolean =>
  ['v/2024/a', 'v/2024/b'].every((key) => valueAt(key) === null || typeof valueAt(key) === 'string')

// ---- people ----

export type ReportEdit = {
  readonly kind: 'set' | 'move'
  readonly key: string
  readonly value: Json
  /** What was on the screen, by key; what was not there is null. */
  readonly vouched?: ReadonlyMap<string, Json> | undefined
}

type Question = { readonly role: Role; readonly shown: ShownStream; readonly orgUnit: string; readonly token: number }

/** What somebody does next about the report; mostly what they may, from where the screen says that it stands. `undefined`: nothing. */
export function reportEdit(chance: Chance, question: Question): ReportEdit | undefined {
  const { role, shown, token } = question
  const isBold = chance.is(0.08)
  const from = stateIn(shown.cells.get(STATE_KEY)?.heads.at(-1)?.value) ?? 'none'
  const ways = STATES.filter((to) => REPORT_STEPS_BY_SIM[`${from} ${to}`]?.includes(role) === true)
  if (!isBold && ways.length === 0) return undefined
  // Nobody takes back at once what they have just handed in.
  if (!isBold && ways.includes('withdrawn') && chance.is(0.85)) return undefined
  const state = isBold ? chance.pick(STATES) : chance.pick(ways)
  // Two values for one question, or one that was refused: somebody decides first.
  const open = REPORT_KEYS.find((key) => ['conflict', 'rejected'].includes(shown.cells.get(key)?.mark ?? ''))
  if (state === 'submitted' && open !== undefined && chance.is(0.8)) return { kind: 'set', key: open, value: `value-${token}` }
  return { kind: isBold && chance.is(0.2) ? 'set' : 'move', key: STATE_KEY, ...stepTo(chance, state, { ...question, isBold }) }
}

function stepTo(
  chance: Chance,
  state: (typeof STATES)[number],
  { shown, orgUnit, token, isBold }: Question & { readonly isBold: boolean },
): Pick<ReportEdit, 'value' | 'vouched'> {
  const isCareless = chance.is(isBold ? 0.5 : 0.08)
  switch (state) {
    case 'submitted':
    case 'approved': {
      if (isCareless) return { value: { state } }
      const seen = digestOn(shown, { plan, unit: unitOf(orgUnit), period: '2024', dataSet: 'students' })
      const vouched = new Map(REPORT_KEYS.map((key) => [key, shown.cells.get(key)?.value ?? null]))
      return { value: { state, seen }, vouched }
    }
    case 'returned':
      if (isCareless) return { value: chance.is(0.5) ? { state } : { state, why: `why-${token}`, recovered: true } }
      return { value: { state, why: `why-${token}`, ...(chance.is(0.5) ? { marks: ['a'] } : {}) } }
    case 'reopened':
      return { value: isCareless ? { state } : { state, why: `why-${token}` } }
    default:
      return { value: { state } }
  }
}

/** Each person's own, and now and then somebody else's. */
const COMMENT_OF: Readonly<Partial<Record<Role, string>>> = {
  principal: 'c-aaaaaaaaaaaaa',
  filler: 'c-bbbbbbbbbbbbb',
  reviewer: 'c-ccccccccccccc',
}
export const isWords = (key: string): boolean => /^c\/.*\/(about|text|to)$/.test(key)

export function commentEdit(chance: Chance, { role, token }: Pick<Question, 'role' | 'token'>): ReportEdit {
  const own = COMMENT_OF[role] ?? 'c-ddddddddddddd'
  if (chance.is(0.3))
    return { kind: 'set', key: `c/${chance.pick(Object.values(COMMENT_OF))}/resolved`, value: chance.is(0.7) ? true : null }
  const id = chance.is(0.15) ? chance.pick(Object.values(COMMENT_OF)) : own
  return { kind: 'set', key: `c/${id}/text`, value: `text-${token}` }
}

// ---- windows ----

/** When the report of one school may be handed in, milliseconds since 1970. */
export type SimWindow = { readonly opens: number; readonly closes: number }

const MINUTE_MS = 60_000
/** The district's clocks; no time of the year moves them. */
const OFFSET_MS = 8 * 3_600_000
const localOf = (at: number): string => new Date(at + OFFSET_MS).toISOString().slice(0, 16)

export type SimWindows = { readonly windows: Windows; readonly byUnit: ReadonlyMap<string, SimWindow> }
export const NO_WINDOWS: SimWindows = { windows: { timeZone: 'Asia/Shanghai', windows: [] }, byUnit: new Map() }

/** Somebody of the bureau sets the window anew: over, not begun, or about to change; school B may have some minutes more. */
export function drawWindows(chance: Chance, now: number): SimWindows {
  if (chance.is(0.35)) return NO_WINDOWS
  const minute = Math.floor(now / MINUTE_MS) * MINUTE_MS
  const opens = minute + chance.pick([-60, -60, -60, 2, 5]) * MINUTE_MS
  const closes = Math.max(opens, minute + chance.pick([-2, 0, 2, 5, 15, 60]) * MINUTE_MS)
  const longer = closes + chance.pick([0, 2, 10]) * MINUTE_MS
  return {
    windows: {
      timeZone: 'Asia/Shanghai',
      windows: [
        {
          ...{ period: '2024', dataSet: 'students', opens: localOf(opens), closes: localOf(closes) },
          extensions: longer === closes ? [] : [{ orgUnit: 'B-1', closes: localOf(longer) }],
        },
      ],
    },
    byUnit: new Map([
      ['A-1', { opens, closes }],
      ['B-1', { opens, closes: longer }],
    ]),
  }
}

/** Whoever is told 12:30 has all of that minute. */
export const isOpenAt = (window: SimWindow | undefined, at: number): boolean =>
  window === undefined || (at >= window.opens && at < window.closes + MINUTE_MS)
