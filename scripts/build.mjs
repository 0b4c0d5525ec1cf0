/**
 * Builds what is not built yet: the client with its service worker, then the server. `--force` builds anew; `--types` checks the types
 * first. Built is what is newer than every source.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const SOURCES = ['src', 'public', 'index.html', 'package.json', 'vite.config.ts', 'vite.server.config.ts']
const PRODUCTS = ['dist/client/sw.js', 'dist/client/index.html', 'dist/server/main.js']

function newest(path) {
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

function isBuilt() {
  try {
    const built = Math.min(...PRODUCTS.map((path) => statSync(join(root, path)).mtimeMs))
    return SOURCES.every((path) => newest(join(root, path)) <= built)
  } catch {
    return false
  }
}

function run(...args) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status !== 0) {
    console.error(`构建没有完成 / The build did not finish: node ${args.join(' ')}`)
    process.exit(1)
  }
}

const vite = join('node_modules', 'vite', 'bin', 'vite.js')

export function build({ force = false, types = false } = {}) {
  if (!force && isBuilt()) return
  if (types) run(join('node_modules', 'vue-tsc', 'bin', 'vue-tsc.js'), '-b')
  console.log('正在构建，约半分钟 … / Building, about half a minute …')
  run(vite, 'build', '--logLevel', 'warn')
  run(vite, 'build', '-c', 'vite.server.config.ts', '--logLevel', 'warn')
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  build({ force: true, types: process.argv.includes('--types') })
}
