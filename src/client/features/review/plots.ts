/** Numbers of many schools as drawings: a strip of ticks, and bars of how many lie where. Pure geometry, in units of its view box. */

export type Strip = { readonly ticks: readonly number[]; readonly own: number | undefined; readonly target: number | undefined }

export type Plotted = {
  /** Ascending. */
  readonly values: readonly number[]
  readonly own: number | null
  readonly target: number | null
}

/** A school far from all others would press these together: beyond this share of the middle half's width, it stands at the edge. */
const FAR = 3

/** `width` of the drawing, `edge` free on both sides. `undefined`: nobody to compare with. */
export function stripOf({ values, own, target }: Plotted, { width, edge }: { readonly width: number; readonly edge: number }) {
  if (values.length === 0) return undefined
  const range = rangeOf({ values, own, target })
  const at = (value: number): number => round(edge + shareOf(value, range) * (width - 2 * edge))
  const strip: Strip = {
    ticks: values.map(at),
    own: own === null ? undefined : at(own),
    target: target === null ? undefined : at(target),
  }
  return strip
}

export type Histogram = {
  /** `from` and `to`: where the bar begins and ends, as shares of the width; `height`: a share of the tallest. */
  readonly bars: readonly {
    readonly from: number
    readonly to: number
    /** The least number that counts to it. */
    readonly least: number
    readonly height: number
    readonly n: number
    readonly isOwn: boolean
  }[]
  readonly own: number | undefined
  readonly target: number | undefined
  readonly ticks: readonly { readonly at: number; readonly value: number }[]
}

const BARS_MAX = 12

export function histogramOf(plotted: Plotted): Histogram | undefined {
  const { values, own, target } = plotted
  if (values.length === 0) return undefined
  const { low, high } = rangeOf(plotted)
  const step = niceStep((high - low) / BARS_MAX)
  const first = Math.floor(low / step) * step
  const count = Math.max(1, Math.floor((high - first) / step + 1e-9) + 1)
  const place = (value: number): number => Math.min(count - 1, Math.max(0, Math.floor((value - first) / step + 1e-9)))
  const counts = Array.from({ length: count }, () => 0)
  for (const value of values) counts[place(value)] = (counts[place(value)] ?? 0) + 1
  const tallest = Math.max(...counts)
  const range = { low: first, high: first + count * step }
  const every = Math.ceil(count / 6)
  return {
    bars: counts.map((n, at) => ({
      ...{ from: at / count, to: (at + 1) / count, least: round(first + at * step, 10), height: n / tallest, n },
      isOwn: own !== null && place(own) === at,
    })),
    own: own === null ? undefined : shareOf(own, range),
    target: target === null ? undefined : shareOf(target, range),
    ticks: Array.from({ length: count + 1 }, (_, at) => ({ at: at / count, value: round(first + at * step, 10) })).filter(
      (_, at) => at % every === 0,
    ),
  }
}

type Range = { readonly low: number; readonly high: number }

/** What is drawn: all of them, but for what lies too far out; one's own and the target always. */
function rangeOf({ values, own, target }: Plotted): Range {
  const quarter = values[Math.floor((values.length - 1) / 4)] ?? 0
  const threeQuarters = values[Math.ceil(((values.length - 1) * 3) / 4)] ?? 0
  const far = FAR * (threeQuarters - quarter)
  const near = values.filter((value) => value >= quarter - far && value <= threeQuarters + far)
  const shown = [...(far > 0 ? near : values), ...(own === null ? [] : [own]), ...(target === null ? [] : [target])]
  const [low, high] = [Math.min(...shown), Math.max(...shown)]
  // All equal: one place, in the middle.
  return low === high ? { low: low - 1, high: high + 1 } : { low, high }
}

function shareOf(value: number, { low, high }: Range): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)))
}

/** 1, 2 or 5 of a power of ten, not below. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const found = [1, 2, 5].find((each) => each * power >= step * 0.999)
  return (found ?? 10) * power
}

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))
