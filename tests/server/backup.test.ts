/** On SQLite: a backup, work after it, and the backup put back: everything returns from the tablets, under its authors' names. */
import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { blankDisk, type Disk } from '#client/device/memory-store'
import type { Role } from '#domain/person'
import { backUpSqlite, type Backup } from '#server/backup/back-up-sqlite'
import { checkLedger } from '#server/backup/check-ledger'
import { manifestFile } from '#server/backup/manifest'
import { readRecord } from '#server/backup/record'
import { restoreSqlite, type RestoreQuestion } from '#server/backup/restore-sqlite'
import { databaseFile } from '#server/open-server'
import { closeSession, findSession, openSession } from '#server/sessions'
import { openSqlite } from '#server/store/sqlite'
import { streamOf, valueKey, type Witness } from '#sync/protocol'
import { answersOf, askOf, openDistrict, person, SCHOOL, setTo, syncBody, type District } from './district'
import { isOnPostgres } from '../postgres/fresh-database'
import { liftGuards } from './guards'
import { openTablet, type Tablet } from './tablet'

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
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

async function tabletOf(role: Role, disk: Disk = blankDisk()): Promise<Tablet> {
  const tablet = await openTablet(district, { person: person(role), cookie: district.cookieOf(role), disk })
  tablets.push(tablet)
  await tablet.open(STREAM)
  return tablet
}

async function type(tablet: Tablet, element: string, value: string): Promise<void> {
  const shown = await tablet.open(STREAM)
  const base = shown.cells.get(key(element))?.base ?? []
  await tablet.commit({ stream: STREAM, key: key(element), value, base, pv: 1 })
  await tablet.exchanged()
}

async function backUp(folder = backups): Promise<Backup> {
  district.clock.now += 2 * MINUTE_MS
  const made = await backUpSqlite({ db: district.server().db, folder, now: district.clock.now })
  if (!made.ok) throw new Error(made.fault.en)
  return made.value
}

/** With the server stopped, as the command has it. */
async function restore(file: string, more: Partial<RestoreQuestion> = {}) {
  let restored: Awaited<ReturnType<typeof restoreSqlite>> | undefined
  await district.restart(async () => {
    restored = await restoreSqlite({ file, dataFolder: district.folder, now: district.clock.now, ...more })
  })
  return restored
}

const logged = () => district.server().db.selectFrom('log').select(['key', 'value', 'by', 'verdict']).orderBy('seq').execute()

