/**
 * A photo as evidence: upright, at most 2,048 pixels long, with the lines of a stamp where they are wanted, and without any of its metadata,
 * since it is drawn anew. Runs in a worker where the browser can draw there, and on the page where it cannot.
 */
export const SIDE_MAX = 2048
export const THUMB_SIDE = 320
const QUALITY = 0.82
const THUMB_QUALITY = 0.75

export type Drawn = {
  readonly bytes: ArrayBuffer
  readonly type: string
  readonly w: number
  readonly h: number
  readonly thumb: ArrayBuffer
}

type Canvas = OffscreenCanvas | HTMLCanvasElement
type Upright = ImageBitmap | HTMLImageElement

/** Rejects where it is no picture that this browser knows; `NotSupportedError`: the page may know it. */
export async function drawPhoto(picture: Blob, stamp: readonly string[]): Promise<Drawn> {
  const bitmap = await decodeUpright(picture)
  try {
    const scale = Math.min(1, SIDE_MAX / Math.max(bitmap.width, bitmap.height))
    const [w, h] = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))]
    const canvas = newCanvas(w, h)
    const context = contextOf(canvas)
    context.drawImage(bitmap, 0, 0, w, h)
    if (stamp.length > 0) drawStamp(context, { w, h }, stamp)
    const kept = await encode(canvas, QUALITY)
    const thumb = await thumbOf(canvas, w, h)
    return { bytes: await kept.arrayBuffer(), type: kept.type, w, h, thumb }
  } finally {
    if ('close' in bitmap) bitmap.close()
  }
}

/**
 * Turned as the camera was held. Older engines (Chromium before 112) do not know the word for it and refuse it; most of them turn all the same, and where
 * they do not, an image element does, which only a page has.
 */
async function decodeUpright(picture: Blob): Promise<Upright> {
  try {
    return await createImageBitmap(picture, { imageOrientation: 'from-image' })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
  }
  if (await turnsByItself()) return createImageBitmap(picture)
  if (typeof Image === 'undefined') throw new DOMException('nothing here turns a picture', 'NotSupportedError')
  return decodeByElement(picture)
}

/** Two pixels side by side, marked as lying on their side. */
async function turnsByItself(): Promise<boolean> {
  const canvas = newCanvas(2, 1)
  contextOf(canvas).fillRect(0, 0, 2, 1)
  const jpeg = new Uint8Array(await (await blobOf(canvas, 'image/jpeg', QUALITY)).arrayBuffer())
  const marked = new Blob([jpeg.subarray(0, JPEG_START), EXIF_QUARTER_TURN, jpeg.subarray(JPEG_START)], { type: 'image/jpeg' })
  const bitmap = await createImageBitmap(marked)
  const isTurned = bitmap.height > bitmap.width
  bitmap.close()
  return isTurned
}

const JPEG_START = 2
/** An APP1 segment of 34 bytes: the EXIF head, a big-endian TIFF head, and one entry: orientation (0x0112), one short, 6. */
const EXIF_QUARTER_TURN = Uint8Array.from([
  ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8],
  ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0],
])

async function decodeByElement(picture: Blob): Promise<HTMLImageElement> {
  const address = URL.createObjectURL(picture)
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    return image
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** Of a picture that was fetched. */
export async function drawThumb(picture: Blob): Promise<ArrayBuffer> {
  const bitmap = await createImageBitmap(picture)
  try {
    return await thumbOf(bitmap, bitmap.width, bitmap.height)
  } finally {
    bitmap.close()
  }
}

async function thumbOf(from: ImageBitmap | Canvas, w: number, h: number): Promise<ArrayBuffer> {
  const scale = Math.min(1, THUMB_SIDE / Math.max(w, h))
  const canvas = newCanvas(Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale)))
  contextOf(canvas).drawImage(from, 0, 0, canvas.width, canvas.height)
  return (await encode(canvas, THUMB_QUALITY)).arrayBuffer()
}

/** White on a band that grows darker downwards: readable on any picture. */
function drawStamp(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  { w, h }: { readonly w: number; readonly h: number },
  lines: readonly string[],
): void {
  const size = Math.max(14, Math.round(Math.min(w, h) / 32))
  const line = Math.round(size * 1.5)
  const band = line * lines.length + size
  const shade = context.createLinearGradient(0, h - band - size, 0, h)
  shade.addColorStop(0, 'rgba(0, 0, 0, 0)')
  shade.addColorStop(0.35, 'rgba(0, 0, 0, 0.62)')
  shade.addColorStop(1, 'rgba(0, 0, 0, 0.78)')
  context.fillStyle = shade
  context.fillRect(0, h - band - size, w, band + size)
  context.fillStyle = '#fff'
  context.font = `600 ${String(size)}px "HarmonyOS Sans SC", "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", sans-serif`
  context.textBaseline = 'alphabetic'
  for (const [at, text] of lines.entries()) context.fillText(text, size, h - band + line * (at + 1) - size / 4, w - 2 * size)
}

function newCanvas(w: number, h: number): Canvas {
  if (typeof OffscreenCanvas !== 'undefined') return new OffscreenCanvas(w, h)
  return Object.assign(document.createElement('canvas'), { width: w, height: h })
}

function contextOf(canvas: Canvas): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null
  if (context === null) throw new DOMException('no canvas to draw on', 'NotSupportedError')
  return context
}

/** WebP where the browser writes it; one that cannot answers with another type, and then it is JPEG. */
async function encode(canvas: Canvas, quality: number): Promise<Blob> {
  const asked = await blobOf(canvas, 'image/webp', quality)
  return asked.type === 'image/webp' ? asked : blobOf(canvas, 'image/jpeg', quality)
}

function blobOf(canvas: Canvas, type: string, quality: number): Promise<Blob> {
  if ('convertToBlob' in canvas) return canvas.convertToBlob({ type, quality })
  return new Promise((resolve, reject) =>
    canvas.toBlob(
      (blob) => (blob === null ? reject(new DOMException('not encoded', 'EncodingError')) : resolve(blob)),
      type,
      quality,
    ),
  )
}
