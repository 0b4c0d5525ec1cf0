/** Long tables are read in pages of this many rows: one screen's scrolling, and quick to draw on an old machine. */
export const PAGE_SIZE = 50

export function rowsOnPage<T>(rows: readonly T[], page: number): readonly T[] {
  return rows.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE)
}
