/**
 * Files over fetch: see the server's routes for files.
 *
 * | status                  | means                                        |
 * |-------------------------|----------------------------------------------|
 * | 200, 204, 409 with an offset | how much the server has                 |
 * | 422 `file.digest`       | mismatch                                     |
 * | 422 of another fault    | refused for good                             |
 * | 401                     | signedOut                                    |
 * | 403                     | refused, until the app starts again: a right may come back |
 * | 404, 405 and all else   | unreachable: an older server, a proxy's page |
 */
import type { FileToSend, TransferAnswer, TransferNet } from '#sync/transfer'
import { retryAfter } from './http-transport'

const TIMEOUT_MS = 60_000
/** The fault of whom the server does not let bring files here. */
export const NO_RIGHT = 'right.missing'

export const fileAddress = ({ sha, orgUnit }: Pick<FileToSend, 'sha' | 'orgUnit'>): string =>
  `/api/files/${sha}?orgUnit=${encodeURIComponent(orgUnit)}`

export function fileTransport(fetch: typeof globalThis.fetch, now: () => number): TransferNet & { abort(): void } {
  const closing = new AbortController()

  async function ask(file: FileToSend, init: RequestInit): Promise<TransferAnswer> {
    const own = new AbortController()
    const cancel = () => own.abort()
    const timer = setTimeout(cancel, TIMEOUT_MS)
    closing.signal.addEventListener('abort', cancel)
    if (closing.signal.aborted) cancel()
    try {
      const options = { credentials: 'same-origin', cache: 'no-store', signal: own.signal } as const
      return await readAnswer(await fetch(fileAddress(file), { ...init, ...options }), now())
    } catch {
      return { kind: 'unreachable' }
    } finally {
      clearTimeout(timer)
      closing.signal.removeEventListener('abort', cancel)
    }
  }

  return {
    head: (file) => ask(file, { method: 'HEAD' }),
    patch: (file, { offset, bytes }) =>
      ask(file, {
        method: 'PATCH',
        headers: {
          'content-type': 'application/partial-upload',
          'upload-offset': String(offset),
          'upload-length': String(file.size),
          'upload-type': file.type,
        },
        body: bytes,
      }),
    abort: () => closing.abort(),
  }
}

async function readAnswer(response: Response, nowMs: number): Promise<TransferAnswer> {
  const offset = response.headers.get('upload-offset')
  if ((response.ok || response.status === 409) && offset !== null && /^\d+$/.test(offset)) {
    return { kind: 'has', offset: Number(offset), isComplete: response.headers.get('upload-complete') === '?1' }
  }
  if (response.status === 401) return { kind: 'signedOut' }
  if (response.status === 422) {
    const fault = await faultOf(response)
    if (fault === 'file.digest') return { kind: 'mismatch' }
    if (fault !== undefined) return { kind: 'refused', fault }
  }
  // Of one school: the others' files go on.
  if (response.status === 403) return { kind: 'refused', fault: NO_RIGHT }
  const retryAfterMs = retryAfter(response.headers.get('retry-after'), nowMs)
  return retryAfterMs === undefined ? { kind: 'unreachable' } : { kind: 'unreachable', retryAfterMs }
}

async function faultOf(response: Response): Promise<string | undefined> {
  const body: unknown = await response.json().catch(() => undefined)
  const fault: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'fault') : undefined
  const kind: unknown = typeof fault === 'object' && fault !== null ? Reflect.get(fault, 'kind') : undefined
  return typeof kind === 'string' ? kind : undefined
}

/** The whole of it; `undefined`: no network, or not there for us. */
export async function fetchFileBytes(
  fetch: typeof globalThis.fetch,
  file: Pick<FileToSend, 'sha' | 'orgUnit'>,
): Promise<ArrayBuffer | undefined> {
  try {
    const response = await fetch(fileAddress(file), { credentials: 'same-origin' })
    return response.ok ? await response.arrayBuffer() : undefined
  } catch {
    return undefined
  }
}
