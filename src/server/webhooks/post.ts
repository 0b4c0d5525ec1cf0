/**
 * One POST to a robot, and no more than that: no redirect is followed, no proxy asked, an answer is read up to a limit, and none of it
 * takes longer than it may.
 *
 * Where the name leads is looked at by the connection itself: looked at before, it could lead elsewhere a moment later.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { failed, ok, type Result } from '#domain/fault'
import type { WebhookFault } from '#domain/webhook'
import { isPublicAddress } from './public-address'

export type Posted = { readonly status: number; readonly text: string }

export type Network = {
  /** Also plain http, and addresses inside the network. */
  readonly allowsPrivate: boolean
  readonly lookup?: typeof systemLookup
  readonly timeoutMs?: number
}

/** A robot answers in less than a second. */
const TIMEOUT_MS = 10_000
/** Its answer has a hundred bytes. */
const ANSWER_BYTES_MAX = 16 * 1024

export function post(
  { url, body }: { readonly url: URL; readonly body: string },
  network: Network,
): Promise<Result<Posted, WebhookFault>> {
  const { allowsPrivate, lookup = systemLookup, timeoutMs = TIMEOUT_MS } = network
  const isSecure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // An address is not looked up.
  if (!allowsPrivate && (!isSecure || (isIP(host) !== 0 && !isPublicAddress(host)))) {
    return Promise.resolve(failed({ kind: 'private' }))
  }
  const guarded = allowsPrivate ? lookup : guardedLookup(lookup)
  const agent = isSecure ? new HttpsAgent({ lookup: guarded }) : new HttpAgent({ lookup: guarded })
  return new Promise((resolve) => {
    const settle = (result: Result<Posted, WebhookFault>): void => {
      clearTimeout(timer)
      resolve(result)
      request.destroy()
      agent.destroy()
    }
    const request = (isSecure ? httpsRequest : httpRequest)(url, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) },
    })
    const timer = setTimeout(() => {
      settle(failed({ kind: 'timeout' }))
    }, timeoutMs)
    request.on('error', (error) => {
      settle(failed(faultOf(error)))
    })
    request.on('response', (response) => {
      readAnswer(response, settle)
    })
    request.end(body)
  })
}

function readAnswer(response: IncomingMessage, settle: (result: Result<Posted, WebhookFault>) => void): void {
  const pieces: Buffer[] = []
  let bytes = 0
  response.on('data', (piece: Buffer) => {
    bytes += piece.length
    if (bytes > ANSWER_BYTES_MAX) settle(failed({ kind: 'notItsAnswer' }))
    else pieces.push(piece)
  })
  response.on('end', () => {
    settle(ok({ status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString('utf8') }))
  })
  response.on('error', (error) => {
    settle(failed(faultOf(error)))
  })
}

class PrivateAddress extends Error {
  override name = 'PrivateAddress'
}

/** One address inside is enough: the next connection could take it. */
export function guardedLookup(lookup: typeof systemLookup): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
      const [first] = addresses ?? []
      if (error !== null) callback(error, [])
      else if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        callback(new PrivateAddress(hostname), [])
      } else if (options.all === true) callback(null, [...addresses])
      else callback(null, first.address, first.family)
    })
  }
}

/** The system's short word for it, e.g. `ECONNREFUSED`: it names neither the address nor the key. */
function faultOf(error: Error): WebhookFault {
  if (error instanceof PrivateAddress) return { kind: 'private' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name
  return { kind: 'unreachable', said: code }
}
