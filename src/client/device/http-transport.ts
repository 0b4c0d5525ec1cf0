/**
 * `POST /api/sync` over fetch. What does not have the shape of an answer (a proxy's page, half a body) has not reached the server, and
 * will heal.
 *
 * | status             | means                                     |
 * |--------------------|-------------------------------------------|
 * | 200 with an answer | answered                                  |
 * | 401                | signedOut; with `session.revoked`: for good |
 * | 400, 413           | tooLarge: half of it next time            |
 * | 426                | tooOld                                    |
 * | everything else    | unreachable, with its Retry-After         |
 */
import type { Net, NetAnswer } from '#sync/ports'
import { PROTOCOL_VERSION, type Answer, type SyncAnswer } from '#sync/protocol'

const TIMEOUT_MS = 30_000
const UNREACHABLE: NetAnswer = { kind: 'unreachable' }

export function httpTransport(fetch: typeof globalThis.fetch, now: () => number): Net & { abort(): void } {
  const closing = new AbortController()
  return {
    abort: () => closing.abort(),
    async exchange(request) {
      const own = new AbortController()
      const cancel = () => own.abort()
      const timer = setTimeout(cancel, TIMEOUT_MS)
      closing.signal.addEventListener('abort', cancel)
      if (closing.signal.aborted) cancel()
      try {
        const response = await fetch('/api/sync', {
          method: 'POST',
          body: JSON.stringify(request),
          headers: { 'content-type': 'application/json' },
          credentials: 'same-origin',
          cache: 'no-store',
          signal: own.signal,
        })
        return await readAnswer(response, now())
      } catch {
        // fetch tells no network, a timeout and a body that is no JSON in the same way: by throwing.
        return UNREACHABLE
      } finally {
        clearTimeout(timer)
        closing.signal.removeEventListener('abort', cancel)
      }
    },
  }
}

async function readAnswer(response: Response, nowMs: number): Promise<NetAnswer> {
  switch (response.status) {
    case 200: {
      const body: unknown = await response.json()
      return isSyncAnswer(body) ? { kind: 'answered', answer: body } : UNREACHABLE
    }
    case 401:
      return (await isRevoked(response)) ? { kind: 'signedOut', revoked: true } : { kind: 'signedOut' }
    case 400:
    case 413:
      return { kind: 'tooLarge' }
    case 426:
      return { kind: 'tooOld' }
    default: {
      const retryAfterMs = retryAfter(response.headers.get('retry-after'), nowMs)
      return retryAfterMs === undefined ? UNREACHABLE : { kind: 'unreachable', retryAfterMs }
    }
  }
}

/** A proxy's page may answer 401 too: only the server's own word takes a tablet's session away. */
async function isRevoked(response: Response): Promise<boolean> {
  const body: unknown = await response.json().catch(() => undefined)
  return isObject(body) && isObject(body['fault']) && body['fault']['kind'] === 'session.revoked'
}

/** Both forms: seconds, and a date. Never longer than an hour: a wrong clock must not silence a tablet. */
export function retryAfter(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const delayMs = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return Number.isFinite(delayMs) && delayMs > 0 ? Math.min(delayMs, 3_600_000) : undefined
}

/** The frame of each answer; what is inside a cell is the server's word and is kept as it is. */
export function isSyncAnswer(body: unknown): body is SyncAnswer {
  return (
    isObject(body) &&
    body['v'] === PROTOCOL_VERSION &&
    typeof body['now'] === 'number' &&
    Array.isArray(body['answers']) &&
    body['answers'].every(isAnswer)
  )
}

function isAnswer(answer: unknown): answer is Answer {
  if (!isObject(answer) || typeof answer['stream'] !== 'string') return false
  if (answer['forbidden'] === true) return true
  if (answer['rewind'] === true) return typeof answer['epoch'] === 'string'
  if (answer['fork'] === true) return isVerdicts(answer['verdicts'])
  const isCommon =
    typeof answer['epoch'] === 'string' &&
    isCount(answer['last']) &&
    isVerdicts(answer['verdicts']) &&
    Array.isArray(answer['witnessed'])
  if (!isCommon || answer['gone'] === true) return isCommon
  return (
    isCount(answer['from']) &&
    isCount(answer['upto']) &&
    typeof answer['done'] === 'boolean' &&
    (answer['digest'] === undefined || typeof answer['digest'] === 'string') &&
    Array.isArray(answer['rows']) &&
    answer['rows'].every(isRow)
  )
}

function isVerdicts(verdicts: unknown): boolean {
  return (
    Array.isArray(verdicts) &&
    verdicts.every((row: unknown) => Array.isArray(row) && isCount(row[0]) && isCount(row[1]) && typeof row[2] === 'string')
  )
}

function isRow(row: unknown): boolean {
  if (!Array.isArray(row) || typeof row[0] !== 'string') return false
  const cell: unknown = row[1]
  return isObject(cell) && isCount(cell['seq']) && Array.isArray(cell['heads']) && cell['heads'].every(isHead)
}

function isHead(head: unknown): boolean {
  return (
    isObject(head) &&
    head['value'] !== undefined &&
    Array.isArray(head['from']) &&
    head['from'].length > 0 &&
    head['from'].every((from: unknown) => isObject(from) && typeof from['id'] === 'string' && Array.isArray(from['base']))
  )
}

const isCount = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
