/** The findings of org units, out of the ledger's cells as they are now. What a tablet of another version wrote and nobody understands is left out. */
import type { Kysely } from 'kysely'
import { isFindingState, parseFindingAbout } from '#domain/finding'
import type { FindingRow } from '#domain/finding-row'
import { findingOwner, itemOwner, orgUnitOf, parseKey, streamOf, type Cell, type FindingField, type Json } from '#sync/protocol'
import { stateOf } from '#sync/rights'
import { byStream, cellsBetween, STREAMS_AT_ONCE, type StoredKey } from './store/cell-ranges'
import { textToHeads } from './store/stored-cell'
import type { Tables } from './store/tables'

type Heads = Cell['heads']
type Found = Partial<Record<FindingField, Heads>>

export async function listFindings(
  db: Kysely<Tables>,
  question: { readonly orgUnits: readonly string[]; readonly period: string },
): Promise<readonly FindingRow[]> {
  const rows: FindingRow[] = []
  for (let from = 0; from < question.orgUnits.length; from += STREAMS_AT_ONCE) {
    const streams = await db
      .selectFrom('stream')
      .select(['id', 'name'])
      .where('name', 'in', question.orgUnits.slice(from, from + STREAMS_AT_ONCE).map(streamOf))
      .execute()
    if (streams.length === 0) continue
    const ids = streams.map(({ id }) => id)
    const cells = byStream(await cellsBetween(db, ids, ['f/', 'f0']))
    // Not those of values, which are many.
    const files = byStream([
      ...(await cellsBetween(db, ids, ['a/f/', 'a/f0'])),
      ...(await cellsBetween(db, ids, ['a/i/', 'a/i0'])),
    ])
    for (const { id, name } of streams) {
      const orgUnit = orgUnitOf(name)
      if (orgUnit === undefined) continue
      const counts = countPhotos(files.get(id) ?? [])
      for (const [finding, found] of findingsOf(cells.get(id) ?? [])) {
        const row = toRow({ finding, orgUnit, found, counts })
        if (row?.period === question.period) rows.push(row)
      }
    }
  }
  return rows
}

function findingsOf(cells: readonly StoredKey[]): ReadonlyMap<string, Found> {
  const findings = new Map<string, Found>()
  for (const { key, heads } of cells) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'finding') continue
    const found = findings.get(parsed.id) ?? {}
    found[parsed.field] = textToHeads(heads)
    findings.set(parsed.id, found)
  }
  return findings
}

/** How many files belong to an owner; what was taken away does not count. */
function countPhotos(files: readonly StoredKey[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { key, heads } of files) {
    const parsed = parseKey(key)
    if (parsed.kind !== 'file' || valueOf(textToHeads(heads)) === null) continue
    counts.set(parsed.owner, (counts.get(parsed.owner) ?? 0) + 1)
  }
  return counts
}

function toRow(of: {
  readonly finding: string
  readonly orgUnit: string
  readonly found: Found
  readonly counts: ReadonlyMap<string, number>
}): FindingRow | undefined {
  const { finding, orgUnit, found, counts } = of
  const stated = stateOf(found.state)
  const about = parseFindingAbout(valueOf(found.about))
  const last = found.state?.at(-1)?.from.at(-1)
  if (stated === undefined || about === undefined || last === undefined || !isFindingState(stated.state)) return undefined
  const text = (field: FindingField): string => {
    const value = valueOf(found[field])
    return typeof value === 'string' ? value : ''
  }
  const photosOf = (owner: string): number => counts.get(owner) ?? 0
  return {
    id: finding,
    orgUnit,
    of: finding.startsWith('v-') ? 'visit' : 'self',
    inspection: about.inspection,
    item: about.item,
    period: about.period,
    what: text('what'),
    ...(text('due') === '' ? {} : { due: text('due') }),
    who: text('who'),
    answer: text('answer'),
    state: stated.state,
    ...(stated.why === undefined ? {} : { why: stated.why }),
    by: last.by,
    at: last.at,
    photos: {
      found: photosOf(itemOwner(about.inspection, about.item)) + photosOf(findingOwner(finding, 'found')),
      answer: photosOf(findingOwner(finding, 'answer')),
    },
  }
}

const valueOf = (heads: Heads | undefined): Json | undefined => heads?.at(-1)?.value
