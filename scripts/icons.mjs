/**
 * Makes the icon font of the interface from its drawings: `npm run icons`.
 *
 * ```
 * src/client/ui/icons/icons.svg ──> icons.otf      one glyph a drawing, strokes as outlines
 *                           └──> glyphs.ts      name -> character
 * ```
 * A glyph is drawn as text: the browser keeps neither a tree nor a layer for it, which for the three icons of each of a hundred rows is
 * a third of the time that a key press takes to be painted. Both files are committed; a test says when they are not those of the drawings.
 *
 * Drawings: symbols of 24 x 24 with path, circle and rect; `fill` or `stroke` in currentColor; `stroke="cut"` takes its line out of
 * what was drawn before.
 */
import { writeFileSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import initCanvasKit from 'canvaskit-wasm'
import { JSDOM } from 'jsdom'
import opentype from 'opentype.js'

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), '..', 'src', 'client', 'ui', 'icons')
/** First character of the private use area: no text has them. */
const FIRST = 0xe000
const BOX = 24
const UNITS = 960
const DESCENT = 192
const SHAPES = new Set(['path', 'circle', 'rect'])

export async function makeIcons(drawings) {
  const kit = await initCanvasKit()
  const document = new JSDOM(drawings, { contentType: 'image/svg+xml' }).window.document
  const symbols = [...document.querySelectorAll('symbol')].sort((one, other) => (one.id < other.id ? -1 : 1))
  const glyphs = symbols.map((symbol, at) => {
    const glyph = new opentype.Glyph({
      name: symbol.id,
      unicode: FIRST + at,
      advanceWidth: UNITS,
      path: toGlyphPath(outlineOf(kit, symbol)),
    })
    return glyph
  })
  const font = new opentype.Font({
    familyName: 'Youxue Icons',
    styleName: 'Regular',
    unitsPerEm: UNITS,
    ascender: UNITS - DESCENT,
    descender: -DESCENT,
    glyphs: [new opentype.Glyph({ name: '.notdef', advanceWidth: UNITS, path: new opentype.Path() }), ...glyphs],
  })
  const names = symbols.map(({ id }, at) => `  ${/^[a-z]+$/.test(id) ? id : `'${id}'`}: '\\u${(FIRST + at).toString(16)}',`)
  return {
    'icons.otf': withoutTime(Buffer.from(font.toArrayBuffer())),
    'glyphs.ts': Buffer.from(
      `/** Made by \`npm run icons\` from icons.svg. */\nexport const GLYPHS: Readonly<Record<string, string>> = {\n${names.join('\n')}\n}\n`,
    ),
  }
}

/** The same drawings make the same file: the head's times, and its sum over the file, are zero. */
function withoutTime(file) {
  for (let table = 0; table < file.readUInt16BE(4); table++) {
    const entry = 12 + 16 * table
    if (file.toString('latin1', entry, entry + 4) !== 'head') continue
    const head = file.readUInt32BE(entry + 8)
    file.fill(0, entry + 4, entry + 8)
    file.fill(0, head + 8, head + 12)
    file.fill(0, head + 20, head + 36)
  }
  return file
}

/** All that the drawing paints, as one filled path. */
function outlineOf(kit, symbol) {
  let whole = new kit.Path()
  // Asked for by their names they would come by name, not in the order in which they are painted.
  for (const shape of symbol.querySelectorAll('*')) {
    if (!SHAPES.has(shape.tagName)) continue
    const path = pathOf(kit, shape)
    if (inherited(shape, 'fill') !== 'none' && inherited(shape, 'fill') !== undefined)
      whole = joined(kit, whole, path, kit.PathOp.Union)
    const stroke = inherited(shape, 'stroke')
    if (stroke === undefined || stroke === 'none') continue
    whole = joined(kit, whole, strokeOf(kit, shape, path), stroke === 'cut' ? kit.PathOp.Difference : kit.PathOp.Union)
  }
  return whole
}

function joined(kit, one, other, operation) {
  const path = kit.Path.MakeFromOp(one, other, operation)
  if (path === null) throw new Error('two outlines could not be joined')
  return path
}

