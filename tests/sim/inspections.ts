/**
 * Inspections and findings in a run: who is there, what they write, and which step who may take. The table is written out a second time
 * here, on purpose: a check that asked the program's own would pass whatever that says.
 */
import type { Role } from '#domain/person'
import type { Json } from '#sync/protocol'
import type { ShownStream } from '#client/device/contract'
import type { Chance } from './chance'
import { REPORT_STEPS_BY_SIM, STATE_KEY, stateIn } from './reports'
import type { Person } from './server'

/** `zhao` and `qian` inspect the same school, `li` speaks for it. */
export const INSPECTING: readonly Person[] = [
  { username: 'li', role: 'principal', right: 'write', orgUnits: ['A-1', 'B-1'] },
  { username: 'wang', role: 'filler', right: 'write', orgUnits: ['A-1'] },
  { username: 'zhao', role: 'inspector', right: 'write', orgUnits: ['A-1', 'B-1'] },
  { username: 'qian', role: 'inspector', right: 'write', orgUnits: ['A-1'] },
]

const VISIT = 'v-aaaaaaaaaaaaa'
const SELF = 's-aaaaaaaaaaaaa'
const SHA = 'f'.repeat(64)

const SCHOOL: readonly Role[] = ['principal', 'filler']
const INSPECTOR: readonly Role[] = ['inspector']
const PRINCIPAL: readonly Role[] = ['principal']

const WRITERS: readonly (readonly [pattern: RegExp, who: readonly Role[]])[] = [
  [/^v\//, [...SCHOOL, 'reviewer']],
  [/^a\/v\//, [...SCHOOL, 'reviewer']],
  [/^w\//, ['principal', 'reviewer']],
  [/^c\//, [...SCHOOL, 'reviewer', 'inspector']],
  [/^(a\/)?f\/.*\/answer/, SCHOOL],
  [/^f\/v-.*\/state$/, ['principal', 'inspector']],
  [/^(a\/)?[if]\/v-/, INSPECTOR],
  [/^(a\/)?[if]\/s-/, SCHOOL],
]

type Steps = Readonly<Record<string, readonly Role[]>>
const inspection = (who: readonly Role[]): Steps => ({
  'none planned': who,
  'none underway': who,
  'planned underway': who,
  'planned cancelled': who,
  'underway finished': who,
  'finished underway': who,
})
const finding = (raises: readonly Role[], judges: readonly Role[]): Steps => ({
  'none open': raises,
  'open claimed': PRINCIPAL,
  'open withdrawn': judges,
  'claimed closed': judges,
  'claimed open': judges,
  'closed open': judges,
})
const STEPS: Readonly<Record<string, Steps>> = {
  [`i/${VISIT}/state`]: inspection(INSPECTOR),
  [`i/${SELF}/state`]: inspection(SCHOOL),
  [`f/${VISIT}/state`]: finding(INSPECTOR, INSPECTOR),
  [`f/${SELF}/state`]: finding(SCHOOL, PRINCIPAL),
  [STATE_KEY]: REPORT_STEPS_BY_SIM,
}
const STATES = Object.keys(STEPS).filter((key) => key !== STATE_KEY)
const TARGETS = ['planned', 'underway', 'finished', 'cancelled', 'open', 'claimed', 'closed', 'withdrawn']

const CELLS = [
  ...[`i/${VISIT}/gate/verdict`, `i/${SELF}/gate/verdict`, `i/${VISIT}/gate/note`, `f/${VISIT}/due`, `f/${SELF}/what`],
  ...[`f/${VISIT}/answer`, `a/i/${VISIT}/gate/${SHA}`, `a/f/${VISIT}/answer/${SHA}`, `a/v/2024/a/${SHA}`],
]

export const isStateKey = (key: string): boolean => /^[if]\/.*\/state$|^w\//.test(key)

export function mayWriteBySim(role: Role, key: string): boolean {
  return WRITERS.find(([pattern]) => pattern.test(key))?.[1].includes(role) === true
}

export function mayStepBySim(
  role: Role,
  step: { readonly key: string; readonly from: Json | undefined; readonly to: Json },
): boolean {
  const way = `${stateIn(step.from) ?? 'none'} ${stateIn(step.to) ?? ''}`
  return STEPS[step.key]?.[way]?.includes(role) === true
}

export type InspectionEdit = { readonly kind: 'set' | 'move'; readonly key: string; readonly value: Json }

/** What somebody does next; mostly what they may, from where the screen says that it stands. `token`: no two are alike. */
export function inspectionEdit(
  chance: Chance,
  { role, shown, token }: { readonly role: Role; readonly shown: ShownStream; readonly token: number },
): InspectionEdit {
  const isBold = chance.is(0.1)
  if (chance.is(0.6)) {
    const key = chance.pick(STATES)
    const from = shown.cells.get(key)?.heads.at(-1)?.value
    const ways = TARGETS.filter((state) => mayStepBySim(role, { key, from, to: { state } }))
    const state = isBold || ways.length === 0 ? chance.pick(TARGETS) : chance.pick(ways)
    if (isBold || ways.length > 0) return { kind: chance.is(0.05) ? 'set' : 'move', key, value: { state, why: `why-${token}` } }
  }
  const key = chance.pick(isBold ? CELLS : CELLS.filter((one) => mayWriteBySim(role, one)))
  return { kind: isBold && chance.is(0.3) ? 'move' : 'set', key, value: valueFor(chance, key, token) }
}

function valueFor(chance: Chance, key: string, token: number): Json {
  if (key.endsWith('/verdict')) return chance.pick(['met', 'unmet', 'notApplicable', null])
  if (key.startsWith('a/')) return chance.is(0.2) ? null : { name: `${token}.jpg`, type: 'image/jpeg', size: token }
  return `text-${token}`
}
