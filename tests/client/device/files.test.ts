import Dexie from 'dexie'
import { afterEach, describe, expect, test } from 'vitest'
import { watchEffect } from 'vue'
import type { Device, PreparedFile } from '#client/device/contract'
import { filesDatabaseOf, openFileBox } from '#client/device/file-box'
import { databaseOf } from '#client/device/person-database'
import { SaveFault } from '#client/device/save-fault'
import { fileKey, itemOwner, recordId, valueKey } from '#sync/protocol'
import { memoryLedger } from '../../contract/memory-ledger'
import { fault, shaOf, startFileServer } from './file-server'
import { closeOpened, networkTo, newPerson, openOver, stream, until } from './world'

afterEach(closeOpened)

const of = valueKey('2024', 'rooms')
let made = 0

function photo(size = 300_000): PreparedFile {
  const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 31 + made) % 256)
  bytes[0] = made++
  const thumb = Uint8Array.from([1, 2, made]).buffer
  return { sha: shaOf(bytes), name: `p${made}.webp`, type: 'image/webp', bytes: bytes.buffer, thumb, w: 20, h: 10, at: made }
}

const bytesOf = async (blob: Blob | undefined): Promise<string | undefined> =>
  blob === undefined ? undefined : shaOf(new Uint8Array(await blob.arrayBuffer()))

async function start() {
  const server = startFileServer()
  const person = newPerson()
  const ledger = memoryLedger()
  const network = networkTo(ledger, person)
  const device = await openOver(person, network)
  return { server, person, ledger, network, device }
}
const attach = (device: Device, file: PreparedFile, to = of) => device.attach({ stream, of: to, file, pv: 1 })
const isState =
  (device: Device, { sha }: PreparedFile, state: string) =>
  () =>
    device.files.get(sha)?.state === state

test('a photo without a network is on the tablet, with its cell, and is sent whole when there is one', async () => {
  const { server, network, ledger, device } = await start()
  server.up = network.up = false
  const file = photo()
  await attach(device, file)
  const shown = await device.open(stream)
  expect(shown.cells.get(fileKey(of, file.sha))?.value).toMatchObject({ name: file.name, type: file.type, size: 300_000, w: 20 })
  expect(device.files.get(file.sha)).toMatchObject({ state: 'waiting', sent: 0, size: 300_000 })
  expect(device.sync.filesWaiting).toBe(1)
  expect(await bytesOf(await device.fileBytes(file.sha))).toBe(file.sha)
  expect((await device.thumb(file.sha))?.size).toBe(3)
  server.up = network.up = true
  device.syncNow()
  await until(isState(device, file, 'confirmed'))
  expect(server.kept.get(`A-1 ${file.sha}`)?.isComplete).toBe(true)
  expect(ledger.see(stream).log.map(({ key }) => key)).toEqual([fileKey(of, file.sha)])
  expect(device.sync.filesWaiting).toBe(0)
})

test('what was left waiting is sent by the next start, from where the server has it', async () => {
  const { server, network, person, device } = await start()
  const file = photo(600_000)
  let pieces = 0
  server.instead.set('A-1', (method) => (method === 'PATCH' && ++pieces > 1 ? new Response(null, { status: 503 }) : undefined))
  await attach(device, file)
  await until(() => pieces > 1)
  await device.close()
  server.instead.clear()
  const again = await openOver(person, network)
  await until(isState(again, file, 'confirmed'))
  const sent = server.requests.filter(({ method }) => method === 'PATCH').map(({ bytes }) => bytes)
  // The one that met no server, once more; nothing that had arrived.
  expect(sent).toEqual([262_144, 262_144, 262_144, 600_000 - 2 * 262_144])
})

test('a crash between the bytes and their cell is made good at the next start', async () => {
  const { network, person, ledger, device } = await start()
  await device.keep('any', 1)
  const file = photo()
  // What `attach` writes before the bytes, and the bytes.
  await attach(device, photo())
  await until(() => device.sync.filesWaiting === 0)
  network.up = false
  const box = openFileBox(databaseOf(person.username))
  await box.put(file, { stream, of, pv: 1, state: 'new' })
  box.close()
  await device.close()
  network.up = true
  const again = await openOver(person, network)
  await again.loadFiles()
  await until(isState(again, file, 'confirmed'))
  expect(ledger.see(stream).log.map(({ key }) => key)).toContain(fileKey(of, file.sha))
})

