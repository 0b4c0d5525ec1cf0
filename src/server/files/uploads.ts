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
import { may, type Written } from '#domain/may'
import type { Person } from '#domain/person'
import { streamOf } from '#sync/protocol'
import type { Tables } from '../store/tables'
import { checkFile, FILE_BYTES_MAX, FILE_MB_MAX } from './check-file'
import type { FileStore, UploadId } from './file-store'

/** Of one request. A tablet sends a quarter of it at a time. */
export const PIECE_BYTES_MAX = 1024 * 1024
/** An upload to which nothing came for so long is begun anew. */
const FORGOTTEN_MS = 30 * 86_400_000
const FORGET_EVERY_MS = 86_400_000

export type Progress = { readonly offset: number; readonly isComplete: boolean }
export type StoredFile = { readonly type: string; readonly size: number; readonly stream: () => Readable }

export type Uploads = {
  progress(id: UploadId): Promise<Progress>
  /** `file.offset`: something else has arrived meanwhile; ask again where it stands. */
  append(
    id: UploadId,
    piece: {
      readonly offset: number
      /** Of the whole file. */
      readonly length: number
      readonly type: string | undefined
      readonly body: Readable
      readonly by: string
    },
  ): Promise<Result<Progress>>
  /** `undefined` alike for what is not there and for what is not for this person. */
  find(id: UploadId, person: Person): Promise<StoredFile | undefined>
  /** Ends the clock. */
  close(): void
}

/** Anything of the unit that a file could be evidence of. */
export function mayBringFiles(person: Person, orgUnit: string): boolean {
  const kinds: readonly Written[] = [
    { is: 'value' },
    { is: 'answer' },
    { is: 'inspection', of: 'visit' },
    { is: 'inspection', of: 'self' },
  ]
  return kinds.some((what) => may(person, { do: 'writeCell', orgUnit, what }))
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
  /** One piece of an upload at a time. */
  const turns = new Map<string, Promise<unknown>>()
  const forget = () => void files.forgetOlderThan(now() - FORGOTTEN_MS).catch(report)
  forget()
  const timer = setInterval(forget, FORGET_EVERY_MS)
  timer.unref()

  async function inTurn<T>(id: UploadId, work: () => Promise<T>): Promise<T> {
    const name = `${id.orgUnit} ${id.sha256}`
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
    return ok({ offset: bytes.length, isComplete: true })
  }

  return {
    progress,
    append: (id, { offset, length, type, body, by }) =>
      inTurn(id, async () => {
        if (length > FILE_BYTES_MAX) return failed({ kind: 'file.tooLarge', values: { max: FILE_MB_MAX } })
        const before = await progress(id)
        if (before.isComplete) return ok(before)
        if (before.offset > length) {
          // Another length was said before: one of the two is wrong.
          await files.forget(id)
          return failed({ kind: 'file.offset' })
        }
        if (before.offset !== offset) return failed({ kind: 'file.offset' })
        const { arrived, isTooLong } = await files.append(id, body, Math.min(length - offset, PIECE_BYTES_MAX))
        if (isTooLong && arrived >= length) {
          await files.forget(id)
          return failed({ kind: 'file.digest' })
        }
        return arrived === length ? finish(id, { type, by }) : ok({ offset: arrived, isComplete: false })
      }),
    async find(id, person) {
      if (!may(person, { do: 'read', orgUnit: id.orgUnit })) return undefined
      const row = await known(id)
      if (row === undefined || (row.by !== person.username && !(await isNamed(db, id)))) return undefined
      const file = await files.open(id.sha256)
      return file === undefined ? undefined : { type: row.type, ...file }
    },
    close: () => clearInterval(timer),
  }
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
