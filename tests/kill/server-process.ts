/** The server as a process that can be killed, from a bundle of its own: a build that runs beside it does not change it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const ADMIN_PASSWORD = 'kill-test-password'

export type Bundle = { readonly folder: string; remove(): void }

/** `commands`: those beside the server, from `src/server/backup`. */
export async function bundleServer(commands: readonly string[] = []): Promise<Bundle> {
  // Beside the project's own files, which the program looks for upwards from itself.
  const folder = join(ROOT, '.cache', `server-${String(process.pid)}`)
  const inputs = commands.map((path) => [basename(path), `src/server/${path}.ts`] as const)
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: true,
      outDir: folder,
      target: 'node20',
      emptyOutDir: true,
      rolldownOptions: { input: { main: 'src/server/main.ts', ...Object.fromEntries(inputs) } },
    },
  })
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export type ServerProcess = {
  readonly url: string
  /** Resolves with the exit status, or nothing if a signal ended it. */
  readonly ended: Promise<number | null>
  readonly isOver: () => boolean
  /** What it said on standard error. */
  readonly errors: () => string
  kill(signal: 'SIGKILL' | 'SIGTERM'): void
}

export async function startServer(bundle: Bundle, env: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, ['--enable-source-maps', join(bundle.folder, 'main.js')], {
    cwd: bundle.folder,
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', HOST: '127.0.0.1', PORT: '0', ADMIN_PASSWORD, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors = (errors + chunk.toString()).slice(-20_000)))
  let over = false
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', (code) => {
      over = true
      resolve(code)
    }),
  )
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found !== null) resolve(found[0])
    })
    child.once('close', () => reject(new Error(`the server ended before it listened: ${errors}`)))
  })
  return { url, ended, isOver: () => over, errors: () => errors, kill: (signal) => void child.kill(signal) }
}
