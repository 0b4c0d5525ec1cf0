import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { isBureauRole, ROLES, type Role } from '#domain/person'
import { isLocked, REPORT_STATES, REPORT_STEPS, vouches, type ReportState } from '#domain/report'
import type { ReportRules } from '#sync/judge'
import {
  commentId,
  commentKey,
  fileKey,
  isStateKey,
  parseKey,
  remarkKey,
  reportKey,
  SERVER,
  valueKey,
  type Answer,
  type Id,
  type Json,
  type Mutation,
} from '#sync/protocol'
import { changedSince, keysOfReport, reportDigest, vouchedValues } from '#sync/report-digest'
import { isLockedBy, judgeMove, mayWriteKey, reportStateOf, vouchedBy } from '#sync/rights'
import { ask } from '../contract/ledger-suite'
import { memoryLedger } from '../contract/memory-ledger'

const who = (role: Role, unit = 'own') => ({ role, orgUnits: isBureauRole(role) ? [] : [unit] })
const STATE = reportKey('2024', 'students')
const [A, B] = [valueKey('2024', 'a'), valueKey('2024', 'b')]
const KEYS = keysOfReport('2024', ['a', 'b'])
const DIGEST = '0123456789abcdef'

const said = (state: string): Json => ({
  state,
  ...(vouches(state) ? { seen: DIGEST } : {}),
  ...(state === 'returned' || state === 'reopened' ? { why: 'look again' } : {}),
})

describe('keys', () => {
  test('a report’s state and a comment are taken apart as they were made', () => {
    expect(parseKey(STATE)).toEqual({ kind: 'report', period: '2024', dataSet: 'students' })
    const id = commentId('abcdefghijklm')
    expect(parseKey(commentKey(id, 'text'))).toEqual({ kind: 'comment', id, field: 'text' })
    expect(isStateKey(STATE)).toBe(true)
  })

  test.each(['w/2024', 'w/2024/a/b', 'c/x-abcdefghijklm/text', 'c/c-abcdefghijklm', 'c/c-abcdefghijklm/other', 'c/c-short/text'])(
    '%s is no key',
    (key) => {
      expect(parseKey(key)).toEqual({ kind: 'unknown' })
    },
  )
})

