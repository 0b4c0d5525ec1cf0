/** The log of administration and the ledger's log only grow, and whatever was changed in them behind the program's back is found. */
import { sql, type Kysely } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditRow } from '#domain/audit'
import { audit, readHead } from '#server/audit/audit'
import { checkAudit, checkAuditWithin, type AuditFinding } from '#server/audit/check-audit'
import { createRefusals } from '#server/audit/refusals'
import { markRestored } from '#server/backup/restore-sqlite'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import type { Tables } from '#server/store/tables'
import { valueKey } from '#sync/protocol'
import { askOf, openDistrict, OTHER_SCHOOL, PASSWORD, SCHOOL, setTo, syncBody, type District } from './district'
import { liftGuards } from './guards'

let district: District
beforeAll(async () => {
  district = await openDistrict()
})
afterAll(() => district.close())

const db = () => district.server().db
const write = (n: number, device: string, orgUnit = SCHOOL) =>
  district.as('reviewer')(
    'POST',
    '/api/sync',
    syncBody(askOf({ orgUnit, device, mutations: [setTo(n, valueKey('2024', 'goodYouth'), String(n))] })),
  )
const rows = async (query = ''): Promise<readonly AuditRow[]> =>
  ((await district.as('admin')('GET', `/api/audit${query}`)).body as { rows: readonly AuditRow[] }).rows
const newest = async () => (await rows('?limit=1'))[0]

describe('what is written down', () => {
  test('a sign-in, a wrong one, and a sign-out', async () => {
    const opened = await district.as(undefined)('POST', '/api/session', { username: 'leader', password: PASSWORD })
    expect(await newest()).toMatchObject({ by: 'leader', kind: 'session.opened', address: '127.0.0.1' })
    await district.as(undefined)('POST', '/api/session', { username: 'Nobody', password: 'wrong-password' })
    expect(await newest()).toMatchObject({ by: 'Nobody', kind: 'session.refused', details: { why: 'password' } })
    const tries = Array.from({ length: 12 }, () => ({ username: 'Nobody', password: 'wrong-password' }))
    for (const tried of tries) await district.as(undefined)('POST', '/api/session', tried)
    expect(await newest()).toMatchObject({ by: 'Nobody', kind: 'session.refused', details: { why: 'tooOften' } })
    const token = /=([\w-]{43});/.exec(String(opened.headers['set-cookie']))?.[1] ?? ''
    await district.inject({ method: 'DELETE', url: '/api/session', cookies: { [SESSION_COOKIE]: token } })
    expect(await newest()).toMatchObject({ by: 'leader', kind: 'session.closed' })
  })

  test('an export, and an import without its dry run', async () => {
    const before = (await rows()).length
    const row = { dataElement: 'goodYouth', period: '2024', orgUnit: SCHOOL, value: '3' }
    await district.as('reviewer')('POST', '/api/dataValueSets?dryRun=true', { dataValues: [row] })
    expect(await rows()).toHaveLength(before)
    await district.as('reviewer')('POST', '/api/dataValueSets', { dataValues: [row] })
    expect(await newest()).toMatchObject({ by: 'reviewer', kind: 'values.imported', details: { body: { dataValues: [row] } } })
    await district.as('leader')('GET', '/api/dataValueSets?period=2024')
    expect(await newest()).toMatchObject({ by: 'leader', kind: 'values.exported', details: { query: { period: '2024' } } })
    await district.as('principal')('GET', `/api/dataValueSets?period=2024&orgUnit=${OTHER_SCHOOL}`)
    expect(await newest()).toMatchObject({ by: 'leader' })
  })

  test('a change of rights, with what was before, and no password', async () => {
    const made = await district.as('admin')('POST', '/api/accounts', {
      ...{ username: 'seen', name: 'seen', role: 'filler', orgUnits: [SCHOOL], password: 'a-first-password' },
    })
    expect(made.status).toBe(201)
    await district.as('admin')('PATCH', '/api/accounts/seen', { orgUnits: [OTHER_SCHOOL] })
    expect(await newest()).toMatchObject({
      ...{ by: 'admin', kind: 'account.changed', subject: 'seen' },
      details: { before: { orgUnits: [SCHOOL] }, after: { orgUnits: [OTHER_SCHOOL] } },
    })
    expect(JSON.stringify(await rows())).not.toContain('a-first-password')
  })

  test('a restore', async () => {
    await markRestored(db(), { now: district.clock.now, from: '/backups/one.sqlite' })
    expect(await newest()).toMatchObject({ by: '', kind: 'ledger.restored', subject: '/backups/one.sqlite' })
  })

  test('many refused sign-ins of one address as some rows and a number', () => {
    const refusals = createRefusals()
    const written = Array.from({ length: 100 }, () => refusals.note('10.0.0.1', 0)).filter(({ isWritten }) => isWritten)
    expect(written).toHaveLength(20)
    expect(refusals.note('10.0.0.2', 0)).toEqual({ isWritten: true, untold: 0 })
    expect(refusals.note('10.0.0.1', 600_000)).toEqual({ isWritten: true, untold: 80 })
  })
})