test('one photo in two cells is sent once and stands in both', async () => {
  const { server, ledger, device } = await start()
  const file = photo()
  const other = itemOwner(recordId('self', 'abcdefghijklm'), 'gate')
  await attach(device, file)
  await attach(device, file, other)
  await until(isState(device, file, 'confirmed'))
  await until(() => ledger.see(stream).log.length === 2)
  expect(ledger.see(stream).log.map(({ key }) => key)).toEqual([fileKey(of, file.sha), fileKey(other, file.sha)])
  const sent = server.requests.filter(({ method }) => method === 'PATCH').reduce((sum, { bytes }) => sum + bytes, 0)
  expect(sent).toBe(300_000)
})

test('what the server refuses is kept with the reason, and the others go on', async () => {
  const { server, device } = await start()
  const [bad, good] = [photo(), photo()]
  let isFirst = true
  server.instead.set('A-1', (method) => {
    if (method !== 'PATCH' || !isFirst) return undefined
    isFirst = false
    return fault(422, 'file.content')
  })
  await attach(device, bad)
  await attach(device, good)
  await until(isState(device, good, 'confirmed'))
  expect(device.files.get(bad.sha)).toMatchObject({ state: 'refused', fault: { kind: 'file.content' } })
  expect(await bytesOf(await device.fileBytes(bad.sha))).toBe(bad.sha)
})

test('a school where one has no right any more holds up no other file; the next start asks again', async () => {
  const { server, network, person, device } = await start()
  const file = photo()
  server.instead.set('A-1', () => new Response(null, { status: 403 }))
  await attach(device, file)
  await until(isState(device, file, 'refused'))
  expect(device.files.get(file.sha)?.fault).toEqual({ kind: 'right.missing' })
  server.instead.clear()
  await device.close()
  const again = await openOver(person, network)
  await again.loadFiles()
  await until(isState(again, file, 'confirmed'))
})

test('a file whose bytes were changed on the tablet is said to be damaged, and the server never has it', async () => {
  const { server, network, person, device } = await start()
  server.up = network.up = false
  const file = photo()
  await attach(device, file)
  await changePiece(databaseOf(person.username), file.sha)
  server.up = network.up = true
  device.syncNow()
  await until(isState(device, file, 'damaged'))
  expect(server.kept.get(`A-1 ${file.sha}`)).toBeUndefined()
})

test('a file of which a piece is missing is damaged, too', async () => {
  const { server, network, person, device } = await start()
  server.up = network.up = false
  const file = photo()
  await attach(device, file)
  await changePiece(databaseOf(person.username), file.sha, true)
  server.up = network.up = true
  device.syncNow()
  await until(isState(device, file, 'damaged'))
  expect(await device.fileBytes(file.sha)).toBeUndefined()
})

test('paused, or on a network that is paid for where the user does not want it, no photo leaves; values do', async () => {
  const server = startFileServer()
  const person = newPerson()
  const ledger = memoryLedger()
  const device = await openOver(person, networkTo(ledger, person), { isMetered: () => true })
  device.setUnmeteredOnly(true)
  const file = photo()
  await attach(device, file)
  await until(() => ledger.see(stream).log.length === 1)
  await until(() => device.sync.waiting === 0)
  device.syncNow()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(server.requests.filter(({ method }) => method === 'PATCH')).toEqual([])
  expect(device.files.get(file.sha)?.state).toBe('waiting')
  device.setUnmeteredOnly(false)
  await until(isState(device, file, 'confirmed'))
})

test('a colleague fetches what cells name, and sees it without a network; what is not what its name says is not kept', async () => {
  const { server, ledger, device } = await start()
  const [file, forged] = [photo(), photo()]
  await attach(device, file)
  await attach(device, forged)
  await until(isState(device, forged, 'confirmed'))
  await until(() => ledger.see(stream).log.length === 2)
  const kept = server.kept.get(`A-1 ${forged.sha}`)
  if (kept !== undefined) kept.bytes = kept.bytes.map((byte) => byte ^ 1)
  const colleague = newPerson()
  const network = networkTo(ledger, colleague)
  const theirs = await openOver(colleague, network)
  const shown = await theirs.open(stream)
  await until(() => shown.cells.size === 2)
  expect(await theirs.fetchFiles(stream)).toEqual({ fetched: 1, left: 1 })
  server.up = network.up = false
  expect(await bytesOf(await theirs.fileBytes(file.sha))).toBe(file.sha)
  expect(theirs.files.get(file.sha)).toMatchObject({ state: 'confirmed', type: 'image/webp' })
  expect(await theirs.fileBytes(forged.sha)).toBeUndefined()
})

