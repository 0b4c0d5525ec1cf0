/**
 * Pictures for a district that does not exist: a room, drawn, with a thing in it that is wanting (leaning, ringed in red) or put right
 * (upright, ringed in green). No photo of a real place lies in the project.
 */
import { crc32, deflateSync } from 'node:zlib'

export type Drawing = {
  /** What the room looks like: 0 <= each < 1. */
  readonly hue: number
  readonly place: number
  readonly isPutRight: boolean
}

export const PICTURE = { type: 'image/png', w: 800, h: 600 } as const

type Color = readonly [red: number, green: number, blue: number]

const FLOOR: Color = [164, 148, 128]
const SKIRTING: Color = [110, 100, 90]
const DOOR: Color = [150, 108, 72]
const PANE: Color = [196, 220, 232]
const FRAME: Color = [240, 240, 236]
const THING: Color = [196, 60, 48]
const METAL: Color = [60, 64, 70]
const WANTING: Color = [214, 32, 32]
const RIGHT: Color = [36, 150, 72]

export function drawPicture({ hue, place, isPutRight }: Drawing): Buffer {
  const { w, h } = PICTURE
  const wall: Color = [200 + 30 * hue, 205 + 20 * (1 - hue), 190 + 30 * hue]
  const ground = h * 0.72
  const middle = w * (0.42 + 0.3 * place)
  const lean = isPutRight ? 0 : 0.35
  const canvas = blank(w, h)
  canvas.box({ x: 0, y: 0, w, h: ground }, wall)
  canvas.box({ x: 0, y: ground, w, h: h - ground }, FLOOR)
  canvas.box({ x: 0, y: ground - 10, w, h: 10 }, SKIRTING)
  canvas.box({ x: w * 0.06, y: h * 0.2, w: w * 0.18, h: ground - h * 0.2 }, DOOR)
  canvas.ring({ x: w * 0.22, y: h * 0.47, r: 6, width: 6 }, METAL)
  canvas.box({ x: w * 0.76, y: h * 0.12, w: w * 0.2, h: h * 0.28 }, FRAME)
  canvas.box({ x: w * 0.775, y: h * 0.14, w: w * 0.17, h: h * 0.24 }, PANE)
  canvas.box({ x: middle - w * 0.01, y: h * 0.41, w: w * 0.03, h: h * 0.35, lean }, METAL)
  canvas.box({ x: middle - w * 0.035, y: h * 0.46, w: w * 0.08, h: h * 0.3, lean }, THING)
  canvas.ring({ x: middle + lean * h * 0.15, y: h * 0.58, r: h * 0.22, width: 6 }, isPutRight ? RIGHT : WANTING)
  return canvas.toPng()
}

/** What is drawn later lies over what was there. */
function blank(width: number, height: number) {
  // Before each row stands its filter: 0, none.
  const stride = 1 + width * 3
  const rows = Buffer.alloc(stride * height)

  function line({ y, from, to }: { y: number; from: number; to: number }, [red, green, blue]: Color): void {
    const start = y * stride + 1
    for (let x = Math.max(0, Math.round(from)); x < Math.min(width, Math.round(to)); x++) {
      rows[start + x * 3] = red
      rows[start + x * 3 + 1] = green
      rows[start + x * 3 + 2] = blue
    }
  }

  return {
    /** `lean`: how far it is off to the right, for each pixel of height above its lower edge. */
    box({ x, y, w, h, lean = 0 }: { x: number; y: number; w: number; h: number; lean?: number }, color: Color): void {
      for (let at = Math.round(y); at < Math.min(height, Math.round(y + h)); at++) {
        const left = x + lean * (y + h - at)
        line({ y: at, from: left, to: left + w }, color)
      }
    },
    ring({ x, y, r, width: thick }: { x: number; y: number; r: number; width: number }, color: Color): void {
      for (let at = Math.max(0, Math.ceil(y - r)); at < Math.min(height, y + r); at++) {
        const outer = Math.sqrt(Math.max(0, r ** 2 - (at - y) ** 2))
        const inner = Math.sqrt(Math.max(0, (r - thick) ** 2 - (at - y) ** 2))
        line({ y: at, from: x - outer, to: x - inner }, color)
        line({ y: at, from: x + inner, to: x + outer }, color)
      }
    },
    /** True colour, eight bits. */
    toPng(): Buffer {
      const head = Buffer.alloc(13)
      head.writeUInt32BE(width, 0)
      head.writeUInt32BE(height, 4)
      head.set([8, 2, 0, 0, 0], 8)
      const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
      return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
    },
  }
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, sum])
}