describe('role x state x own or other unit x step', () => {
  /** The table as people say it: from, to, and who. Written out here a second time, so that a slip in the first is seen. */
  const ALLOWED: readonly (readonly [from: ReportState | undefined, to: ReportState, who: Role])[] = [
    [undefined, 'submitted', 'principal'],
    ['returned', 'submitted', 'principal'],
    ['withdrawn', 'submitted', 'principal'],
    ['reopened', 'submitted', 'principal'],
    ['submitted', 'withdrawn', 'principal'],
    ['submitted', 'reviewing', 'reviewer'],
    ['submitted', 'returned', 'reviewer'],
    ['reviewing', 'returned', 'reviewer'],
    ['submitted', 'approved', 'reviewer'],
    ['reviewing', 'approved', 'reviewer'],
    ['approved', 'reopened', 'reviewer'],
  ]

  for (const role of ROLES) {
    for (const from of [undefined, ...REPORT_STATES]) {
      for (const to of REPORT_STATES) {
        const isAllowed = ALLOWED.some(([one, other, theirs]) => one === from && other === to && theirs === role)
        const isStep = ALLOWED.some(([one, other]) => one === from && other === to)
        test(`${role}: ${from ?? 'open'} -> ${to} ${isAllowed ? 'is theirs' : 'is not'}`, () => {
          const step = { key: STATE, from: from === undefined ? undefined : said(from), to: said(to) }
          expect(judgeMove(who(role), 'own', step)).toBe(isAllowed ? undefined : isStep ? 'forbidden' : 'stale')
          // The bureau's reviewer is everybody's; a school's people are their own school's.
          expect(judgeMove(who(role), 'other', step)).toBe(
            isAllowed && isBureauRole(role) ? undefined : isStep ? 'forbidden' : 'stale',
          )
        })
      }
    }
  }

  test('the bureau has it in exactly these states', () => {
    expect(REPORT_STATES.filter(isLocked)).toEqual(['submitted', 'reviewing', 'approved'])
    expect([isLocked(undefined), isLocked('something new')]).toEqual([false, false])
  })

  test('whoever vouches says for what, a return and a reopening say why, and nobody but a return marks', () => {
    const principal = who('principal')
    const judged = (to: Json, from?: Json) =>
      judgeMove(from === undefined ? principal : who('reviewer'), 'own', { key: STATE, to, from })
    expect(judged({ state: 'submitted' })).toBe('invalid')
    expect(judged({ state: 'submitted', seen: 'x' })).toBe('invalid')
    expect(judged({ state: 'submitted', seen: DIGEST, marks: ['a'] })).toBe('invalid')
    expect(judged({ state: 'submitted', seen: DIGEST, recovered: true })).toBe('invalid')
    expect(judged({ state: 'submitted', seen: DIGEST, more: 1 })).toBe('invalid')
    expect(judged({ state: 'returned' }, said('submitted'))).toBe('invalid')
    expect(judged({ state: 'returned', why: ' ' }, said('submitted'))).toBe('invalid')
    expect(judged({ state: 'returned', why: 'x', marks: ['a'] }, said('submitted'))).toBeUndefined()
    expect(judged({ state: 'approved' }, said('submitted'))).toBe('invalid')
    expect(judged(said('approved'), { state: 'of another version' })).toBe('stale')
  })

  test('every step leads somewhere from which the school gets it back', () => {
    const reach = new Set<string | undefined>(['submitted'])
    for (let i = 0; i < REPORT_STATES.length; i++) for (const { from, to } of REPORT_STEPS) if (reach.has(to)) reach.add(from)
    expect([...REPORT_STATES].every((state) => reach.has(state))).toBe(true)
  })

  test('comments are for all who work on the report, and for nobody else', () => {
    const key = commentKey(commentId('abcdefghijklm'), 'text')
    const writers = ROLES.filter((role) => mayWriteKey(who(role), 'own', key))
    expect(writers).toEqual(['filler', 'principal', 'inspector', 'reviewer'])
    expect(ROLES.filter((role) => mayWriteKey(who(role), 'other', key))).toEqual(['reviewer'])
    expect(ROLES.filter((role) => mayWriteKey(who(role), 'own', STATE))).toEqual(['principal', 'reviewer'])
  })
})

describe('the digest of a report', () => {
  test('says what stands there, not who typed it, in any order; what was cleared was never there', () => {
    const values = fc.dictionary(fc.constantFrom(...KEYS), fc.oneof(fc.string(), fc.integer(), fc.constant(null)))
    fc.assert(
      fc.property(values, values, (one, other) => {
        const at = (of: Record<string, Json>) => (key: string) => of[key]
        const clean = (of: Record<string, Json>) => vouchedValues(KEYS, at(of))
        expect(reportDigest(KEYS, at(one))).toBe(reportDigest([...KEYS].reverse(), at(clean(one))))
        const changed = changedSince(clean(one), KEYS, at(other))
        expect(changed.length === 0).toBe(reportDigest(KEYS, at(one)) === reportDigest(KEYS, at(other)))
      }),
    )
  })
})