test('room is made only of what the server has; small pictures stay, and it is fetched again', async () => {
  const { server, network, device } = await start()
  const [sent, waiting] = [photo(), photo()]
  await attach(device, sent)
  await until(isState(device, sent, 'confirmed'))
  server.up = network.up = false
  await attach(device, waiting)
  expect(await device.freeFiles()).toBe(300_000)
  expect(device.files.has(sent.sha)).toBe(false)
  expect(await device.fileBytes(sent.sha)).toBeUndefined()
  expect((await device.thumb(sent.sha))?.size).toBe(3)
  expect(await bytesOf(await device.fileBytes(waiting.sha))).toBe(waiting.sha)
  server.up = network.up = true
  expect(await device.fetchFiles(stream, [sent.sha])).toEqual({ fetched: 1, left: 0 })
  expect(await bytesOf(await device.fileBytes(sent.sha))).toBe(sent.sha)
})

describe('after the server was put back to before a photo', () => {
  /** The photo is on the server and the tablet; then neither its bytes nor its cell are on the server. */
  async function lose(from: Awaited<ReturnType<typeof start>>, file: PreparedFile, between?: () => Promise<void>) {
    const { server, ledger, device } = from
    device.syncNow()
    await until(() => device.sync.lastContact !== undefined)
    const backup = ledger.backup()
    await attach(device, file)
    await until(isState(device, file, 'confirmed'))
    await until(() => ledger.see(stream).log.length === 1)
    await between?.()
    ledger.restore(backup, 'epoch-2')
    server.kept.delete(`A-1 ${file.sha}`)
  }
  const isBack = ({ server }: Awaited<ReturnType<typeof start>>, { sha }: PreparedFile) =>
    server.kept.get(`A-1 ${sha}`)?.isComplete

  test('the tablet brings it once more, with its cell', async () => {
    const world = await start()
    const file = photo()
    await lose(world, file)
    world.device.syncNow()
    await until(() => isBack(world, file) === true)
    await until(isState(world.device, file, 'confirmed'))
    expect(world.ledger.see(stream).cells.has(fileKey(of, file.sha))).toBe(true)
  })

  test('also a tablet that was closed meanwhile, and was ended as soon as it had heard of it', async () => {
    const world = await start()
    const file = photo()
    await lose(world, file)
    await world.device.close()
    world.server.up = false
    const first = await openOver(world.person, world.network)
    await until(() => world.ledger.see(stream).cells.has(fileKey(of, file.sha)))
    await until(() => first.sync.filesWaiting === 1)
    await first.close()
    world.server.up = true
    await openOver(world.person, world.network)
    await until(() => isBack(world, file) === true)
  })

  test('one whose own tablet is no more is brought by whoever had fetched it', async () => {
    const world = await start()
    const file = photo()
    const colleague = newPerson()
    const network = networkTo(world.ledger, colleague)
    let theirs: Device | undefined
    await lose(world, file, async () => {
      theirs = await openOver(colleague, network)
      const shown = await theirs.open(stream)
      await until(() => shown.cells.size === 1)
      expect(await theirs.fetchFiles(stream)).toEqual({ fetched: 1, left: 0 })
      await world.device.close()
    })
    theirs?.syncNow()
    await until(() => isBack(world, file) === true)
  })

  test('where nothing is lost it costs one question, and who may only look asks none', async () => {
    const world = await start()
    const file = photo()
    const looks = { ...newPerson('leader'), orgUnits: [] }
    const network = networkTo(world.ledger, looks)
    network.right = 'read'
    let theirs: Device | undefined
    await lose(world, file, async () => {
      theirs = await openOver(looks, network)
      const shown = await theirs.open(stream)
      await until(() => shown.cells.size === 1)
      await theirs.fetchFiles(stream)
    })
    world.server.kept.set(`A-1 ${file.sha}`, { bytes: new Uint8Array(file.bytes), isComplete: true })
    world.server.requests.length = 0
    world.device.syncNow()
    theirs?.syncNow()
    await until(() => world.server.requests.length > 0)
    await until(isState(world.device, file, 'confirmed'))
    await until(() => network.requests.length > 2)
    expect(world.server.requests.map(({ method }) => method)).toEqual(['HEAD'])
    expect(theirs?.files.get(file.sha)?.state).toBe('confirmed')
  })
})

