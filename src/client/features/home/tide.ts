/** The rising tide: how many elements were answered by the end of each day, as a smooth line in a box. */

export type TidePoint = { readonly day: number; readonly count: number }

/**
 * Days (their midnights, milliseconds) with the count reached on each; begins with 0 on the day before the first answer and ends
 * on the last day asked for.
 */
export function tideOf(input: {
  readonly times: readonly number[]
  readonly lastDay: number
  dayOf(at: number): number
  dayBefore(day: number): number
}): readonly TidePoint[] {
  if (input.times.length === 0) return []
  const perDay = new Map<number, number>()
  for (const at of input.times) {
    const day = input.dayOf(at)
    perDay.set(day, (perDay.get(day) ?? 0) + 1)
  }
  const days = [...perDay.keys()].sort((a, b) => a - b)
  const [first = input.lastDay] = days
  const points: TidePoint[] = [{ day: input.dayBefore(first), count: 0 }]
  let count = 0
  for (const day of days) {
    count += perDay.get(day) ?? 0
    points.push({ day, count })
  }
  const last = points.at(-1)
  if (last !== undefined && last.day < input.lastDay) points.push({ day: input.lastDay, count })
  return points
}

export type Box = {
  readonly width: number
  readonly height: number
  /** y of "all answered" */ readonly top: number
  /** x of the last day */ readonly right: number
}
export type Spot = { readonly x: number; readonly y: number }

/** `days`: between which the box lies; from the first point to the last where it is left out. */
export function spotsOf(
  points: readonly TidePoint[],
  asked: number,
  box: Box,
  days?: { readonly from: number; readonly to: number },
): readonly Spot[] {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return []
  const { from, to } = days ?? { from: first.day, to: last.day }
  const span = Math.max(1, to - from)
  return points.map(({ day, count }) => ({
    x: Math.min(box.width, Math.max(0, ((day - from) / span) * box.right)),
    y: box.height - (asked === 0 ? 0 : Math.min(1, count / asked)) * (box.height - box.top),
  }))
}

/**
 * A line through the spots that never swings past them (monotone cubic, Fritsch and Carlson 1980, in Steffen's form of the slopes):
 * a curve that falls would say that answers were lost.
 */
export function linePath(spots: readonly Spot[]): string {
  const [start] = spots
  if (start === undefined) return ''
  const slopes = slopesOf(spots)
  let path = `M${round(start.x)} ${round(start.y)}`
  for (let i = 1; i < spots.length; i++) {
    const from = spots[i - 1]
    const to = spots[i]
    if (from === undefined || to === undefined) continue
    const third = (to.x - from.x) / 3
    const out = from.y + third * (slopes[i - 1] ?? 0)
    const into = to.y - third * (slopes[i] ?? 0)
    path += `C${round(from.x + third)} ${round(out)} ${round(to.x - third)} ${round(into)} ${round(to.x)} ${round(to.y)}`
  }
  return path
}

function slopesOf(spots: readonly Spot[]): readonly number[] {
  const steps = spots.slice(1).map((to, i) => {
    const from = spots[i]
    return from === undefined || to.x === from.x ? 0 : (to.y - from.y) / (to.x - from.x)
  })
  return spots.map((_, i) => {
    const before = steps[i - 1]
    const after = steps[i]
    if (before === undefined) return after ?? 0
    if (after === undefined) return before
    if (before * after <= 0) return 0
    return Math.sign(before) * Math.min(Math.abs(before), Math.abs(after))
  })
}

const round = (n: number): number => Math.round(n * 10) / 10
