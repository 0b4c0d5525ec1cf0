/** Pieces of files as the server takes them, behind `fetch`: per org unit and digest, checked by digest at the end. */
import { createHash } from 'node:crypto'
import { afterEach, vi } from 'vitest'

type Kept = { bytes: Uint8Array; isComplete: boolean }

export type FileServer = {
  /** By `orgUnit sha`. */
  readonly kept: Map<string, Kept>
  readonly requests: { readonly method: string; readonly at: string; readonly bytes: number }[]
  up: boolean
  /** Answered in place of the server's own, by org unit. */
  readonly instead: Map<string, (method: string) => Response | undefined>
}

afterEach(() => void vi.unstubAllGlobals())

export const shaOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export function startFileServer(): FileServer {
  const server: FileServer = { kept: new Map(), requests: [], up: true, instead: new Map() }
  vi.stubGlobal('fetch', (input: string, init: RequestInit = {}) =>
    Promise.resolve().then(() => {
      if (!server.up) throw new TypeError('no network')
      return answer(server, input, init)
    }),
  )
  return server
}

function answer(server: FileServer, input: string, { method = 'GET', headers, body }: RequestInit): Response {
  const [, sha = '', orgUnit = ''] = /^\/api\/files\/([0-9a-f]{64})\?orgUnit=(.+)$/.exec(input) ?? []
  // Other routes are not what these tests are about.
  if (sha === '') return new Response(null, { status: 404 })
  const at = `${orgUnit} ${sha}`
  // Of another realm than this one's, so that `instanceof` says nothing.
  const sent = new Uint8Array((body as ArrayBuffer | undefined) ?? [])
  server.requests.push({ method, at, bytes: sent.length })
  const other = server.instead.get(orgUnit)?.(method)
  if (other !== undefined) return other
  const kept = server.kept.get(at) ?? { bytes: new Uint8Array(), isComplete: false }
  const said = () => ({ 'upload-offset': String(kept.bytes.length), 'upload-complete': kept.isComplete ? '?1' : '?0' })
  if (method === 'HEAD') return new Response(null, { headers: said() })
  if (method === 'GET') {
    return kept.isComplete ? new Response(kept.bytes.slice().buffer) : fault(404, 'file.unknown')
  }
  const asked = new Headers(headers)
  if (Number(asked.get('upload-offset')) !== kept.bytes.length) return fault(409, 'file.offset', said())
  kept.bytes = Uint8Array.from([...kept.bytes, ...sent])
  server.kept.set(at, kept)
  if (kept.bytes.length === Number(asked.get('upload-length'))) {
    if (shaOf(kept.bytes) !== sha) {
      server.kept.delete(at)
      return fault(422, 'file.digest')
    }
    kept.isComplete = true
  }
  return new Response(null, { status: 204, headers: said() })
}

export function fault(status: number, kind: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ fault: { kind } }), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })
}
