/** Tablets that have said something of themselves: exchanges over HTTP, as the app makes them, without a browser for each. */
import { DEMO_PASSWORD } from './steps'

export type Said = {
  readonly username: string
  readonly id: string
  readonly app?: string
  /** The tablet's clock, milliseconds ahead of the server's. */
  readonly ahead?: number
  readonly state?: Readonly<Record<string, unknown>>
}

const HOUR_MS = 3_600_000

/** One of each kind that the screen tells apart. */
export const KINDS_OF_TABLETS: readonly Said[] = [
  {
    username: 'filler',
    id: 'aaaaaaaaaaaaa',
    state: { unsent: 12, files: 2, oldest: Date.now() - 60 * HOUR_MS, drafts: 1, plan: 0 },
  },
  {
    username: 'principal',
    id: 'bbbbbbbbbbbbb',
    state: { refused: 3, conflicts: 1, storage: { used: 95e8, quota: 1e10, persisted: false } },
  },
  { username: 'inspector', id: 'ccccccccccccc', ahead: 31_536e6, app: '0.0.9' },
  { username: 'reviewer', id: 'ddddddddddddd', state: { storage: { used: 4e6, quota: 1e10, persisted: true } } },
]

export async function sayAs(url: string, { username, id, app = '0.1.0', ahead = 0, state = {} }: Said): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const signedIn = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ username, password: DEMO_PASSWORD }),
  })
  const cookie = signedIn.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  const tablet = { id, unsent: 0, refused: 0, conflicts: 0, files: 0, drafts: 0, ...state }
  const answer = await fetch(`${url}/api/sync`, {
    method: 'POST',
    headers: { ...headers, cookie },
    body: JSON.stringify({ v: 1, app, now: Date.now() + ahead, asks: [], tablet }),
  })
  if (answer.status !== 200) throw new Error(`${String(answer.status)}: ${await answer.text()}`)
}
