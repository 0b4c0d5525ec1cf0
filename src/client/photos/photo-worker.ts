/** Draws photos in a thread of its own (see draw.ts), so that typing stays smooth meanwhile. */
import { drawPhoto, type Drawn } from './draw'

export type ToPhotoWorker = { readonly id: number; readonly picture: Blob; readonly stamp: readonly string[] }
export type FromPhotoWorker =
  { readonly id: number; readonly drawn: Drawn; readonly sha: string } | { readonly id: number; readonly fault: string }

addEventListener('message', ({ data: { id, picture, stamp } }: MessageEvent<ToPhotoWorker>) => {
  draw(id, picture, stamp).catch((error: unknown) =>
    postMessage({ id, fault: error instanceof Error ? error.name : 'UnknownError' } satisfies FromPhotoWorker),
  )
})

async function draw(id: number, picture: Blob, stamp: readonly string[]): Promise<void> {
  const drawn = await drawPhoto(picture, stamp)
  const digest = await crypto.subtle.digest('SHA-256', drawn.bytes)
  const sha = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  postMessage({ id, drawn, sha } satisfies FromPhotoWorker, { transfer: [drawn.bytes, drawn.thumb] })
}
