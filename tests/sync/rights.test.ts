import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FINDING_STATES, FINDING_STEPS } from '#domain/finding'
import { INSPECTION_STATES, INSPECTION_STEPS } from '#domain/inspection'
import { isBureauRole, ROLES, type Role } from '#domain/person'
import {
  commentId,
  commentKey,
  fileKey,
  findingKey,
  findingOwner,
  inspectionKey,
  isStateKey,
  itemKey,
  itemOwner,
  markKey,
  parseKey,
  recordId,
  remarkKey,
  reportKey,
  valueKey,
  type Json,
} from '#sync/protocol'
import { judgeMove, mayWriteKey, stateOf } from '#sync/rights'

const who = (role: Role) => ({ role, orgUnits: isBureauRole(role) ? [] : ['own'] })
const SHA = 'a'.repeat(64)
const [visit, self] = [recordId('visit', 'abcdefghijklm'), recordId('self', 'abcdefghijklm')]

describe('keys', () => {
  test('each is taken apart as it was made', () => {
    expect(parseKey(inspectionKey(visit, 'state'))).toEqual({ kind: 'inspection', id: visit, of: 'visit', field: 'state' })
    expect(parseKey(itemKey(self, 'fire.3', 'verdict'))).toEqual({
      kind: 'item',
      id: self,
      of: 'self',
      item: 'fire.3',
      field: 'verdict',
    })
    expect(parseKey(findingKey(visit, 'due'))).toEqual({ kind: 'finding', id: visit, of: 'visit', field: 'due' })
    const owners = [valueKey('2024', 'canteens'), itemOwner(visit, 'fire.3'), findingOwner(self, 'answer')]
    for (const owner of owners) expect(parseKey(fileKey(owner, SHA))).toMatchObject({ kind: 'file', sha: SHA, owner })
    expect(parseKey(fileKey(owners[0] ?? '', SHA))).toMatchObject({
      ownerKey: { kind: 'value', period: '2024', element: 'canteens' },
    })
  })

  test.each([
    'i/x-abcdefghijklm/state',
    'i/v-short/state',
    `i/${visit}/verdict`,
    `i/${visit}/state/verdict`,
    `i/${visit}/fire/other`,
    `i/${visit}/fi re/verdict`,
    `i/${visit}/fire/verdict/more`,
    `f/${visit}`,
    `f/${visit}/other`,
    `f/${visit}/due/more`,
    `a/v/2024/canteens/${SHA.slice(1)}`,
    `a/v/2024/canteens/${'A'.repeat(64)}`,
    `a/v/2024/canteens/remark/${SHA}`,
    `a/m/2024/hardware/${SHA}`,
    `a/f/${visit}/what/${SHA}`,
    `a/i/${visit}/state/${SHA}`,
    `a/${SHA}`,
    'a',
    '',
  ])('%s is no key', (key) => {
    expect(parseKey(key)).toEqual({ kind: 'unknown' })
  })

  test('whatever the text, nothing is thrown, and a state is an inspection’s, a finding’s or a report’s', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('v', 'i', 'f', 'a', 'm', 'w', 'c', visit, self, 'state', 'about', SHA, '2024', '')),
        (parts) => {
          const key = parts.join('/')
          expect(isStateKey(key)).toBe(/^[if]\/[vs]-abcdefghijklm\/state$|^w\/[^/]*\/[^/]*$/.test(key))
        },
      ),
    )
  })
})

/** Every kind of cell, and who of which role writes it in a unit of their own. */
const WRITERS: readonly (readonly [string, readonly Role[]])[] = [
  [valueKey('2024', 'canteens'), ['filler', 'principal', 'reviewer']],
  [remarkKey('2024', 'canteens'), ['filler', 'principal', 'reviewer']],
  [markKey('2024', 'hardware'), ['filler', 'principal', 'reviewer']],
  [fileKey(valueKey('2024', 'canteens'), SHA), ['filler', 'principal', 'reviewer']],
  ['z/what/nobody/knows', ['filler', 'principal', 'reviewer']],
  [reportKey('2024', 'hardware'), ['principal', 'reviewer']],
  [commentKey(commentId('abcdefghijklm'), 'text'), ['filler', 'principal', 'inspector', 'reviewer']],
  [inspectionKey(visit, 'about'), ['inspector']],
  [inspectionKey(visit, 'state'), ['inspector']],
  [itemKey(visit, 'fire', 'verdict'), ['inspector']],
  [fileKey(itemOwner(visit, 'fire'), SHA), ['inspector']],
  [inspectionKey(self, 'about'), ['filler', 'principal']],
  [inspectionKey(self, 'state'), ['filler', 'principal']],
  [itemKey(self, 'fire', 'note'), ['filler', 'principal']],
  [fileKey(itemOwner(self, 'fire'), SHA), ['filler', 'principal']],
  [findingKey(visit, 'about'), ['inspector']],
  [findingKey(visit, 'what'), ['inspector']],
  [findingKey(visit, 'due'), ['inspector']],
  [findingKey(visit, 'who'), ['inspector']],
  [fileKey(findingOwner(visit, 'found'), SHA), ['inspector']],
  [findingKey(visit, 'answer'), ['filler', 'principal']],
  [fileKey(findingOwner(visit, 'answer'), SHA), ['filler', 'principal']],
  [findingKey(visit, 'state'), ['principal', 'inspector']],
  [findingKey(self, 'what'), ['filler', 'principal']],
  [findingKey(self, 'answer'), ['filler', 'principal']],
  [findingKey(self, 'state'), ['filler', 'principal']],
]