function pathOf(kit, shape) {
  const number = (name) => Number(shape.getAttribute(name) ?? 0)
  if (shape.tagName === 'path') {
    const path = kit.Path.MakeFromSVGString(shape.getAttribute('d'))
    if (path === null) throw new Error(`not a path: ${shape.getAttribute('d')}`)
    return path
  }
  const builder = new kit.PathBuilder()
  if (shape.tagName === 'circle') builder.addCircle(number('cx'), number('cy'), number('r'))
  else {
    const [x, y] = [number('x'), number('y')]
    builder.addRRect(kit.RRectXY([x, y, x + number('width'), y + number('height')], number('rx'), number('rx')))
  }
  return builder.detach()
}

function strokeOf(kit, shape, path) {
  const dashes = inherited(shape, 'stroke-dasharray')?.split(' ').map(Number)
  const line = dashes === undefined ? path : path.makeDashed(dashes[0], dashes[1], 0)
  const stroke = line.makeStroked({
    width: Number(inherited(shape, 'stroke-width') ?? 1),
    cap: inherited(shape, 'stroke-linecap') === 'round' ? kit.StrokeCap.Round : kit.StrokeCap.Butt,
    join: inherited(shape, 'stroke-linejoin') === 'round' ? kit.StrokeJoin.Round : kit.StrokeJoin.Miter,
    precision: 1,
  })
  if (stroke === null) throw new Error('a line has no outline')
  return stroke
}

function inherited(shape, name) {
  return shape.getAttribute(name) ?? shape.closest(`[${name}]`)?.getAttribute(name) ?? undefined
}

/** The drawing's y grows downwards, the font's upwards from the base line. */
function toGlyphPath(outline) {
  const path = new opentype.Path()
  const place = ([x, y]) => [Math.round((x * UNITS) / BOX), Math.round(UNITS - DESCENT - (y * UNITS) / BOX)]
  const contours = contoursOf(outline.toSVGString())
  for (const contour of contours) {
    const depth = contours.filter((other) => other !== contour && isInside(contour[0].at(-1), other)).length
    // A font fills what is wound around, so a hole must turn the other way.
    const turned = areaOf(contour) > 0 === (depth % 2 === 0) ? contour : reversed(contour)
    path.moveTo(...place(turned.at(-1).at(-1)))
    for (const points of turned) {
      if (points.length === 1) path.lineTo(...place(points[0]))
      else if (points.length === 2) path.quadTo(...points.flatMap(place))
      else path.curveTo(...points.flatMap(place))
    }
    path.close()
  }
  return path
}

/** Closed contours; each segment as its control points and its end: one point a line, two a quadratic, three a cubic curve. */
function contoursOf(text) {
  const contours = []
  for (const [, letter, rest] of text.matchAll(/([MLQCZ])([^MLQCZ]*)/g)) {
    const numbers = (rest.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number)
    const points = numbers.flatMap((x, at) => (at % 2 === 0 ? [[x, numbers[at + 1]]] : []))
    if (letter === 'M') contours.push([points])
    else if (letter !== 'Z') contours.at(-1).push(points)
  }
  // Where it began is where it ends: the closing line takes the place of the first point.
  return contours.map(([start, ...segments]) => {
    const [x, y] = start[0]
    const [endX, endY] = segments.at(-1).at(-1)
    return x === endX && y === endY ? segments : [...segments, start]
  })
}

function reversed(contour) {
  return contour.map((points, at) => [...points.slice(0, -1).reverse(), contour.at(at - 1).at(-1)]).reverse()
}

/** By its corners and control points, which is near enough for drawings that do not touch themselves. Positive: turns clockwise on the screen. */
function areaOf(contour) {
  const points = contour.flat()
  return points.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = points[(at + 1) % points.length]
    return sum + (x * nextY - nextX * y) / 2
  }, 0)
}

function isInside([x, y], contour) {
  const points = contour.flat()
  return (
    points.filter(([x1, y1], at) => {
      const [x2, y2] = points[(at + 1) % points.length]
      return y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)
    }).length %
      2 ===
    1
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = await makeIcons(readFileSync(join(FOLDER, 'icons.svg'), 'utf8'))
  for (const [name, bytes] of Object.entries(made)) {
    writeFileSync(join(FOLDER, name), bytes)
    console.log(`${name}: ${bytes.length} bytes`)
  }
}
