/** The built server as a process of its own, on a folder of its own, for measuring through HTTP. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ADMIN_PASSWORD = 'bench-admin-password'

export type Answer = { readonly status: number; readonly text: string; readonly cookie?: string }
export type Client = { send(method: string, path: string, body?: string): Promise<Answer> }
export type Server = {
  readonly url: string
  /** Resident memory in MB. */
  memory(): Promise<number>
  client(): Client
  signIn(username: string, password: string): Promise<Client>
  stop(): Promise<void>
}

export async function startServer(entry: 'main' | 'demo' = 'main', more: Readonly<Record<string, string>> = {}): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-bench-'))
  const child = spawn(process.execPath, [`dist/server/${entry}.js`], {
    env: { ...process.env, NODE_ENV: 'production', PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder, ADMIN_PASSWORD, ...more },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found !== null) resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}`)))
  })
  const agent = new Agent({ keepAlive: true })

  function client(cookie?: string): Client {
    return {
      send: (method, path, body) =>
        new Promise((resolve, reject) => {
          const headers: Record<string, string> = { ...(cookie === undefined ? {} : { cookie }) }
          if (body !== undefined) headers['content-type'] = 'application/json'
          const sending = request(`${url}${path}`, { method, agent, headers }, (answer) => {
            const chunks: Buffer[] = []
            answer.on('data', (chunk: Buffer) => chunks.push(chunk))
            answer.on('end', () =>
              resolve({
                status: answer.statusCode ?? 0,
                text: Buffer.concat(chunks).toString(),
                ...(answer.headers['set-cookie'] === undefined
                  ? {}
                  : { cookie: answer.headers['set-cookie'].map((line) => line.split(';')[0]).join('; ') }),
              }),
            )
          })
          sending.on('error', reject)
          sending.end(body)
        }),
    }
  }

  const own = new Map<string, string>()
  return {
    url,
    client: () => client(),
    async memory() {
      const { readFile } = await import('node:fs/promises')
      const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8').catch(() => '')
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024
    },
    async signIn(username, password) {
      const body = JSON.stringify({ username, password: own.get(username) ?? password })
      const answer = await client().send('POST', '/api/session', body)
      if (answer.status !== 200 && answer.status !== 201) throw new Error(`sign-in: ${answer.status} ${answer.text}`)
      const signedIn = client(answer.cookie)
      // What the administrator gave is good for one thing. Whose password is their own already is told so, and keeps it.
      if (username !== 'admin' && !own.has(username)) {
        const set = await signedIn.send('POST', '/api/password', JSON.stringify({ password: `${password}-own` }))
        own.set(username, set.status === 204 ? `${password}-own` : password)
      }
      return signedIn
    },
    async stop() {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      await gone
      agent.destroy()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
