/**
 * What the exchange may name as `safe`: what a verified backup that still exists has of a device. The backup is made by a command of its
 * own, so the record is read again now and then, and the file looked for. A file that was moved or deleted vouches for nothing: tablets
 * keep what they have sent, until the next backup.
 */
import { stat } from 'node:fs/promises'
import type { Kysely } from 'kysely'
import type { PeerRow } from '#sync/ports'
import type { Tables } from '../store/tables'
import { readRecord, readSafe } from './record'

/** How long a backup that was deleted is still named at most. A tablet that drops something within it had it in that backup only. */
const READ_EVERY_MS = 60_000

export type SafeRegister = {
  of(stream: string, device: string): Promise<PeerRow | undefined>
}

export function openSafeRegister(db: Kysely<Tables>, now: () => number): SafeRegister {
  let known = new Map<string, PeerRow>()
  let knownOf: string | undefined
  let readAt = -Infinity
  let reading: Promise<void> | undefined

  async function read(): Promise<void> {
    const record = await readRecord(db)
    const exists = record !== undefined && (await sizeOf(record.file)) === record.bytes
    const isOf = exists ? record.sha256 : undefined
    if (isOf === knownOf) return
    const rows = exists ? await readSafe(db) : []
    known = new Map(rows.map(({ stream, device, last, chain }) => [nameOf(stream, device), { last, chain }]))
    knownOf = isOf
  }

  return {
    async of(stream, device) {
      if (Math.abs(now() - readAt) >= READ_EVERY_MS) {
        reading ??= read().finally(() => {
          readAt = now()
          reading = undefined
        })
        await reading
      }
      return known.get(nameOf(stream, device))
    },
  }
}

const nameOf = (stream: string, device: string): string => `${device} ${stream}`

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size
  } catch {
    return undefined
  }
}
