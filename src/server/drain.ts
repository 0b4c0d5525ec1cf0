import type { IncomingMessage } from 'node:http'

/** Twice the largest body that anybody may send. Who sends more is cut off. */
const DRAINED_BYTES_MAX = 36 * 1024 * 1024

/**
 * Reads the rest of a body that is not wanted, and forgets it. Answered while the other side still sends, the connection would be
 * closed under it, and many programs report that in place of the answer.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed || Number(request.headers['content-length']) > DRAINED_BYTES_MAX) {
    return Promise.resolve()
  }
  return new Promise((resolve) => {
    let bytes = 0
    const end = () => {
      request.off('data', count).off('end', end).off('error', end).off('close', end)
      resolve()
    }
    const count = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > DRAINED_BYTES_MAX) end()
    }
    request.on('data', count).on('end', end).on('error', end).on('close', end)
    request.resume()
  })
}