test.each(WRITERS)('%s is written by exactly these roles, and in another unit by none of a school', (key, roles) => {
  expect(ROLES.filter((role) => mayWriteKey(who(role), 'own', key))).toEqual(roles)
  expect(ROLES.filter((role) => mayWriteKey(who(role), 'foreign', key))).toEqual(roles.filter(isBureauRole))
})

const stated = (state: string | undefined): Json | undefined => (state === undefined ? undefined : { state })
const step = (key: string, role: Role, from: string | undefined, to: string, why?: string) =>
  judgeMove(who(role), 'own', { key, from: stated(from), to: why === undefined ? { state: to } : { state: to, why } })

describe('an inspection', () => {
  test('goes from each state to exactly those that the table names', () => {
    for (const from of [undefined, ...INSPECTION_STATES]) {
      for (const to of INSPECTION_STATES) {
        const known = INSPECTION_STEPS.some((each) => each.from === from && each.to === to)
        expect([from, to, step(inspectionKey(visit, 'state'), 'inspector', from, to, 'why')]).toEqual([
          from,
          to,
          known ? undefined : 'stale',
        ])
      }
    }
  })

  test('that is finished is taken up again only with a reason', () => {
    expect(step(inspectionKey(visit, 'state'), 'inspector', 'finished', 'underway')).toBe('invalid')
    expect(step(inspectionKey(visit, 'state'), 'inspector', 'finished', 'underway', ' ')).toBe('invalid')
  })
})

/** Role x side x step, written out: who takes which step of a finding that a visit, or a self-inspection, has raised. */
const FINDING_RIGHTS: Readonly<Record<string, { readonly visit: readonly Role[]; readonly self: readonly Role[] }>> = {
  'undefined open': { visit: ['inspector'], self: ['filler', 'principal'] },
  'open claimed': { visit: ['principal'], self: ['principal'] },
  'open withdrawn': { visit: ['inspector'], self: ['principal'] },
  'claimed closed': { visit: ['inspector'], self: ['principal'] },
  'claimed open': { visit: ['inspector'], self: ['principal'] },
  'closed open': { visit: ['inspector'], self: ['principal'] },
}

describe('a finding', () => {
  test('takes each step by exactly these roles, and no other step by anybody', () => {
    expect(Object.keys(FINDING_RIGHTS).sort()).toEqual(FINDING_STEPS.map(({ from, to }) => `${from} ${to}`).sort())
    for (const [of, id] of [
      ['visit', visit],
      ['self', self],
    ] as const) {
      for (const from of [undefined, ...FINDING_STATES]) {
        for (const to of FINDING_STATES) {
          const roles = FINDING_RIGHTS[`${from} ${to}`]?.[of] ?? []
          const takers = ROLES.filter((role) => step(findingKey(id, 'state'), role, from, to, 'why') === undefined)
          expect([of, from, to, takers]).toEqual([of, from, to, roles])
        }
      }
    }
  })

  test('another school’s is nobody’s', () => {
    const foreign = { key: findingKey(visit, 'state'), from: stated('open'), to: { state: 'claimed' } }
    expect(judgeMove(who('principal'), 'foreign', foreign)).toBe('forbidden')
  })

  test('is sent back, withdrawn and reopened only with a reason', () => {
    for (const { from, to } of FINDING_STEPS.filter(({ needsWhy }) => needsWhy)) {
      expect(step(findingKey(visit, 'state'), 'inspector', from, to)).toBe('invalid')
    }
  })
})

describe('what is sent again after a server was restored', () => {
  const again = (role: Role, key: string, to: Json) => judgeMove(who(role), 'own', { key, to, again: true })

  test('is taken from wherever it stands, by whoever might have taken it', () => {
    expect(again('inspector', inspectionKey(visit, 'state'), { state: 'finished' })).toBeUndefined()
    expect(again('inspector', findingKey(visit, 'state'), { state: 'closed' })).toBeUndefined()
    expect(again('principal', findingKey(visit, 'state'), { state: 'claimed' })).toBeUndefined()
    expect(again('inspector', findingKey(visit, 'state'), { state: 'withdrawn' })).toBe('invalid')
  })

  test('is no way around a right', () => {
    expect(again('principal', findingKey(visit, 'state'), { state: 'closed' })).toBe('forbidden')
    expect(again('principal', findingKey(visit, 'state'), { state: 'withdrawn', why: 'because' })).toBe('forbidden')
    expect(again('inspector', findingKey(visit, 'state'), { state: 'claimed' })).toBe('forbidden')
    expect(again('filler', findingKey(self, 'state'), { state: 'closed' })).toBe('forbidden')
    expect(again('inspector', findingKey(visit, 'state'), { state: 'elsewhere' })).toBe('stale')
  })
})

test('a record stands where its newest head says', () => {
  expect(stateOf(undefined)).toBeUndefined()
  expect(stateOf([])).toBeUndefined()
  expect(stateOf([{ value: { state: 'open' } }, { value: { state: 'claimed', why: 'done' } }])).toEqual({
    state: 'claimed',
    why: 'done',
  })
})

test('what is no state leads nowhere', () => {
  const key = findingKey(visit, 'state')
  for (const to of [null, 'open', { state: 1 }, { state: 'open', more: 1 }, { state: 'open', why: 'x'.repeat(501) }, []]) {
    expect(judgeMove(who('inspector'), 'own', { key, from: undefined, to: to as Json })).toBe('invalid')
  }
  expect(judgeMove(who('inspector'), 'own', { key, from: { state: 'of another version' }, to: { state: 'open' } })).toBe('stale')
  expect(judgeMove(who('inspector'), 'own', { key, from: 7, to: { state: 'open' } })).toBe('stale')
  expect(judgeMove(who('principal'), 'own', { key: valueKey('2024', 'a'), from: undefined, to: { state: 'open' } })).toBe(
    'invalid',
  )
})
