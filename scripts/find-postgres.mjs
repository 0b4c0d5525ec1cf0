/**
 * Finds a PostgreSQL for the tests and the bench, and starts a server of one's own; with `--install`, brings one.
 *
 * Order: POSTGRES_BIN (the folder with `postgres` and `initdb`), PATH, Debian's and Red Hat's places, Homebrew's. On Debian as root,
 * `--install` takes it from apt.
 *
 * A started server lies in a folder of its own that only its user may enter, and listens on a socket inside it: no other program can be
 * taken for it, and it for no other. It writes to the disk as a real one does (`fsync`), and is gone when it is stopped or when the
 * program that started it ends, however it ends.
 */
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const PLACES = ['/usr/lib/postgresql', '/usr/pgsql', '/opt/homebrew/opt', '/usr/local/opt']
const START_MS = 60_000
const STOP_MS = 20_000

export const POSTGRES_MISSING =
  'No PostgreSQL found. Install it (on Debian: apt-get install postgresql), or set POSTGRES_BIN to the folder with `postgres` and `initdb`.'

const isRoot = () => process.getuid?.() === 0
const isBin = (folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb'))

/** The folder with the server's programs. */
export function findPostgres() {
  const named = process.env.POSTGRES_BIN
  if (named) return isBin(named) ? named : undefined
  const onPath = (process.env.PATH ?? '').split(delimiter).find((folder) => folder !== '' && isBin(folder))
  // The programs look for their files beside themselves: a link to one is not enough.
  if (onPath !== undefined) return join(realpathSync(join(onPath, 'postgres')), '..')
  const versions = PLACES.filter((place) => existsSync(place)).flatMap((place) =>
    readdirSync(place)
      .filter((name) => /^(postgresql@?)?\d*$/.test(name))
      .sort((one, other) => Number(other.replace(/\D/g, '')) - Number(one.replace(/\D/g, '')))
      .map((name) => join(place, name, 'bin')),
  )
  return versions.find(isBin)
}

export function installPostgres() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get') || !isRoot()) return undefined
  const lock = ['-o', 'DPkg::Lock::Timeout=300']
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [
    [...lock, 'update'],
    [...lock, 'install', '-y', '--no-install-recommends', 'postgresql'],
  ]) {
    console.error(`$ apt-get ${args.join(' ')}`)
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env })
  }
  return findPostgres()
}

/** PostgreSQL refuses to run as root: then another user does it, who owns the folder. */
function unprivileged() {
  if (!isRoot()) return undefined
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] =
      readFileSync('/etc/passwd', 'utf8')
        .split('\n')
        .map((line) => line.split(':'))
        .find(([user]) => user === name) ?? []
    if (uid !== undefined) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`')
}

/** `setpriv` ends the server when this program ends, were it by SIGKILL. */
const hasSetpriv = () =>
  process.platform === 'linux' && (spawnSync('setpriv', ['--help']).stdout?.toString() ?? '').includes('--pdeathsig')

/**
 * @returns a running server. `url(database)`: by the socket, as the superuser. `tcpUrl(database)`: by 127.0.0.1 with a password.
 */
export async function startPostgres({ settings = {} } = {}) {
  const bin = findPostgres() ?? installPostgres()
  if (bin === undefined) throw new Error(POSTGRES_MISSING)
  const owner = unprivileged()
  const user = owner?.name ?? userInfo().username
  // A socket's path has about a hundred characters at most.
  const folder = mkdtempSync(join(tmpdir().length > 60 ? '/tmp' : tmpdir(), 'youxue-pg-'))
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  const password = randomBytes(12).toString('hex')
  const clear = () => rmSync(folder, { recursive: true, force: true })
  const asOwner = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid }
  try {
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, password)
    if (owner !== undefined) chownSync(passwordFile, owner.uid, owner.gid)
    const made = spawnSync(
      join(bin, 'initdb'),
      ['-D', data, '-U', user, '-E', 'UTF8', '--no-locale', '--no-sync', '--no-instructions', '--auth-local=trust'].concat([
        '--auth-host=scram-sha-256',
        `--pwfile=${passwordFile}`,
      ]),
      { cwd: folder, ...asOwner },
    )
    if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr.toString()}`)
    // Another program may take the free port before the server does: then another one.
    const place = { bin, data, folder, owner, asOwner, settings }
    for (let attempt = 0; attempt < 5; attempt++) {
      const started = await start({ ...place, port: await freePort() })
      if (started !== undefined)
        return { ...restartable(started, place), ...addresses({ folder, user, password, port: started.port }), user, bin }
    }
    throw new Error('PostgreSQL found no free port')
  } catch (error) {
    clear()
    throw error
  }
}