describe.skipIf(isOnPostgres())('a server that was put back to a backup', () => {
  test('gets back what was acknowledged after it, also the values of a tablet that is no more', async () => {
    const [kept, lost] = [await tabletOf('principal'), await tabletOf('filler')]
    await type(kept, 'a', '1')
    const { file } = await backUp()
    await type(kept, 'b', '2')
    await type(lost, 'c', '3')
    await type(lost, 'a', '4')
    await kept.exchanged()
    const before = await kept.open(STREAM)
    const byKey = (one: { readonly key: string }, other: { readonly key: string }) => one.key.localeCompare(other.key)
    const values = () => [...before.cells.values()].sort(byKey).map(({ key: of, value, by, mark }) => [of, value, by, mark])
    expect(values()).toEqual([
      [key('a'), '4', 'filler', 'confirmed'],
      [key('b'), '2', 'principal', 'confirmed'],
      [key('c'), '3', 'filler', 'confirmed'],
    ])
    const shown = values()
    // The tablet is wiped before anybody notices.
    await lost.close()
    const epoch = district.server().ledger.epoch

    expect(await restore(file)).toMatchObject({ ok: true, value: { mutations: 1 } })
    expect(district.server().ledger.epoch).not.toBe(epoch)
    expect(await logged()).toEqual([{ key: key('a'), value: '"1"', by: 'principal', verdict: 'applied' }])
    district.clock.now += MINUTE_MS
    await kept.exchanged()

    expect(values()).toEqual(shown)
    expect((await logged()).slice(1).sort(byKey)).toEqual([
      { key: key('a'), value: '"4"', by: 'filler', verdict: 'witnessed' },
      { key: key('b'), value: '"2"', by: 'principal', verdict: 'applied' },
      { key: key('c'), value: '"3"', by: 'filler', verdict: 'witnessed' },
    ])
    // Another device sees the same, and the ledger is what its log says.
    const other = await tabletOf('filler')
    await other.exchanged()
    expect([...(await other.open(STREAM)).cells.values()].sort(byKey).map(({ key: of, value, by }) => [of, value, by])).toEqual(
      shown.map(([of, value, by]) => [of, value, by]),
    )
    expect((await checkLedger(district.server().db)).findings).toEqual([])
  })

  test('takes what others tell for ninety days, and no longer', async () => {
    const { file } = await backUp()
    await restore(file)
    const witness = (n: number): Witness => ({ ...setTo(n, key('w'), String(n)), id: `wipedaaaaaaaa:${n}`, by: 'filler', pv: 0 })
    const tell = async (n: number) =>
      answersOf(await district.as('principal')('POST', '/api/sync', syncBody(askOf({ witnesses: [witness(n)] }))))
    district.clock.now += 89 * DAY_MS
    await tell(1)
    expect(await logged()).toMatchObject([{ value: '"1"', by: 'filler', verdict: 'witnessed' }])
    await district.restart()
    district.clock.now += 2 * DAY_MS
    expect(await tell(2)).toMatchObject([{ witnessed: ['wipedaaaaaaaa:2'] }])
    expect(await logged()).toHaveLength(1)
  })

  test('does not give back what was taken away after the backup', async () => {
    const { db } = district.server()
    const ended = await openSession(db, 'reviewer', district.clock.now)
    const standing = await openSession(db, 'reviewer', district.clock.now)
    const tablet = await tabletOf('filler')
    await type(tablet, 'a', '1')
    const { file } = await backUp()
    await closeSession(db, ended)
    await db.updateTable('account').set({ disabled: district.clock.now }).where('key', '=', 'inspector').execute()
    await db
      .updateTable('tablet')
      .set({ revoked: district.clock.now, revoked_by: 'admin' })
      .where('id', '=', tablet.name)
      .execute()
    await restore(file)
    const now = district.server().db
    expect(await findSession(now, ended, district.clock.now)).toBeUndefined()
    expect(await findSession(now, standing, district.clock.now)).toMatchObject({ person: { username: 'reviewer' } })
    const disabled = await now.selectFrom('account').select('key').where('disabled', 'is not', null).execute()
    expect(disabled).toEqual([{ key: 'inspector' }])
    expect(await now.selectFrom('tablet').select(['id', 'revoked_by']).where('revoked', 'is not', null).execute()).toEqual([
      { id: tablet.name, revoked_by: 'admin' },
    ])
  })

  test('keeps the database that was there beside it', async () => {
    const { file } = await backUp()
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key('a'), '5')] })))
    const done = await restore(file)
    expect(await logged()).toEqual([])
    const aside = done?.ok === true ? (done.value.aside ?? '') : ''
    expect(existsSync(aside)).toBe(true)
    const old = openSqlite(aside)
    expect(await old.selectFrom('log').select('value').execute()).toEqual([{ value: '"5"' }])
    await old.destroy()
  })

  test('can be put back when the database itself is damaged or gone', async () => {
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key('a'), '5')] })))
    const { file } = await backUp()
    for (const damage of [
      (database: string) => writeFileSync(database, 'no database at all'),
      (database: string) => rmSync(database),
    ]) {
      await district.restart(async () => {
        damage(databaseFile(district.folder))
        const done = await restoreSqlite({ file, dataFolder: district.folder, now: district.clock.now })
        expect(done).toMatchObject({ ok: true, value: { mutations: 1 } })
      })
      // Nobody can say who was to come in no more.
      expect(await district.server().db.selectFrom('session').selectAll().execute()).toEqual([])
      expect(await logged()).toMatchObject([{ value: '"5"' }])
    }
  })
})

