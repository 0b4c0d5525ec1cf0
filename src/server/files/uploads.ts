/**
 * Files coming in, and who may have one.
 *
 * An upload belongs to an org unit and a digest: who knows the digest of another school's photo gains nothing by it, neither by asking for it
 * nor by naming it in a cell of their own, for it was never brought for their school. A file can be had by whoever may read the unit, once a
 * cell of the unit names it (its history too: one that was taken away is still there), and by who brought it.
 */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { Kysely } from 'kysely'
import { failed, ok, type Result } from '#domain/fault'
import { may } from '#domain/may'
import type { Person } from '#domain/person'
import { parseKey, streamOf } from '#sync/protocol'
import type { Tables } from '../store/tables'
import { checkFile, FILE_BYTES_MAX, FILE_MB_MAX } from './check-file'
import type { FileStore, OpenedFile, UploadId } from './file-store'

/** Of one request. A tablet sends a quarter of it at a time. */
export const PIECE_BYTES_MAX = 1024 * 1024
/** At once by one person. A tablet sends one; a person has some tablets and tabs. */
const PIECES_AT_ONCE_MAX = 8
/** Begun for an org unit and not whole: two gigabytes at most that are of no use to anybody. */
const BEGUN_MAX = 100
const RETRY_SECONDS = 5
/** An upload to which nothing came for so long is begun anew; a whole file that no cell named in this time is nobody's evidence. */
const FORGOTTEN_MS = 30 * 86_400_000
const FORGET_EVERY_MS = 86_400_000

export type Progress = { readonly offset: number; readonly isComplete: boolean }
export type StoredFile = OpenedFile & { readonly type: string }

export type Piece = {
  readonly offset: number
  /** Of the whole file. */
  readonly length: number
  readonly type: string | undefined
  readonly body: Readable
  readonly by: string
}

export type Uploads = {
  progress(id: UploadId): Promise<Progress>
  /** `file.offset`: something else has arrived meanwhile; ask again where it stands. */
  append(id: UploadId, piece: Piece): Promise<Result<Progress>>
  /** `undefined` alike for what is not there and for what is not for this person. */
  find(id: UploadId, person: Person): Promise<StoredFile | undefined>
  /** Ends the clock, and waits for what it has begun: the database is closed behind it. */
  close(): Promise<void>
}

