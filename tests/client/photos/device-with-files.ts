/** A device in memory with files over fake-indexeddb, and a server of files that does what the test says. */
import type { Device, PreparedFile } from '#client/device/contract'
import { openFileBox, sha256Of } from '#client/device/file-box'
import { openFiles } from '#client/device/files'
import { memoryDevice } from '#client/device/memory-device'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import type { TransferNet } from '#sync/transfer'

export const person: Person = { username: 'wang', name: '王校长', role: 'principal', orgUnits: ['u1'] }
export const unit: OrgUnit = { code: 'u1', name: '学校', type: 'primary', ownership: 'public' }
export const stream = 's/u1'

let count = 0

export function deviceWithFiles(net: Partial<TransferNet> = {}): Promise<Device> {
  const name = `files-of-test-${String(++count)}`
  const unreachable = () => Promise.resolve({ kind: 'unreachable' } as const)
  return memoryDevice({
    person,
    orgUnits: [unit],
    isOnline: () => true,
    openFiles: (wiring) =>
      openFiles({
        ...wiring,
        box: openFileBox(name),
        net: { head: unreachable, patch: unreachable, abort: () => undefined, ...net },
        fetchBytes: () => Promise.resolve(undefined),
        makeThumb: () => Promise.resolve(undefined),
        digestOf: sha256Of,
      }),
  })
}

/** Not a picture, but bytes with a digest: what is kept and sent looks at nothing else. */
export async function fileOf(text: string, size = 2_000_000): Promise<PreparedFile> {
  const bytes = new Uint8Array(size)
  bytes.set(new TextEncoder().encode(text))
  return { sha: await sha256Of(bytes.buffer), name: `${text}.webp`, type: 'image/webp', bytes: bytes.buffer, at: Date.now() }
}