describe('in the exchange', () => {
  const [SCHOOL, COLLEAGUE, BUREAU] = ['schoolaaaaaaa', 'colleagueaaaa', 'bureauaaaaaaa']
  const rules: ReportRules = {
    stateOf: (key) => {
      const parsed = parseKey(key)
      const at = parsed.kind === 'file' ? parsed.ownerKey : parsed
      return (at.kind === 'value' || at.kind === 'remark') && ['a', 'b'].includes(at.element) ? STATE : undefined
    },
    keysOf: () => KEYS,
    isLocked: isLockedBy,
    vouchedBy,
    recovered: { state: 'returned', recovered: true },
  }
  let ledger: ReturnType<typeof memoryLedger>
  let numbers: Map<string, number>
  beforeEach(() => {
    ledger = memoryLedger()
    numbers = new Map()
  })

  const cellAt = (key: string) => ledger.see('s/one').cells.get(key)
  const ids = (key: string): Id[] => cellAt(key)?.heads.flatMap(({ from }) => from.map(({ id }) => id)) ?? []
  const digest = () => reportDigest(KEYS, (key) => cellAt(key)?.heads[0]?.value)
  async function send(device: string, edits: readonly (Partial<Mutation> & { key: string; value: Json })[], by = device) {
    let n = numbers.get(device) ?? 0
    const mutations = edits.map((edit) => ({
      ...{ n: ++n, kind: isStateKey(edit.key) ? 'move' : 'set', base: ids(edit.key), at: n, pv: 1 },
      ...edit,
    }))
    numbers.set(device, n)
    const person = who(device === BUREAU ? 'reviewer' : 'principal')
    const answer: Answer = await ask(ledger, {
      ...{ device, by, mutations, floor: mutations[0]?.n ?? 1, reports: rules, acceptsWitnesses: true },
      judgeMove: (step) => judgeMove(person, 'own', step),
    })
    return 'verdicts' in answer ? answer.verdicts.map(([, , verdict]) => verdict) : answer
  }
  const submit = (seen = digest()) => ({ key: STATE, value: { state: 'submitted', seen } })

  test('typed and submitted in one request: what was on the screen is what is submitted', async () => {
    const seen = reportDigest(KEYS, (key) => ({ [A]: '1', [B]: '2' })[key])
    expect(await send(SCHOOL, [{ key: A, value: '1' }, { key: B, value: '2' }, submit(seen)])).toEqual([
      'applied',
      'applied',
      'applied',
    ])
    expect(reportStateOf(cellAt(STATE)?.heads)).toEqual({ state: 'submitted', seen })
  })

  test('other values than those on the screen are not submitted', async () => {
    await send(SCHOOL, [{ key: A, value: '1' }])
    const seen = digest()
    await send(COLLEAGUE, [{ key: remarkKey('2024', 'b'), value: 'a word' }])
    expect(await send(SCHOOL, [submit(seen)])).toEqual(['rejected: changed'])
    expect(await send(SCHOOL, [submit()])).toEqual(['applied'])
  })

  test('nor is one with two values for one question', async () => {
    await send(SCHOOL, [{ key: A, value: '1', base: [] }])
    await send(COLLEAGUE, [{ key: A, value: '2', base: [] }])
    expect(await send(SCHOOL, [submit()])).toEqual(['rejected: conflicts'])
  })

  test('what the bureau has stays as it is, for its evidence too, until it is given back', async () => {
    await send(SCHOOL, [
      { key: A, value: '1' },
      { key: 'v/2024/other', value: 'x' },
    ])
    await send(SCHOOL, [submit()])
    const file = { key: fileKey(A, 'a'.repeat(64)), value: { name: 'x', type: 'image/jpeg', size: 1 } }
    for (const state of ['reviewing', 'approved'] as const) {
      expect(await send(COLLEAGUE, [{ key: A, value: '2' }, file, { key: 'v/2024/other', value: 'y' }])).toEqual([
        'rejected: locked',
        'rejected: locked',
        'applied',
      ])
      const value: Json = state === 'approved' ? { state, seen: digest() } : { state }
      expect(await send(BUREAU, [{ key: STATE, value }])).toEqual(['applied'])
    }
    expect(await send(COLLEAGUE, [{ key: A, value: '2' }])).toEqual(['rejected: locked'])
    await send(BUREAU, [{ key: STATE, value: { state: 'reopened', why: 'a mistake' } }])
    expect(await send(COLLEAGUE, [{ key: A, value: '2' }])).toEqual(['applied'])
  })

  test('of a withdrawal and a review begun at once the first counts', async () => {
    await send(SCHOOL, [submit()])
    const seenBySchool = ids(STATE)
    expect(await send(BUREAU, [{ key: STATE, value: { state: 'reviewing' } }])).toEqual(['applied'])
    expect(await send(SCHOOL, [{ key: STATE, value: { state: 'withdrawn' }, base: seenBySchool }])).toEqual(['rejected: stale'])
    expect(await send(SCHOOL, [{ key: STATE, value: { state: 'withdrawn' } }])).toEqual(['rejected: stale'])
  })

  test('a lost edit that comes back after a restore is taken, and the report goes back to the school', async () => {
    await send(SCHOOL, [{ key: A, value: '1' }, submit(reportDigest(KEYS, (key) => ({ [A]: '1' })[key]))])
    expect(await send(COLLEAGUE, [{ key: B, value: '2', again: true }])).toEqual(['applied'])
    expect(reportStateOf(cellAt(STATE)?.heads)).toEqual({ state: 'returned', recovered: true })
    expect(ledger.see('s/one').log.at(-1)).toMatchObject({ kind: 'move', by: SERVER, verdict: 'applied' })
    // What the log has already changes nothing a second time.
    expect(await send(SCHOOL, [submit()])).toEqual(['applied'])
    numbers.set(COLLEAGUE, 0)
    expect(await send(COLLEAGUE, [{ key: B, value: '2', again: true, base: [], at: 1 }])).toEqual(['applied'])
    expect(reportStateOf(cellAt(STATE)?.heads)?.state).toBe('submitted')
  })

  test('a submission of before a restore that comes behind newer edits is not what its author saw: it goes back to the school', async () => {
    const again = true as const
    const seen = reportDigest(KEYS, (key) => ({ [A]: '1' })[key])
    await send(SCHOOL, [{ key: A, value: '1' }])
    // As it was seen, it stays.
    expect(await send(SCHOOL, [{ ...submit(seen), again }])).toEqual(['applied'])
    expect(reportStateOf(cellAt(STATE)?.heads)?.state).toBe('submitted')
    await send(SCHOOL, [{ key: STATE, value: { state: 'withdrawn' } }])

    await send(COLLEAGUE, [{ key: B, value: '2' }])
    const old = { ...submit(seen), again, base: [`${SCHOOL}:3`] }
    expect(await send(SCHOOL, [old])).toEqual(['applied'])
    expect(reportStateOf(cellAt(STATE)?.heads)).toEqual({ state: 'returned', recovered: true })
    // A review of what was handed in then does not take it to the bureau once more.
    await send(BUREAU, [{ key: STATE, value: { state: 'reviewing' }, again, base: [`${SCHOOL}:4`] }])
    expect(cellAt(STATE)?.heads.map(({ value }) => value)).toEqual([{ state: 'returned', recovered: true }])
    expect(await send(SCHOOL, [submit()])).toEqual(['applied'])
  })

  test('a submission that somebody tells of themselves is compared with what is there, too', async () => {
    const nothing = reportDigest(KEYS, () => undefined)
    await send(SCHOOL, [{ key: A, value: '1' }])
    const told = async (n: number, seen: string) => {
      const value = { state: 'submitted', seen }
      await ask(ledger, {
        ...{ device: COLLEAGUE, by: SCHOOL, reports: rules, judgeMove: (step) => judgeMove(who('principal'), 'own', step) },
        witnesses: [{ ...{ id: `${BUREAU}:${n}`, by: SCHOOL, n, kind: 'set', key: STATE, value }, base: [], at: n, pv: 0 }],
      })
      return reportStateOf(cellAt(STATE)?.heads)?.state
    }
    expect(await told(1, nothing)).toBeUndefined()
    expect(await told(2, digest())).toBe('submitted')
  })

  test('a comment is its author’s; whether it is settled is everybody’s', async () => {
    const id = commentId('abcdefghijklm')
    await send(BUREAU, [{ key: commentKey(id, 'text'), value: 'why so many?' }])
    expect(await send(SCHOOL, [{ key: commentKey(id, 'text'), value: 'other words' }])).toEqual(['rejected: forbidden'])
    expect(await send(SCHOOL, [{ key: commentKey(id, 'text'), value: 'other words', base: [] }])).toEqual(['rejected: forbidden'])
    // Nor what its author left out.
    expect(await send(SCHOOL, [{ key: commentKey(id, 'to'), value: ['inspector'] }])).toEqual(['rejected: forbidden'])
    expect(await send(SCHOOL, [{ key: commentKey(id, 'resolved'), value: true }])).toEqual(['applied'])
    expect(await send(BUREAU, [{ key: commentKey(id, 'text'), value: 'why so few?' }])).toEqual(['applied'])
    expect(await send(BUREAU, [{ key: commentKey(id, 'to'), value: ['principal'] }])).toEqual(['applied'])
  })
})
