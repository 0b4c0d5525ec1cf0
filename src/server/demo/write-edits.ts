/**
 * Brings made edits in as tablets would: each person's own, in turns, judged by the same rights and the same steps, and each file before
 * the cell that names it. Where an earlier start was cut off in between, it goes on behind what is there.
 */
import { Readable } from 'node:stream'
import type { Person } from '#domain/person'
import { headIds } from '#sync/cell'
import { exchange } from '#sync/exchange'
import { EMPTY_CHAIN } from '#sync/hash'
import { isRejected, streamOf, type Id, type Mutation } from '#sync/protocol'
import { openUploads } from '../files/uploads'
import type { OpenServer } from '../open-server'
import { rightTo } from '../right-to-stream'
import type { MadeAuthor, MadeEdit } from './made-inspections'

/** Thirteen letters, as every device has. */
const DEVICES: Readonly<Record<MadeAuthor, string>> = {
  inspector: 'demoinspector',
  school: 'demoprincipal',
  bureau: 'demoreviewing',
}

/** From the last of a turn's edits to the server. */
const ON_ITS_WAY_MS = 2000

export async function writeEdits(order: {
  readonly server: OpenServer
  readonly orgUnit: string
  /** In the order in which they happened. */
  readonly edits: readonly MadeEdit[]
  readonly people: Readonly<Record<MadeAuthor, Person>>
}): Promise<void> {
  const { server, orgUnit, edits, people } = order
  await bringFiles(order)
  const written: Record<MadeAuthor, number> = { inspector: 0, school: 0, bureau: 0 }
  // What was imported before is replaced by whoever has seen it.
  const keys = [...new Set(edits.map(({ key }) => key))]
  const imported = await server.ledger.read(streamOf(orgUnit), (tx) => tx.cells(keys))
  const heads = new Map<string, readonly Id[]>([...imported].map(([key, cell]) => [key, headIds(cell.heads)]))
  for (const turn of turnsOf(edits)) {
    const [{ by } = { by: 'inspector' as const }] = turn
    const mutations = turn.map(({ kind, key, value, at }): Mutation => {
      const n = ++written[by]
      const base = [...(heads.get(key) ?? [])]
      heads.set(key, [`${DEVICES[by]}:${String(n)}`])
      return { n, kind, key, value, base, at, pv: server.plan.plan.document.version }
    })
    const received = Math.min(server.now(), (turn.at(-1)?.at ?? 0) + ON_ITS_WAY_MS)
    await writeTurn({ server, orgUnit, person: people[by], device: DEVICES[by], mutations, received })
  }
}

async function writeTurn(turn: {
  readonly server: OpenServer
  readonly orgUnit: string
  readonly person: Person
  readonly device: string
  readonly mutations: readonly Mutation[]
  readonly received: number
}): Promise<void> {
  const { server, orgUnit, person, device, received } = turn
  const { ledger } = server
  const stream = streamOf(orgUnit)
  const peer = (await ledger.read(stream, (tx) => tx.peer(device))) ?? { last: 0, chain: EMPTY_CHAIN }
  const mutations = turn.mutations.filter(({ n }) => n > peer.last)
  if (mutations.length === 0) return
  const { right, ...rules } = await rightTo(server, { person, isDisabled: false }, stream, mutations)
  const answer = await exchange({
    ledger,
    ask: {
      stream,
      device,
      // It keeps no rows, so it wants none back.
      cursor: Number.MAX_SAFE_INTEGER,
      acked: peer.last,
      chain: peer.chain,
      floor: peer.last + 1,
      floorChain: peer.chain,
      mutations,
    },
    person,
    right,
    ...rules,
    now: received,
    skew: 0,
  })
  if (!('verdicts' in answer)) throw new Error(`made edits were not taken: ${JSON.stringify(answer)}`)
  const rejected = answer.verdicts.find(([, , verdict]) => isRejected(verdict))
  if (rejected !== undefined || answer.verdicts.length !== mutations.length) {
    const refused = mutations.find(({ n }) => n === rejected?.[0])
    throw new Error(`a made edit was refused: ${JSON.stringify([rejected, refused])}`)
  }
}

/** Edits of one person that follow one another. */
function turnsOf(edits: readonly MadeEdit[]): readonly (readonly MadeEdit[])[] {
  const turns: MadeEdit[][] = []
  for (const edit of edits) {
    const last = turns.at(-1)
    if (last?.[0]?.by === edit.by) last.push(edit)
    else turns.push([edit])
  }
  return turns
}

async function bringFiles({ server, orgUnit, edits, people }: Parameters<typeof writeEdits>[0]): Promise<void> {
  const report = (error: unknown) => {
    throw error
  }
  const uploads = openUploads({ ...server, report })
  for (const { by, file } of edits) {
    if (file === undefined) continue
    const { sha256, bytes, type } = file
    const piece = { offset: 0, length: bytes.length, type, body: Readable.from([bytes]), by: people[by].username }
    const brought = await uploads.append({ orgUnit, sha256 }, piece)
    if (!brought.ok || !brought.value.isComplete) throw new Error(`a made photo was refused: ${JSON.stringify(brought)}`)
  }
  await uploads.close()
}