test('is read by an admin only, in pages, by filters', async () => {
  const all = await rows('?limit=500')
  expect(all.map(({ id }) => id)).toEqual(Array.from({ length: all.length }, (_, at) => all.length - at))
  const first = await district.as('admin')('GET', '/api/audit?limit=3')
  expect(first.body).toEqual({ rows: all.slice(0, 3), more: true })
  expect(await rows(`?limit=3&before=${String(all[2]?.id)}`)).toEqual(all.slice(3, 6))
  expect((await rows('?kind=account.changed')).map(({ subject }) => subject)).toEqual(['seen'])
  expect((await rows('?by=leader&subject=leader')).map(({ kind }) => kind)).toEqual(['session.closed', 'session.opened'])
  expect(await rows(`?from=${String(district.clock.now + 1)}`)).toEqual([])
  expect((await rows(`?to=${String(district.clock.now)}`)).length).toBeGreaterThan(0)
  expect((await district.as('admin')('GET', '/api/audit?kind=none')).status).toBe(400)
  expect((await district.as('admin')('GET', '/api/audit?limit=0')).status).toBe(400)
})

describe('the program itself cannot', () => {
  test.each([
    ['change a mutation', `update log set value = '"9"'`],
    ['change none', `update log set value = '"9"' where seq = -1 or seq >= 1`],
    ['remove a mutation', 'delete from log'],
    ['change a row of the log of administration', `update audit set by = 'somebody'`],
    ['remove one', 'delete from audit where id = 1'],
    ['change a checkpoint', `update log_checkpoint set digest = ''`],
    ['remove a checkpoint', 'delete from log_checkpoint'],
  ])('%s', async (_what, statement) => {
    await write(1, 'firstaaaaaaaa')
    await district.server().checkpoint()
    await expect(sql.raw(statement).execute(db())).rejects.toThrow(/only grows/)
    expect((await checkAudit(db())).findings).toEqual([])
  })
})

describe('what was changed behind its back is found', () => {
  beforeAll(async () => {
    await write(1, 'secondaaaaaaa')
    await write(2, 'secondaaaaaaa')
    await write(1, 'secondaaaaaaa', OTHER_SCHOOL)
    await district.server().checkpoint()
    await write(3, 'secondaaaaaaa')
    await district.server().checkpoint()
  })

  test('nothing, where nothing was', async () => {
    const checked = await checkAudit(db())
    expect(checked).toMatchObject({ findings: [], uncovered: 0, head: await readHead(db()) })
    expect(checked.mutations).toBeGreaterThanOrEqual(4)
    await write(4, 'secondaaaaaaa')
    expect(await checkAudit(db())).toMatchObject({ findings: [], uncovered: 1 })
    await district.server().checkpoint()
    const { rows: before } = await checkAudit(db())
    await district.server().checkpoint()
    expect((await checkAudit(db())).rows).toBe(before)
  })

  const spoilings: readonly (readonly [string, string, AuditFinding['kind']])[] = [
    ['a row of administration', `update audit set details = '{}' where kind = 'account.changed'`, 'changed'],
    ['who did it', `update audit set by = 'somebody' where id = 2`, 'changed'],
    ['a row in the middle removed', 'delete from audit where id = 3', 'missing'],
    ['the first removed', 'delete from audit where id = 1', 'missing'],
    ['the last removed', 'delete from audit where id = (select max(id) from audit)', 'end'],
    ['all removed', 'delete from audit', 'end'],
    ['a value in the ledger', `update log set value = '"77"' where seq = 2`, 'ledger'],
    ['an author in the ledger', `update log set by = 'somebody' where seq = 1`, 'ledger'],
    ['when it was received', 'update log set received = received + 1 where seq = 1', 'ledger'],
    ['a mutation removed', 'delete from log where seq = 2', 'ledger'],
    ['the last mutation removed', 'delete from log where seq = (select max(seq) from log)', 'ledger'],
    ['all mutations removed', 'delete from log', 'ledger'],
    ['a checkpoint removed', 'delete from log_checkpoint where upto = (select max(upto) from log_checkpoint)', 'named'],
    ['a checkpoint changed', `update log_checkpoint set digest = 'x'`, 'named'],
    ['a checkpoint added', `insert into log_checkpoint values (99, 1, 'x', 1)`, 'named'],
  ]
  test.each(spoilings)('%s', async (_what, statement, kind) => {
    const { findings } = await spoilt(db(), statement)
    expect(findings.map((finding) => finding.kind)).toContain(kind)
  })

  test('everything worked out again from the changed row on, where a digest was noted elsewhere', async () => {
    const noted = await readHead(db())
    expect((await checkAudit(db(), noted)).findings).toEqual([])
    await audit(db(), { at: 1, by: 'admin', kind: 'session.opened' })
    expect((await checkAudit(db(), noted)).findings).toEqual([])
    const other = { ...noted, digest: 'f'.repeat(64) }
    expect((await checkAudit(db(), other)).findings).toEqual([{ kind: 'witness', at: String(noted.id) }])
  })
})

/** In a transaction that is rolled back. */
const spoilt = (database: Kysely<Tables>, statement: string) =>
  database.connection().execute(async (trx) => {
    await sql`begin`.execute(trx)
    try {
      await liftGuards(trx)
      await sql.raw(statement).execute(trx)
      return await checkAuditWithin(trx)
    } finally {
      await sql`rollback`.execute(trx)
    }
  })

test('many rows written at once follow one another', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, at) => audit(db(), { at, by: 'admin', kind: 'session.opened' })))
  await Promise.all([district.server().checkpoint(), write(9, 'thirdaaaaaaaa'), district.server().checkpoint()])
  expect((await checkAudit(db())).findings).toEqual([])
})

test('goes on after the server was closed and opened again', async () => {
  const head = await readHead(db())
  await district.restart()
  await openSession(db(), 'admin', district.clock.now)
  await audit(db(), { at: 5, by: 'admin', kind: 'session.opened' })
  expect(await readHead(db())).toMatchObject({ id: head.id + 1 })
  expect((await checkAudit(db())).findings).toEqual([])
})
