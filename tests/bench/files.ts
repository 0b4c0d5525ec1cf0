/**
 * Evidence coming in: in pieces of 256 kB to the built server, with its session, digest, look at the content, copy and row, beside a plain
 * PUT of the same bytes to a bare server that writes them to a file and brings that to the disk. One file after the other, as a tablet sends.
 */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { Agent, request } from 'node:http'
import { PIECE_BYTES } from '#sync/transfer'
import { pngOf } from '../server/pictures'
import { inMs, median, section, type Line } from './report'
import { ADMIN_PASSWORD, startServer } from './server'

const ROUNDS = 5
const ORG_UNIT = 'bench-unit'
/** What a tablet makes of a photo, and the largest PDF that it takes. */
const SIZES = [
  { what: 'photos of 400 kB', bytes: 400_000, count: 40 },
  { what: 'files of 19 MB', bytes: 19_000_000, count: 3 },
] as const

type Answer = { readonly status: number; readonly offset: number }
type Send = (method: string, path: string, body: Buffer, headers?: Record<string, string>) => Promise<Answer>

export async function benchFiles(): Promise<void> {
  const server = await startServer()
  const plain = await startPlain()
  try {
    const admin = await server.signIn('admin', ADMIN_PASSWORD)
    const account = { username: 'photos', name: '拍照', role: 'reviewer', orgUnits: [], password: ADMIN_PASSWORD }
    await admin.send('POST', '/api/accounts', JSON.stringify(account))
    const signedIn = await server
      .client()
      .send('POST', '/api/session', JSON.stringify({ username: 'photos', password: ADMIN_PASSWORD }))
    const toServer = sender(server.url, { cookie: signedIn.cookie ?? '' })
    const wanted = Buffer.from(JSON.stringify({ password: `${ADMIN_PASSWORD}-own` }))
    await toServer('POST', '/api/password', wanted, { 'content-type': 'application/json' })
    const toPlain = sender(plain.url, {})
    const lines: Line[] = []
    for (const { what, bytes, count } of SIZES) {
      const [pieces, puts, pieceMs]: [number[], number[], number[]] = [[], [], []]
      for (let round = 0; round < ROUNDS; round++) {
        const files = Array.from({ length: count }, () => newFile(bytes))
        // In turns, so that both have the same hour.
        puts.push(await timed(async () => each(files, (file) => put(toPlain, file))))
        pieces.push(await timed(async () => each(files, async (file) => pieceMs.push(...(await inPieces(toServer, file))))))
      }
      const perSecond = (ms: readonly number[]) => `${((bytes * count) / median(ms) / 1000).toFixed(0)} MB/s`
      lines.push(
        { what: `${String(count)} ${what}`, value: perSecond(pieces), beside: `${perSecond(puts)} plain PUT` },
        { what: 'of these, one piece, p50', value: inMs(median(pieceMs)) },
      )
    }
    lines.push({ what: 'memory of the server afterwards', value: `${(await server.memory()).toFixed(0)} MB` })
    section('Files: in pieces of 256 kB, one after the other', lines)
  } finally {
    await plain.stop()
    await server.stop()
  }
}

type MadeFile = { readonly sha: string; readonly bytes: Buffer }

/** A picture like any other to the server: only its head is looked at. The digest costs the tablet, not this bench. */
function newFile(size: number): MadeFile {
  const bytes = pngOf(60, 40, { filler: size })
  // Inside the filler: another file each time.
  randomBytes(16).copy(bytes, 100)
  return { sha: createHash('sha256').update(bytes).digest('hex'), bytes }
}

async function put(send: Send, { sha, bytes }: MadeFile): Promise<void> {
  const { status } = await send('PUT', `/${sha}`, bytes)
  if (status !== 204) throw new Error(`plain PUT: ${String(status)}`)
}

/** As the tablet does it: asks how far it is, and goes on. Milliseconds of each piece. */
async function inPieces(send: Send, { sha, bytes }: MadeFile): Promise<readonly number[]> {
  const path = `/api/files/${sha}?orgUnit=${ORG_UNIT}`
  let { offset } = await send('HEAD', path, Buffer.alloc(0))
  const each: number[] = []
  while (offset < bytes.length) {
    const began = performance.now()
    const answer = await send('PATCH', path, bytes.subarray(offset, offset + PIECE_BYTES), {
      'content-type': 'application/partial-upload',
      'upload-offset': String(offset),
      'upload-length': String(bytes.length),
      'upload-type': 'image/png',
    })
    if (answer.status !== 204) throw new Error(`a piece: ${String(answer.status)}`)
    offset = answer.offset
    each.push(performance.now() - began)
  }
  return each
}

function sender(url: string, always: Record<string, string>): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  return (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const sending = request(`${url}${path}`, { method, agent, headers: { ...always, ...headers } }, (answer) => {
        answer.resume()
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, offset: Number(answer.headers['upload-offset'] ?? Number.NaN) }),
        )
      })
      sending.on('error', reject)
      sending.end(body.length === 0 ? undefined : body)
    })
}

async function startPlain(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['tests/bench/plain-put.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    child.once('exit', (code) => reject(new Error(`the plain server ended with ${String(code)}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      await gone
    },
  }
}

async function each<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  for (const one of all) await work(one)
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