test('where the same photo still waits for another cell, its bytes are not given up', async () => {
  const box = openFileBox('two-cells')
  const file = photo()
  await box.put(file, { stream, of, pv: 1, state: 'kept' })
  await box.put(file, { stream, of: valueKey('2024', 'canteen'), pv: 1, state: 'new' })
  expect(await box.freeConfirmed(Infinity)).toBe(0)
  expect(await box.bytes(file.sha)).toBeDefined()
  box.close()
})

test('a full disk takes room from what the server has; where there is none nothing is kept, and it is said', async () => {
  const { person, device } = await start()
  const [first, second, third] = [photo(), photo(), photo()]
  await attach(device, first)
  await until(isState(device, first, 'confirmed'))
  const room = withoutRoom(filesDatabaseOf(databaseOf(person.username)), 1)
  try {
    await attach(device, second)
    expect(room.refused()).toBe(1)
    expect(device.files.has(first.sha)).toBe(false)
    await until(isState(device, second, 'confirmed'))
    await device.freeFiles()
    room.refuseNext(2)
    await expect(attach(device, third)).rejects.toBeInstanceOf(SaveFault)
  } finally {
    room.restore()
  }
  expect(device.files.has(third.sha)).toBe(false)
  const shown = await device.open(stream)
  expect(shown.cells.has(fileKey(of, third.sha))).toBe(false)
})

test('a screen that was there before the files were read sees them come', async () => {
  const { server, network, person, device } = await start()
  server.up = network.up = false
  const file = photo()
  await attach(device, file)
  await device.close()
  const again = await openOver(person, network)
  const seen: number[] = []
  watchEffect(() => seen.push(again.files.size), { flush: 'sync' })
  await until(() => seen.at(-1) === 1)
  expect(seen[0]).toBe(0)
})

test('another tab shows what this one has taken and sent', async () => {
  const { person, network, device } = await start()
  const other = await openOver(person, network)
  await other.loadFiles()
  const file = photo()
  await attach(device, file)
  await until(isState(other, file, 'confirmed'))
  expect(other.sync.filesWaiting).toBe(0)
})

test('who may read the school no more keeps no photo of it', async () => {
  const { ledger, network, person, device } = await start()
  const file = photo()
  await attach(device, file)
  await until(isState(device, file, 'confirmed'))
  await until(() => ledger.see(stream).log.length === 1)
  network.right = undefined
  device.syncNow()
  await until(() => device.files.size === 0)
  expect(await device.fileBytes(file.sha)).toBeUndefined()
  expect(await device.thumb(file.sha)).toBeUndefined()
  expect(person.orgUnits).toEqual(['A-1'])
})

async function changePiece(database: string, sha: string, isMissing = false): Promise<void> {
  const db = new Dexie(filesDatabaseOf(database))
  await db.open()
  const pieces = db.table<{ sha: string; i: number; bytes: ArrayBuffer }>('piece')
  const piece = await pieces.get([sha, 0])
  if (piece === undefined) throw new Error('no piece')
  const bytes = new Uint8Array(piece.bytes).map((byte, at) => (at === 9 ? byte ^ 255 : byte)).buffer
  await (isMissing ? pieces.delete([sha, 0]) : pieces.put({ ...piece, bytes }))
  db.close()
}

/** The next puts of pieces into this database meet a full disk. */
function withoutRoom(database: string, times: number) {
  const { prototype } = IDBObjectStore
  const put = Reflect.get(prototype, 'put') as (this: IDBObjectStore, ...args: unknown[]) => IDBRequest<IDBValidKey>
  let [left, refused] = [times, 0]
  prototype.put = function (...args) {
    if (left > 0 && this.name === 'piece' && this.transaction.db.name === database) {
      left -= 1
      refused += 1
      throw new DOMException('full', 'QuotaExceededError')
    }
    return put.apply(this, args)
  }
  return {
    refused: () => refused,
    refuseNext: (more: number) => void (left = more),
    restore: () => void (prototype.put = put),
  }
}
