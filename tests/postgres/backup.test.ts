/** On PostgreSQL: a backup, work after it, and the backup put back. What is no sound backup changes nothing. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { backUpPostgres } from '#server/backup/back-up-postgres'
import { checkLedger } from '#server/backup/check-ledger'
import { manifestFile } from '#server/backup/manifest'
import { databaseIn, withDatabase } from '#server/backup/postgres-tools'
import { restorePostgres } from '#server/backup/restore-postgres'
import { streamOf, valueKey } from '#sync/protocol'
import { answersOf, askOf, openDistrict, person, SCHOOL, setTo, syncBody, type District } from '../server/district'
import { openTablet, type Tablet } from '../server/tablet'

let district: District
let backups: string
let tablets: Tablet[] = []
beforeEach(async () => {
  district = await openDistrict()
  backups = mkdtempSync(join(tmpdir(), 'youxue-backups-'))
})
afterEach(async () => {
  await Promise.all(tablets.map((tablet) => tablet.close()))
  tablets = []
  await district.close()
  rmSync(backups, { recursive: true, force: true })
})

const STREAM = streamOf(SCHOOL)
const key = (element: string) => valueKey('2024', element)
const url = () => district.databaseUrl ?? ''

async function tabletOf(role: 'principal' | 'filler'): Promise<Tablet> {
  const tablet = await openTablet(district, { person: person(role), cookie: district.cookieOf(role) })
  tablets.push(tablet)
  await tablet.open(STREAM)
  return tablet
}

async function type(tablet: Tablet, element: string, value: string): Promise<void> {
  await tablet.commit({ stream: STREAM, key: key(element), value, base: [], pv: 1 })
  await tablet.exchanged()
}

async function backUp(): Promise<string> {
  district.clock.now += 120_000
  const made = await backUpPostgres({ url: url(), folder: backups, now: district.clock.now })
  if (!made.ok) throw new Error(made.fault.en)
  return made.value.file
}

const logged = () => district.server().db.selectFrom('log').select(['value', 'by', 'verdict']).orderBy('seq').execute()
const databases = async () =>
  (await sql<{ datname: string }>`select datname from pg_database order by datname`.execute(district.server().db)).rows.map(
    ({ datname }) => datname,
  )

test('everything returns from the tablets, also the values of one that is no more', async () => {
  const [kept, lost] = [await tabletOf('principal'), await tabletOf('filler')]
  await type(kept, 'a', '1')
  const file = await backUp()
  expect(readdirSync(backups).sort()).toEqual([file, manifestFile(file)].map((path) => path.slice(backups.length + 1)))
  await type(kept, 'b', '2')
  await type(lost, 'c', '3')
  await kept.exchanged()
  await lost.close()
  const epoch = district.server().ledger.epoch
  const before = await databases()
  await district.restart(async () => {
    expect(await restorePostgres({ file, url: url(), now: district.clock.now })).toMatchObject({
      ok: true,
      value: { mutations: 1 },
    })
  })
  expect(district.server().ledger.epoch).not.toBe(epoch)
  expect(await logged()).toHaveLength(1)
  district.clock.now += 60_000
  await kept.exchanged()
  const found = (await logged())
    .map(({ value, by, verdict }) => `${value} ${by} ${verdict}`)
    .sort((one, other) => one.localeCompare(other))
  expect(found).toEqual(['"1" principal applied', '"2" principal applied', '"3" filler witnessed'])
  expect((await checkLedger(district.server().db)).findings).toEqual([])
  // The database that was there is kept, and nothing else is left.
  const added = (await databases()).filter((name) => !before.includes(name) && name.startsWith(databaseIn(url())))
  expect(added).toEqual([expect.stringMatching(/_before_/)])
})

test('what a verified backup holds is named to the tablets', async () => {
  const send = (n: number) =>
    district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(n, key(`e${String(n)}`), '1')] })))
  await send(1)
  const file = await backUp()
  district.clock.now += 120_000
  expect(answersOf(await send(2))).toMatchObject([{ safe: { last: 1 } }])
  rmSync(file)
  district.clock.now += 120_000
  const [answer] = answersOf(await send(3))
  expect(answer).not.toHaveProperty('safe')
})

test('a ledger that is not what its log says makes no backup, and leaves nothing', async () => {
  await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key('a'), '1')] })))
  await sql`update stream set digest = '0000000000000001'`.execute(district.server().db)
  const before = await databases()
  const made = await backUpPostgres({ url: url(), folder: backups, now: district.clock.now })
  expect(made).toMatchObject({ ok: false, fault: { en: expect.stringContaining('digest') as string } })
  expect(readdirSync(backups)).toEqual([])
  expect(await databases()).toEqual(before)
})

test('while a server works on the database, and with a file that is cut off or no backup, nothing is changed', async () => {
  const file = await backUp()
  const question = { url: url(), now: district.clock.now }
  const inUse = await restorePostgres({ ...question, file })
  expect(inUse.ok ? '' : inUse.fault.en).toMatch(/in use/)
  const text = join(backups, 'text')
  writeFileSync(text, 'no backup')
  const epoch = district.server().ledger.epoch
  await district.restart(async () => {
    const older = { ...question, older: true }
    const isNone = await restorePostgres({ ...older, file: text })
    expect(isNone.ok ? '' : isNone.fault.en).toMatch(/not a sound backup/)
    writeFileSync(file, readFileSync(file).subarray(0, 4000))
    const isCut = await restorePostgres({ ...older, file })
    expect(isCut.ok ? '' : isCut.fault.en).toMatch(/changed since/)
    rmSync(manifestFile(file))
    const isCutToo = await restorePostgres({ ...older, file })
    expect(isCutToo.ok ? '' : isCutToo.fault.en).toMatch(/not a sound backup/)
  })
  expect(district.server().ledger.epoch).toBe(epoch)
})

test('addresses of databases', () => {
  expect(databaseIn('postgres://user:s%40cret@host:5432/my%20data?sslmode=require')).toBe('my data')
  expect(withDatabase('postgres://user@/one?host=%2Ftmp', 'two')).toBe('postgres://user@/two?host=%2Ftmp')
  expect(withDatabase('postgresql://host', 'two')).toBe('postgresql://host/two')
})
