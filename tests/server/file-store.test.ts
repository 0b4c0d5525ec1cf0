/** The folder that keeps files: what comes of a body, also of one that is cut or comes faster than the disk takes it. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderFileStore, type FileStore } from '#server/files/file-store'
import { sha256Of } from './pictures'

const MB = 1024 * 1024
let folder: string
let files: FileStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'youxue-files-'))
  files = folderFileStore(folder)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const idOf = (bytes: Uint8Array) => ({ orgUnit: 'p-1', sha256: sha256Of(bytes) })
const bytesOf = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, at) => at % 251))
const cut = (): Error => Object.assign(new Error('cut'), { code: 'ECONNRESET' })
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('of a body that is cut all is kept that had come, also what nobody had read yet', async () => {
  const bytes = bytesOf(200_000)
  const body = new PassThrough({ highWaterMark: MB })
  const appending = files.append(idOf(bytes), body, MB)
  body.write(bytes.subarray(0, 70_000))
  await turn()
  body.write(bytes.subarray(70_000, 150_000))
  await turn()
  body.destroy(cut())
  expect(await appending).toEqual({ arrived: 150_000, isTooLong: false })
  expect(await files.append(idOf(bytes), Readable.from([bytes.subarray(150_000)]), MB)).toMatchObject({ arrived: 200_000 })
  expect((await files.read(idOf(bytes))).equals(bytes)).toBe(true)
})

test('a body that was cut before anybody looked at it brings nothing, and ends', async () => {
  const bytes = bytesOf(10)
  const body = new PassThrough()
  body.on('error', () => undefined)
  body.destroy(cut())
  await turn()
  expect(await files.append(idOf(bytes), body, MB)).toEqual({ arrived: 0, isTooLong: false })
})

test('a body that is closed without a word is one that was cut', async () => {
  const bytes = bytesOf(5000)
  const body = new PassThrough()
  const appending = files.append(idOf(bytes), body, MB)
  body.write(bytes)
  await turn()
  body.destroy()
  expect(await appending).toEqual({ arrived: 5000, isTooLong: false })
})

test('a body that comes faster than the disk is held back, and arrives whole and in its order', async () => {
  const bytes = bytesOf(24 * MB)
  let taken = 0
  let aheadMax = 0
  const body = new Readable({
    highWaterMark: 64 * 1024,
    read() {
      const chunk = bytes.subarray(taken, taken + 64 * 1024)
      taken += chunk.length
      aheadMax = Math.max(aheadMax, taken - statSync(place).size)
      this.push(chunk.length === 0 ? null : chunk)
    },
  })
  const place = join(folder, 'uploads', `p-1.${sha256Of(bytes)}`)
  mkdirSync(join(folder, 'uploads'))
  writeFileSync(place, '')
  const { arrived } = await files.append(idOf(bytes), body, bytes.length)
  expect(arrived).toBe(bytes.length)
  expect((await files.read(idOf(bytes))).equals(bytes)).toBe(true)
  // Two megabytes in memory, the stream's own 64 kB, and what is just being written.
  expect(aheadMax).toBeLessThan(3 * MB)
})

test('more than was said is not kept, and what fits is', async () => {
  const bytes = bytesOf(1000)
  expect(await files.append(idOf(bytes), Readable.from([bytes.subarray(0, 400), bytes.subarray(400)]), 600)).toEqual({
    arrived: 600,
    isTooLong: true,
  })
  expect((await files.read(idOf(bytes))).equals(bytes.subarray(0, 600))).toBe(true)
})

test('an error that is none of the network’s is told', async () => {
  const bytes = bytesOf(100)
  const body = new PassThrough()
  const appending = files.append(idOf(bytes), body, MB)
  body.destroy(new Error('a defect'))
  await expect(appending).rejects.toThrow('a defect')
})