describe.skipIf(isOnPostgres())('what a verified backup holds', () => {
  test('need not be kept on the tablet, and is dropped there; the rest is not', async () => {
    const disk = blankDisk()
    const tablet = await tabletOf('principal', disk)
    const own = () => [...(disk.written.streams.get(STREAM)?.own.keys() ?? [])]
    await type(tablet, 'a', '1')
    await type(tablet, 'b', '2')
    expect(own()).toEqual([1, 2])
    await backUp()
    await type(tablet, 'c', '3')
    await tablet.exchanged()
    expect(own()).toEqual([3])
    expect(disk.written.streams.get(STREAM)?.view.floor).toBe(3)
    // And what is dropped is not needed when that backup is put back.
    const record = await readRecord(district.server().db)
    expect(await restore(record?.file ?? '')).toMatchObject({ ok: true })
    await tablet.exchanged()
    expect((await logged()).map(({ value, by, verdict }) => [value, by, verdict])).toEqual([
      ['"1"', 'principal', 'applied'],
      ['"2"', 'principal', 'applied'],
      ['"3"', 'principal', 'applied'],
    ])
    expect((await checkLedger(district.server().db)).findings).toEqual([])
  })

  test('comes back from the screens of the tablets when an older backup is put back all the same', async () => {
    const tablet = await tabletOf('principal')
    await type(tablet, 'a', '1')
    const { file } = await backUp()
    await type(tablet, 'b', '2')
    await backUp()
    await tablet.exchanged()
    expect(await restore(file, { older: true })).toMatchObject({ ok: true })
    expect(await logged()).toHaveLength(1)
    await tablet.exchanged()
    await type(tablet, 'b', '3')
    expect((await logged()).map(({ value, by, verdict }) => [value, by, verdict])).toEqual([
      ['"1"', 'principal', 'applied'],
      ['"2"', 'principal', 'witnessed'],
      ['"3"', 'principal', 'applied'],
    ])
    expect((await tablet.open(STREAM)).cells.get(key('b'))).toMatchObject({ value: '3', mark: 'confirmed', by: 'principal' })
    expect((await checkLedger(district.server().db)).findings).toEqual([])
  })

  test('is named only as long as the backup is there, unchanged in size', async () => {
    const send = async (n: number) => {
      district.clock.now += 2 * MINUTE_MS
      const [answer] = answersOf(
        await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(n, key(`e${n}`), '1')] }))),
      )
      return answer !== undefined && 'safe' in answer ? answer.safe?.last : undefined
    }
    expect(await send(1)).toBeUndefined()
    const first = await backUp()
    expect(await send(2)).toBe(1)
    appendFileSync(first.file, 'x')
    expect(await send(3)).toBeUndefined()
    const second = await backUp()
    expect(await send(4)).toBe(3)
    await district.restart()
    expect(await send(5)).toBe(3)
    rmSync(second.file)
    expect(await send(6)).toBeUndefined()
  })

  test('is not told to a device that has dropped it', async () => {
    const mutations = [setTo(1, key('a'), '1'), setTo(2, key('b'), '1')]
    const send = (floor: number) => district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations, floor })))
    await send(1)
    await backUp()
    district.clock.now += 2 * MINUTE_MS
    expect(answersOf(await send(2))).toMatchObject([{ safe: { last: 2 } }])
    const [dropped] = answersOf(
      await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(3, key('c'), '1')], floor: 3 }))),
    )
    expect(dropped).not.toHaveProperty('safe')
  })
})

describe.skipIf(isOnPostgres())('a backup', () => {
  test('is one file with its description, and nothing is left of its making', async () => {
    const { file, bytes } = await backUp()
    expect(readdirSync(backups).sort()).toEqual([file, manifestFile(file)].map((path) => path.slice(backups.length + 1)))
    expect(JSON.parse(readFileSync(manifestFile(file), 'utf8'))).toMatchObject({
      bytes,
      at: district.clock.now,
      epoch: district.server().ledger.epoch,
    })
    const again = await backUpSqlite({ db: district.server().db, folder: backups, now: district.clock.now })
    expect(again.ok && again.value.file).not.toBe(file)
  })

  test('that does not pass its check is none, and the one before still counts', async () => {
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key('a'), '1')] })))
    const sound = await backUp()
    await sql`update cell set heads = replace(heads, '"1"', '"7"')`.execute(district.server().db)
    const made = await backUpSqlite({ db: district.server().db, folder: backups, now: district.clock.now })
    expect(made.ok).toBe(false)
    expect(readdirSync(backups)).toHaveLength(2)
    expect((await readRecord(district.server().db))?.file).toBe(sound.file)
  })

  test('cannot be put where there is a file', async () => {
    const place = join(backups, 'file')
    writeFileSync(place, '')
    const made = await backUpSqlite({ db: district.server().db, folder: place, now: district.clock.now })
    expect(made).toMatchObject({ ok: false, fault: { zh: expect.stringContaining(place) as string } })
  })
})

