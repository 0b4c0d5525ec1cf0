/**
 * What may be evidence: photos and PDF, by their content. Nothing is decoded: sizes are read from the head of a picture, so that one of
 * huge dimensions costs nothing. Whatever else a file calls itself, it is served as what it was found to be.
 */
import { disableTypes, imageSize, types } from 'image-size'
import { failed, ok, type Result } from '#domain/fault'

export const FILE_BYTES_MAX = 20 * 1024 * 1024
export const FILE_MB_MAX = FILE_BYTES_MAX / 1024 / 1024
/** Of a side, and of the whole picture, in pixels. The app's own photos have 2,048 at most. */
export const SIDE_MAX = 12_000
export const PIXELS_MAX = 50_000_000

/** Its parsers of other kinds never see what somebody sends. */
disableTypes(types.filter((type) => !['jpg', 'png', 'webp'].includes(type)))

export type FileKind = {
  readonly type: 'image/jpeg' | 'image/png' | 'image/webp' | 'application/pdf'
  readonly width?: number
  readonly height?: number
}

const IMAGE_TYPES: Readonly<Record<string, 'image/jpeg' | 'image/png' | 'image/webp'>> = {
  jpg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
}

/** `declared`: what the sender calls it; another content is refused, for somebody was mistaken or wants us to be. */
export function checkFile(bytes: Uint8Array, declared: string | undefined): Result<FileKind> {
  if (bytes.length > FILE_BYTES_MAX) return failed({ kind: 'file.tooLarge', values: { max: FILE_MB_MAX } })
  const kind = beginsWith(bytes, '%PDF-') ? checkPdf(bytes) : checkImage(bytes)
  if (kind.ok && declared !== undefined && declared !== kind.value.type) return failed({ kind: 'file.content' })
  return kind
}

function checkImage(bytes: Uint8Array): Result<FileKind> {
  let found: { readonly width: number; readonly height: number; readonly type?: string | undefined }
  try {
    found = imageSize(bytes)
  } catch {
    return failed({ kind: 'file.content' })
  }
  const type = IMAGE_TYPES[found.type ?? '']
  const { width, height } = found
  if (type === undefined || !(width > 0) || !(height > 0)) return failed({ kind: 'file.content' })
  if (Math.max(width, height) > SIDE_MAX || width * height > PIXELS_MAX) return failed({ kind: 'file.dimensions' })
  return ok({ type, width, height })
}

/** What a PDF viewer could run, start or unpack. Names in compressed parts are not seen; a PDF is only ever handed out to be saved. */
const ACTIVE = /\/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b/

function checkPdf(bytes: Uint8Array): Result<FileKind> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (!text.slice(-2048).includes('%%EOF')) return failed({ kind: 'file.content' })
  // A name may be written with its letters as #4A: none of a plain document is.
  const names = text.replace(/#([0-9a-fA-F]{2})/g, (_all, code: string) => String.fromCharCode(parseInt(code, 16)))
  return ACTIVE.test(names) ? failed({ kind: 'file.active' }) : ok({ type: 'application/pdf' })
}

function beginsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((letter, at) => bytes[at] === letter.charCodeAt(0))
}
