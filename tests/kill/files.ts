/**
 * Kills the server at random moments while files come to it in pieces. What it had said of a file must hold afterwards: what had arrived
 * stands, what was whole is there, byte by byte. At the end all of them are whole, and little was sent twice.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { pngOf } from '../server/pictures'
import { ADMIN_PASSWORD, startServer, type Bundle, type ServerProcess } from './server-process'

/** As the tablet sends them. */
const PIECE_BYTES = 256 * 1024
const FILES_AT_ONCE = 4
const FILE_BYTES_MAX = 3_000_000
const LIFE_MAX_MS = 400
const ORG_UNIT = 'K1'

export type FileFigures = {
  readonly kills: number
  readonly whole: number
  readonly bytes: number
  readonly sentBytes: number
  readonly losses: readonly string[]
}

type Sent = {
  readonly sha: string
  readonly bytes: Buffer
  /** What the server has said that it has. */
  said: number
  isWhole: boolean
}

export async function killWhileFilesArrive(wiring: {
  readonly bundle: Bundle
  readonly env: Readonly<Record<string, string>>
  readonly kills: number
  readonly random: () => number
}): Promise<FileFigures> {
  const { bundle, env, random } = wiring
  const losses: string[] = []
  const done: Sent[] = []
  const address: { url: string | undefined } = { url: undefined }
  let [kills, sentBytes, made] = [0, 0, 0]
  let isOver = false
  let server = await startServer(bundle, env)
  const cookie = await signIn(server)
  address.url = server.url

  const ask = (sha: string, init: RequestInit & { readonly headers?: Record<string, string> } = {}) =>
    fetch(`${address.url ?? 'http://127.0.0.1:1'}/api/files/${sha}?orgUnit=${ORG_UNIT}`, {
      ...init,
      headers: { ...init.headers, cookie },
      signal: AbortSignal.timeout(20_000),
    })

  function newFile(): Sent {
    made += 1
    const bytes = pngOf(50, 20 + made, { filler: Math.floor(random() * FILE_BYTES_MAX) })
    return { sha: createHash('sha256').update(bytes).digest('hex'), bytes, said: 0, isWhole: false }
  }

  /** One answer's word. Less than it had said before is a loss. */
  function note(file: Sent, answer: Response): void {
    const offset = Number(answer.headers.get('upload-offset') ?? Number.NaN)
    if (Number.isNaN(offset)) return
    if (offset < file.said) losses.push(`${file.sha}: ${String(file.said)} bytes had arrived, and ${String(offset)} are there`)
    if (file.isWhole && answer.headers.get('upload-complete') !== '?1') losses.push(`${file.sha} was whole and is not`)
    file.said = offset
    file.isWhole ||= answer.headers.get('upload-complete') === '?1'
  }

  async function sendOn(file: Sent): Promise<void> {
    const head = await ask(file.sha, { method: 'HEAD' })
    note(file, head)
    while (!file.isWhole) {
      const piece = file.bytes.subarray(file.said, file.said + PIECE_BYTES)
      sentBytes += piece.length
      const answer = await ask(file.sha, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/partial-upload',
          'upload-offset': String(file.said),
          'upload-length': String(file.bytes.length),
          'upload-type': 'image/png',
        },
        body: new Uint8Array(piece),
      })
      if (answer.status !== 204) {
        if (answer.status === 422) losses.push(`${file.sha} was refused: ${await answer.text()}`)
        return note(file, answer)
      }
      note(file, answer)
    }
  }

  async function sender(): Promise<void> {
    let file = newFile()
    while (!isOver || file.said > 0) {
      await sendOn(file).catch(() => sleep(20))
      if (!file.isWhole) continue
      done.push(file)
      file = newFile()
    }
  }

  async function check(files: readonly Sent[]): Promise<readonly string[]> {
    const wrong: string[] = []
    for (const file of files) {
      const answer = await ask(file.sha)
      const got = Buffer.from(await answer.arrayBuffer())
      if (!got.equals(file.bytes))
        wrong.push(`${file.sha} was whole, and answers ${String(answer.status)} with ${String(got.length)} bytes`)
    }
    return wrong
  }

  try {
    const senders = Array.from({ length: FILES_AT_ONCE }, sender)
    while (kills < wiring.kills) {
      await sleep(random() * LIFE_MAX_MS)
      kills += 1
      address.url = undefined
      server.kill('SIGKILL')
      await server.ended
      const before = [...done]
      server = await startServer(bundle, env)
      address.url = server.url
      losses.push(...(await check(before.slice(-3))))
    }
    isOver = true
    await Promise.all(senders)
    losses.push(...(await check(done)))
    // The look itself must be able to see a loss.
    const [first] = done
    if (first !== undefined && (await check([{ ...first, bytes: Buffer.from('another') }])).length === 0) {
      losses.push('nobody noticed another file')
    }
    server.kill('SIGTERM')
    await server.ended
  } finally {
    isOver = true
    server.kill('SIGKILL')
  }
  const bytes = done.reduce((sum, file) => sum + file.bytes.length, 0)
  return { kills, whole: done.length, bytes, sentBytes, losses }
}

async function signIn({ url }: ServerProcess): Promise<string> {
  const post = async (path: string, body: unknown, cookie = '') =>
    fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie },
      body: JSON.stringify(body),
    })
  const cookieOf = async (username: string) =>
    (await post('/api/session', { username, password: ADMIN_PASSWORD })).headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
  const account = { username: 'photographer', name: '摄影', role: 'reviewer', orgUnits: [], password: ADMIN_PASSWORD }
  await post('/api/accounts', account, await cookieOf('admin'))
  const cookie = await cookieOf('photographer')
  // What the administrator gave is good for one thing.
  await post('/api/password', { password: `${ADMIN_PASSWORD}-own` }, cookie)
  return cookie
}