describe.skipIf(isOnPostgres())('what is no sound backup changes nothing', () => {
  const cases: readonly [string, (file: string) => string, RegExp][] = [
    ['a file that is not there', (file) => `${file}-not`, /cannot be read/],
    ['a folder', () => backups, /cannot be read/],
    [
      'a file that was cut off',
      (file) => {
        writeFileSync(file, readFileSync(file).subarray(0, 5000))
        return file
      },
      /changed since/,
    ],
    [
      'a file that was cut off and has no description',
      (file) => {
        const other = join(backups, 'cut.sqlite')
        writeFileSync(other, readFileSync(file).subarray(0, 20_000))
        return other
      },
      /not a sound backup/,
    ],
    [
      'a text',
      () => {
        const other = join(backups, 'text')
        writeFileSync(other, 'This is a text.\n'.repeat(1000))
        return other
      },
      /not a sound backup/,
    ],
    [
      'an empty file',
      () => {
        const other = join(backups, 'empty')
        writeFileSync(other, '')
        return other
      },
      /not a sound backup/,
    ],
  ]

  test.each(cases)('%s', async (_what, spoil, words) => {
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key('a'), '1')] })))
    const { file } = await backUp()
    const epoch = district.server().ledger.epoch
    const chosen = spoil(file)
    const done = await restore(chosen, { older: true })
    expect(done?.ok === false && done.fault.en).toMatch(words)
    expect(done?.ok === false && done.fault.zh).toMatch(/什么也没有改动/)
    expect(district.server().ledger.epoch).toBe(epoch)
    expect(await logged()).toHaveLength(1)
    expect(readdirSync(district.folder).filter((name) => /restor/.test(name))).toEqual([])
  })

  test('a value changed in it by hand', async () => {
    await district.as('principal')('POST', '/api/sync', syncBody(askOf({ mutations: [setTo(1, key('a'), '1')] })))
    const { file } = await backUp()
    const forged = join(backups, 'forged.sqlite')
    copyFileSync(file, forged)
    const db = openSqlite(forged)
    await liftGuards(db)
    await sql`update log set value = '"9"'`.execute(db)
    await db.destroy()
    const done = await restore(forged, { older: true })
    expect(done?.ok === false && done.fault.en).toMatch(/not a sound backup.*(cell|chain)/)
    expect(await logged()).toMatchObject([{ value: '"1"' }])
  })

  test('an older backup than the newest, unless it is asked for', async () => {
    const older = await backUp()
    const newer = await backUp()
    const refused = await restore(older.file)
    expect(refused?.ok === false && refused.fault.en).toContain(newer.file)
    // Also where the database can no longer say so.
    await district.restart(async () => {
      rmSync(databaseFile(district.folder))
      const question = { file: older.file, dataFolder: district.folder, now: district.clock.now }
      expect(await restoreSqlite(question)).toMatchObject({ ok: false })
      expect(await restoreSqlite({ ...question, older: true })).toMatchObject({ ok: true })
    })
  })

  test('while a server works on the folder', async () => {
    const { file } = await backUp()
    const done = await restoreSqlite({ file, dataFolder: district.folder, now: district.clock.now })
    expect(done).toMatchObject({ ok: false, fault: { en: expect.stringContaining('stop it first') as string } })
  })

  test('the database itself', async () => {
    const done = await restore(databaseFile(district.folder))
    expect(done).toMatchObject({ ok: false, fault: { en: expect.stringContaining('is the database itself') as string } })
  })
})