/** A server that can be made to crash and comes back on the same data, at the same address. */
function restartable(first, place) {
  let current = first
  const { port, folder } = first
  return {
    port,
    folder,
    get pid() {
      return current.pid
    },
    log: () => current.log(),
    stop: () => current.stop(),
    async crash(signal) {
      await current.crash(signal)
      const until = Date.now() + START_MS
      for (;;) {
        try {
          const started = await start({ ...place, port })
          if (started !== undefined) {
            current = started
            return
          }
          if (Date.now() > until) throw new Error('another program has taken the port of PostgreSQL')
        } catch (error) {
          // Without its first process the others take a moment to notice and to let go of their memory.
          if (Date.now() > until || !/shared memory|lock file/.test(error.message)) throw error
        }
        await sleep(100)
      }
    },
  }
}

function addresses({ folder, user, password, port }) {
  const socket = encodeURIComponent(folder)
  return {
    url: (database = 'postgres') => `postgres://${user}@/${database}?host=${socket}&port=${port}`,
    tcpUrl: (database = 'postgres') => `postgres://${user}:${password}@127.0.0.1:${port}/${database}`,
  }
}

async function start({ bin, data, folder, owner, asOwner, settings, port }) {
  const args = ['-D', data, '-k', folder, '-p', String(port)]
  const all = { listen_addresses: '127.0.0.1', fsync: 'on', synchronous_commit: 'on', shared_buffers: '64MB', ...settings }
  for (const [name, value] of Object.entries(all)) args.push('-c', `${name}=${value}`)
  const ids = owner === undefined ? [] : [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups']
  const server = hasSetpriv()
    ? spawn('setpriv', [...ids, '--pdeathsig', 'SIGINT', '--', join(bin, 'postgres'), ...args], { cwd: folder, stdio: quiet() })
    : spawn(join(bin, 'postgres'), args, { cwd: folder, stdio: quiet(), ...asOwner })
  let log = ''
  server.stderr.on('data', (chunk) => (log = (log + chunk).slice(-20_000)))
  const ended = new Promise((resolve) => server.once('close', resolve))
  let isOver = false
  void ended.then(() => (isOver = true))
  server.once('error', (error) => (log += error.message))

  // Nothing is left behind, whichever way this program goes.
  const atExit = () => {
    if (!isOver) server.kill('SIGQUIT')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', atExit)
  const stop = async () => {
    process.off('exit', atExit)
    if (!isOver) {
      server.kill('SIGINT')
      const hurry = setTimeout(() => server.kill('SIGQUIT'), STOP_MS)
      await ended
      clearTimeout(hurry)
    }
    rmSync(folder, { recursive: true, force: true })
  }

  const crash = async (signal) => {
    process.off('exit', atExit)
    server.kill(signal)
    await ended
  }

  const ready = ['-h', folder, '-p', String(port), '-t', '1', '-q']
  const until = Date.now() + START_MS
  while (Date.now() < until && !isOver) {
    if (spawnSync(join(bin, 'pg_isready'), ready).status === 0) {
      return { port, folder, pid: server.pid, log: () => log, stop, crash }
    }
    await sleep(30)
  }
  process.off('exit', atExit)
  if (isOver && /could not bind|Address already in use/.test(log)) return undefined
  server.kill('SIGQUIT')
  throw new Error(`PostgreSQL did not start: ${log}`)
}

const quiet = () => ['ignore', 'ignore', 'pipe']

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const found = findPostgres() ?? (process.argv.includes('--install') ? installPostgres() : undefined)
  if (found === undefined) {
    console.error(POSTGRES_MISSING)
    process.exit(1)
  }
  console.log(found)
}
