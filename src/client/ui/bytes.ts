/** Sizes in words, in decimal units, as the tablet's own settings count. */
const UNITS = ['kB', 'MB', 'GB', 'TB'] as const

export function bytesWords(bytes: number): { readonly figure: string; readonly unit: string } {
  let size = bytes / 1000
  let unit: string = UNITS[0]
  for (const next of UNITS.slice(1)) {
    if (size < 1000) break
    size /= 1000
    unit = next
  }
  return { figure: size < 10 && unit !== 'kB' ? size.toFixed(1) : String(Math.round(size)), unit }
}

export function bytesText(bytes: number): string {
  const { figure, unit } = bytesWords(bytes)
  return `${figure} ${unit}`
}
