/**
 * Org units: the schools and kindergartens that report, and the district itself.
 *
 * The table of types and the stages each one runs is the field's, not a plan's: a 九年一贯制学校 has a primary
 * and a junior stage whatever a district plans for it.
 */
import { firstDay, lastDay, type Period } from './period'

export const STAGES = ['kindergarten', 'primary', 'junior', 'senior', 'vocational', 'special'] as const
export type Stage = (typeof STAGES)[number]

/** The stages of each type, in the order of the pupils' age. */
export const STAGES_BY_TYPE = {
  kindergarten: ['kindergarten'],
  primary: ['primary'],
  junior: ['junior'],
  nineYear: ['primary', 'junior'],
  completeSecondary: ['junior', 'senior'],
  twelveYear: ['primary', 'junior', 'senior'],
  senior: ['senior'],
  vocational: ['vocational'],
  special: ['special'],
  youthPalace: [],
  communitySchool: [],
  district: [],
} as const satisfies Record<string, readonly Stage[]>

export type OrgUnitType = keyof typeof STAGES_BY_TYPE
export const ORG_UNIT_TYPES = Object.keys(STAGES_BY_TYPE) as readonly OrgUnitType[]

export const OWNERSHIPS = ['public', 'private'] as const
export type Ownership = (typeof OWNERSHIPS)[number]

export type OrgUnit = {
  /** Short string that the bureau gives, e.g. `330114-0012`. */
  readonly code: string
  readonly name: string
  readonly type: OrgUnitType
  readonly ownership: Ownership
  /** Education group (教育集团). */
  readonly group?: string | undefined
  /** Education community (教共体). */
  readonly community?: string | undefined
  readonly subdistrict?: string | undefined
  /** First and last day on which the unit exists, `YYYY-MM-DD`; without one the unit has always been, or still is, open. */
  readonly opened?: string | undefined
  readonly closed?: string | undefined
}

export function stagesOf(type: OrgUnitType): readonly Stage[] {
  return STAGES_BY_TYPE[type]
}

/** Whether the unit existed on at least one day of the period. A figure of a period counts the units open in it. */
export function isOpenIn(unit: Pick<OrgUnit, 'opened' | 'closed'>, period: Period): boolean {
  return (
    (unit.opened === undefined || unit.opened <= lastDay(period)) &&
    (unit.closed === undefined || unit.closed >= firstDay(period))
  )
}

/** Codes travel in addresses, stream names and file names, so they stay plain. */
export function isOrgUnitCode(text: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(text)
}
