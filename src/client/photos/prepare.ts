/** From what a camera or a gallery gives to what is kept and sent. */
import type { PreparedFile } from '#client/device/contract'
import { sha256Of } from '#client/device/file-box'
import { drawPhoto, drawThumb, type Drawn } from './draw'
import type { FromPhotoWorker, ToPhotoWorker } from './photo-worker'
import WORKER from './photo-worker?worker&url'

/** Of a PDF, which is kept as it is; a photo is made small whatever it was. */
export const PDF_BYTES_MAX = 20 * 1024 * 1024

/** `insecure`: the page came over plain HTTP, where the browser makes no digests. */
export type PrepareFault = 'unreadable' | 'tooLarge' | 'insecure'
export type Prepared = { readonly ok: true; readonly file: PreparedFile } | { readonly ok: false; readonly fault: PrepareFault }

/** `stamp`: lines to stand in the picture. `at`: when it was taken or chosen, by the device's clock. */
export async function prepareFile(
  file: File,
  { stamp, at }: { readonly stamp: readonly string[]; readonly at: number },
): Promise<Prepared> {
  if (!('subtle' in crypto)) return { ok: false, fault: 'insecure' }
  if (file.type === 'application/pdf' || file.name.toLowerCase().endsWith('.pdf')) return preparePdf(file, at)
  try {
    const { drawn, sha } = await draw(file, stamp)
    const { bytes, type, w, h, thumb } = drawn
    const name = `${file.name.replace(/\.[^.]*$/, '').slice(0, 80) || 'photo'}.${type === 'image/webp' ? 'webp' : 'jpg'}`
    return { ok: true, file: { sha, name, type, bytes, thumb, w, h, at } }
  } catch {
    return { ok: false, fault: 'unreadable' }
  }
}

async function preparePdf(file: File, at: number): Promise<Prepared> {
  if (file.size > PDF_BYTES_MAX) return { ok: false, fault: 'tooLarge' }
  try {
    const bytes = await file.arrayBuffer()
    const isPdf = new TextDecoder('latin1').decode(bytes.slice(0, 5)) === '%PDF-'
    if (!isPdf) return { ok: false, fault: 'unreadable' }
    return { ok: true, file: { sha: await sha256Of(bytes), name: file.name.slice(0, 100), type: 'application/pdf', bytes, at } }
  } catch {
    return { ok: false, fault: 'unreadable' }
  }
}

export async function makeThumb(bytes: ArrayBuffer, type: string): Promise<ArrayBuffer | undefined> {
  if (!type.startsWith('image/')) return undefined
  return drawThumb(new Blob([bytes], { type })).catch(() => undefined)
}

type Waiting = {
  readonly resolve: (made: { readonly drawn: Drawn; readonly sha: string }) => void
  readonly reject: (error: Error) => void
}
let worker: Worker | undefined
let count = 0
const waiting = new Map<number, Waiting>()

/** In the worker, one after the other; on the page where the worker cannot draw. */
async function draw(picture: Blob, stamp: readonly string[]): Promise<{ readonly drawn: Drawn; readonly sha: string }> {
  if (typeof Worker !== 'undefined' && typeof OffscreenCanvas !== 'undefined') {
    try {
      return await inWorker(picture, stamp)
    } catch (error) {
      // No picture is none on the page either. Anything else may be the worker's.
      if (error instanceof Error && error.name === 'InvalidStateError') throw error
    }
  }
  const drawn = await drawPhoto(picture, stamp)
  return { drawn, sha: await sha256Of(drawn.bytes) }
}

function inWorker(picture: Blob, stamp: readonly string[]): Promise<{ readonly drawn: Drawn; readonly sha: string }> {
  const drawing = (worker ??= startWorker())
  const id = ++count
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    drawing.postMessage({ id, picture, stamp } satisfies ToPhotoWorker)
  })
}

function startWorker(): Worker {
  const started = new Worker(workerAddress(), { type: 'module', name: 'photos' })
  started.onmessage = ({ data }: MessageEvent<FromPhotoWorker>) => {
    const one = waiting.get(data.id)
    waiting.delete(data.id)
    if ('drawn' in data) one?.resolve(data)
    else one?.reject(new DOMException('the photo was not drawn', data.fault))
  }
  started.onerror = (event) => {
    event.preventDefault()
    for (const { reject } of waiting.values()) reject(new DOMException('the worker is broken', 'NotSupportedError'))
    waiting.clear()
    started.terminate()
    worker = undefined
  }
  return started
}

type TrustedTypesLike = {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): unknown }
}
let address: string | undefined

/** Under Trusted Types a worker's address must come from a policy; this one lets exactly one address through. Made once for each page. */
function workerAddress(): string {
  const { trustedTypes } = window as Window & { trustedTypes?: TrustedTypesLike }
  if (trustedTypes === undefined) return WORKER
  address ??= trustedTypes
    .createPolicy('youxue-photos', {
      createScriptURL: (url: string) => {
        if (url !== WORKER) throw new TypeError(`not the photos' worker: ${url}`)
        return url
      },
    })
    .createScriptURL(WORKER) as string
  return address
}