export function openUploads({
  db,
  files,
  now,
  report,
}: {
  readonly db: Kysely<Tables>
  readonly files: FileStore
  readonly now: () => number
  readonly report: (error: unknown) => void
}): Uploads {
  /** One piece of a file at a time, also where two org units send the same one. */
  const turns = new Map<string, Promise<unknown>>()
  /** Pieces that are coming in, by person. */
  const coming = new Map<string, number>()
  let forgetting: Promise<void> = Promise.resolve()
  const forget = () => {
    forgetting = forgetOld().catch(report)
  }
  forget()
  const timer = setInterval(forget, FORGET_EVERY_MS)
  timer.unref()

  async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
    const before = turns.get(name) ?? Promise.resolve()
    const mine = before.then(work, work)
    turns.set(name, mine)
    try {
      return await mine
    } finally {
      if (turns.get(name) === mine) turns.delete(name)
    }
  }

  async function known({ orgUnit, sha256 }: UploadId) {
    return db.selectFrom('upload').selectAll().where('org_unit', '=', orgUnit).where('sha256', '=', sha256).executeTakeFirst()
  }

  async function progress(id: UploadId): Promise<Progress> {
    const row = await known(id)
    // A database that was put back, or a folder that lacks the file: it is brought once more.
    if (row !== undefined && (await files.open(id.sha256))?.size === row.size) return { offset: row.size, isComplete: true }
    return { offset: await files.arrived(id), isComplete: false }
  }

  /** All has arrived: it is looked at, brought to the disk, and only then said to be there. */
  async function finish(
    id: UploadId,
    { type, by }: { readonly type: string | undefined; readonly by: string },
  ): Promise<Result<Progress>> {
    const bytes = await files.read(id)
    if (createHash('sha256').update(bytes).digest('hex') !== id.sha256) {
      await files.forget(id)
      return failed({ kind: 'file.digest' })
    }
    const checked = checkFile(bytes, type)
    if (!checked.ok) {
      await files.forget(id)
      return checked
    }
    await files.keep(id)
    const { width = null, height = null } = checked.value
    const row = { type: checked.value.type, size: bytes.length, width, height, by, received: now() }
    await db
      .insertInto('upload')
      .values({ org_unit: id.orgUnit, sha256: id.sha256, ...row })
      .onConflict((conflict) => conflict.columns(['org_unit', 'sha256']).doUpdateSet(row))
      .execute()
    await files.forget(id)
    return ok({ offset: bytes.length, isComplete: true })
  }

  async function appendInTurn(id: UploadId, { offset, length, type, body, by }: Piece): Promise<Result<Progress>> {
    const before = await progress(id)
    if (before.isComplete) return ok(before)
    if (before.offset > length) {
      // Another length was said before: one of the two is wrong.
      await files.forget(id)
      return failed({ kind: 'file.offset' })
    }
    if (before.offset !== offset) return failed({ kind: 'file.offset' })
    if (offset === 0 && (await files.begun(id.orgUnit)) >= BEGUN_MAX) return tooMany()
    const { arrived, isTooLong } = await files.append(id, body, Math.min(length - offset, PIECE_BYTES_MAX))
    if (isTooLong && arrived >= length) {
      await files.forget(id)
      return failed({ kind: 'file.digest' })
    }
    return arrived === length ? finish(id, { type, by }) : ok({ offset: arrived, isComplete: false })
  }

  async function forgetOld(): Promise<void> {
    const before = now() - FORGOTTEN_MS
    await files.forgetOlderThan(before)
    for (const id of await unnamedBefore(db, before)) {
      await inTurn(id.sha256, async () => {
        const { orgUnit, sha256 } = id
        // Asked for, named or brought once more meanwhile.
        if (await isNamed(db, id)) return
        const { numDeletedRows } = await db
          .deleteFrom('upload')
          .where('org_unit', '=', orgUnit)
          .where('sha256', '=', sha256)
          .where('received', '<', before)
          .executeTakeFirst()
        if (numDeletedRows === 0n) return
        const other = await db.selectFrom('upload').select('org_unit').where('sha256', '=', sha256).limit(1).executeTakeFirst()
        if (other === undefined) await files.remove(sha256)
      })
    }
  }

  return {
    progress,
    async append(id, piece) {
      if (piece.length > FILE_BYTES_MAX) return failed({ kind: 'file.tooLarge', values: { max: FILE_MB_MAX } })
      const others = coming.get(piece.by) ?? 0
      if (others >= PIECES_AT_ONCE_MAX) return tooMany()
      coming.set(piece.by, others + 1)
      try {
        return await inTurn(id.sha256, () => appendInTurn(id, piece))
      } finally {
        const left = (coming.get(piece.by) ?? 1) - 1
        if (left === 0) coming.delete(piece.by)
        else coming.set(piece.by, left)
      }
    },
    async find(id, person) {
      if (!may(person, { do: 'read', orgUnit: id.orgUnit })) return undefined
      const row = await known(id)
      if (row === undefined || (row.by !== person.username && !(await isNamed(db, id)))) return undefined
      const file = await files.open(id.sha256)
      return file === undefined ? undefined : { type: row.type, ...file }
    },
    async close() {
      clearInterval(timer)
      await forgetting
    },
  }
}

const tooMany = (): Result<never> => failed({ kind: 'file.tooMany', values: { seconds: RETRY_SECONDS } })

/** Whole files of before this time that no cell of their org unit names, or has named. */
async function unnamedBefore(db: Kysely<Tables>, time: number): Promise<readonly UploadId[]> {
  const rows = await db.selectFrom('upload').select(['org_unit', 'sha256']).where('received', '<', time).execute()
  const unnamed: UploadId[] = []
  for (const orgUnit of new Set(rows.map(({ org_unit }) => org_unit))) {
    const named = await namedFiles(db, orgUnit)
    for (const { org_unit, sha256 } of rows) {
      if (org_unit === orgUnit && !named.has(sha256)) unnamed.push({ orgUnit, sha256 })
    }
  }
  return unnamed
}

async function namedFiles(db: Kysely<Tables>, orgUnit: string): Promise<ReadonlySet<string>> {
  const cells = await db
    .selectFrom('cell')
    .innerJoin('stream', 'stream.id', 'cell.stream')
    .select('cell.key')
    .where('stream.name', '=', streamOf(orgUnit))
    .where('cell.key', 'like', 'a/%')
    .execute()
  return new Set(
    cells.flatMap(({ key }) => {
      const parsed = parseKey(key)
      return parsed.kind === 'file' ? [parsed.sha] : []
    }),
  )
}

async function isNamed(db: Kysely<Tables>, { orgUnit, sha256 }: UploadId): Promise<boolean> {
  const row = await db
    .selectFrom('cell')
    .innerJoin('stream', 'stream.id', 'cell.stream')
    .select('cell.key')
    .where('stream.name', '=', streamOf(orgUnit))
    .where('cell.key', 'like', `a/%/${sha256}`)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}
