/**
 * The key with which this tablet seals its person's files of unsent work. The server gives it while somebody is signed in; from then on
 * it seals without a network and without a session. The browser keeps it as a key that can be used and not read.
 *
 * Where the browser has no cryptography (over plain HTTP), or cannot keep a key, files have no seal: then only their author can hand
 * them in.
 */
import { sealedText, type DepositFile } from '#sync/deposit'
import type { Clock } from '#sync/ports'
import type { ApiResult } from './api'
import type { KeptValues } from './make-device'

export type GivenKey = { readonly id: string; readonly key: string }
export type FetchSealKey = (tablet: string) => Promise<ApiResult<GivenKey>>

type KeptKey = { readonly id: string; readonly key: CryptoKey; readonly at: number }

const KEPT = 'seal'
/** A key ends on the server after half a year; a new one now and then costs nothing, and leaves the most of that to a tablet off the network. */
const RENEWED_EVERY_MS = 30 * 24 * 60 * 60 * 1000

export type Seals = {
  /** After a contact: asks for a key when there is none, or an old one. */
  renew(): Promise<void>
  /** The server has taken the session away, and the keys with it. */
  drop(): Promise<void>
  seal(file: DepositFile): Promise<DepositFile>
}

export function createSeals(needs: {
  readonly store: KeptValues & { readonly deviceName: string }
  readonly fetchKey: FetchSealKey
  readonly clock: Pick<Clock, 'now'>
}): Seals {
  const { store, fetchKey, clock } = needs
  let renewing: Promise<void> | undefined
  /** Known to be fresh: then a contact costs no reading. */
  let freshUntil = -Infinity

  async function kept(): Promise<KeptKey | undefined> {
    const value = await store.value(KEPT)
    return isKeptKey(value) ? value : undefined
  }

  async function renewNow(): Promise<void> {
    if (subtle() === undefined) return
    const now = clock.now()
    if (Math.abs(freshUntil - now) <= RENEWED_EVERY_MS && now < freshUntil) return
    const known = await kept()
    if (known === undefined || Math.abs(now - known.at) >= RENEWED_EVERY_MS) {
      const given = await fetchKey(store.deviceName)
      // The next contact asks again.
      if (!given.ok) return
      const key = await importKey(given.value.key)
      if (key !== undefined) await store.putValue(KEPT, { id: given.value.id, key, at: now } satisfies KeptKey)
    }
    freshUntil = (known?.at ?? now) + RENEWED_EVERY_MS
  }

  return {
    renew() {
      renewing ??= renewNow().finally(() => (renewing = undefined))
      return renewing
    },
    async drop() {
      freshUntil = -Infinity
      await store.putValue(KEPT, undefined)
    },
    async seal(file) {
      const known = await kept()
      if (known === undefined) return file
      const mac = await subtle()?.sign('HMAC', known.key, new TextEncoder().encode(sealedText(file)))
      return mac === undefined ? file : { ...file, seal: { key: known.id, mac: base64url(new Uint8Array(mac)) } }
    },
  }
}

function subtle(): SubtleCrypto | undefined {
  return 'crypto' in globalThis ? (globalThis.crypto as { readonly subtle?: SubtleCrypto }).subtle : undefined
}

async function importKey(base64: string): Promise<CryptoKey | undefined> {
  const bytes = Uint8Array.from(atob(base64.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))
  return subtle()?.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')
}

/** What an older version kept in another shape, or a browser could not keep as a key, is asked for anew. */
function isKeptKey(value: unknown): value is KeptKey {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'key' in value &&
    value.key instanceof CryptoKey &&
    'at' in value &&
    typeof value.at === 'number'
  )
}
