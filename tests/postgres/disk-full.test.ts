/** PostgreSQL without room: the tables that grow lie on a small file system of their own. That needs root on Linux. */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, inject, test } from 'vitest'
import { checkLedger } from '#server/backup/check-ledger'
import { valueKey } from '#sync/protocol'
import { answersOf, askOf, openDistrict, setTo, syncBody } from '../server/district'

const place = mkdtempSync(join(tmpdir(), 'youxue-small-'))
const owner = /^postgres:\/\/([^@:/]+)/.exec(inject('postgres')?.url ?? '')?.[1] ?? ''
const isMounted =
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', place]).status === 0 &&
  spawnSync('chown', [owner, place]).status === 0
chmodSync(place, 0o700)
afterAll(() => {
  spawnSync('umount', [place])
  rmSync(place, { recursive: true, force: true })
})

/** Not to be compressed. */
const value = (): string => randomBytes(25_000).toString('hex')

test.skipIf(!isMounted)('no room is said as such, nothing is half written, and it goes on once there is room', async () => {
  const district = await openDistrict()
  const { db } = district.server()
  const health = async () => (await district.as(undefined)('GET', '/api/health')).body
  const mutations = Array.from({ length: 20 }, (_, at) => setTo(at + 2, valueKey('2024', `e${String(at)}`), value()))
  const send = () =>
    district.as('principal')(
      'POST',
      '/api/sync',
      syncBody(askOf({ mutations: [setTo(1, 'v/2024/a', '1'), ...mutations.slice(0, 15)] })),
    )
  const space = `small_${randomBytes(4).toString('hex')}`
  await sql.raw(`create tablespace ${space} location '${place}'`).execute(db)
  try {
    for (const table of ['log', 'cell']) await sql.raw(`alter table ${table} set tablespace ${space}`).execute(db)
    expect(
      (await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, 'v/2024/a', '1')] })))).status,
    ).toBe(200)
    await sql.raw(`create table ballast (b text) tablespace ${space}`).execute(db)
    const fill = async () => {
      for (let at = 0; at < 1000; at++) await sql`insert into ballast values (${value()})`.execute(db)
    }
    await expect(fill()).rejects.toThrow(/space/)

    const full = await send()
    expect(full).toMatchObject({ status: 507, body: { fault: { kind: 'server.full' } }, headers: { 'retry-after': '60' } })
    expect(await health()).toMatchObject({ status: 'full' })
    expect(await db.selectFrom('log').select('n').execute()).toEqual([{ n: 1 }])
    expect((await checkLedger(db)).findings).toEqual([])

    await sql`drop table ballast`.execute(db)
    expect(answersOf(await send())).toMatchObject([{ last: 16 }])
    expect(await health()).toMatchObject({ status: 'ok' })
    expect((await checkLedger(db)).findings).toEqual([])
  } finally {
    await sql`drop table if exists ballast`.execute(db)
    for (const table of ['log', 'cell']) await sql.raw(`alter table ${table} set tablespace pg_default`).execute(db)
    await sql.raw(`drop tablespace ${space}`).execute(db)
    await district.close()
  }
})
