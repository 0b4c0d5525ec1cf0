/**
 * Unsent work as a file, for a tablet that never gets through: another tablet or the bureau hands it in (`POST /api/deposits`).
 *
 * ```
 *   file     { kind, v, content, digest, seal? }        digest: of the text `content`; finds damage
 *   content  { author, tablet, made, skew?, app, asks } one text, so that nobody has to agree on how JSON is written
 *   seal     { key, mac }                               by the key that the server gave the author's tablet; finds forgery
 * ```
 * The asks are those of an exchange, without a cursor: whoever hands the file in reads nothing by it. Each has the floor of its first
 * mutation, so that also a server that was restored, and lacks what came before, takes them. The server logs them as the author's under
 * their own device and numbers; so the tablet, once it gets through, finds them taken with the same verdicts, and a file handed in twice
 * changes nothing.
 */
import * as v from 'valibot'
import { isPlainText } from '#domain/text'
import { EMPTY_CHAIN, hash } from './hash'
import { isWaiting, mutationOf } from './outbox'
import type { OwnRow, StreamState } from './ports'
import { askSchema, deviceSchema, isMutation, MUTATIONS_MAX, type Ask, type Mutation } from './protocol'

export const DEPOSIT_KIND = 'youxue.unsent'
export const DEPOSIT_VERSION = 1
/** About forty thousand values. The server reads a file as a whole: raising it costs that much memory for each that is handed in. */
export const DEPOSIT_BYTES_MAX = 16 * 1024 * 1024
/** As many streams and pages of a stream as a reviewer's tablet may hold. */
export const DEPOSIT_ASKS_MAX = 2000

const name = v.pipe(v.string(), v.check(isPlainText), v.maxLength(100))
const finite = v.pipe(v.number(), v.finite())

const depositSchema = v.object({
  author: v.object({ username: name, name }),
  /** The author's on that tablet, for good. */
  tablet: deviceSchema,
  /** The tablet's clock, milliseconds since 1970. */
  made: finite,
  /** Server minus tablet, milliseconds, as the tablet last measured it; for people. */
  skew: v.optional(finite),
  /** Version of the app. */
  app: v.pipe(v.string(), v.maxLength(40)),
  asks: v.pipe(v.array(askSchema), v.maxLength(DEPOSIT_ASKS_MAX)),
})
export type Deposit = v.InferOutput<typeof depositSchema>

export const depositFileSchema = v.object({
  kind: v.literal(DEPOSIT_KIND),
  v: v.number(),
  content: v.pipe(v.string(), v.maxLength(DEPOSIT_BYTES_MAX)),
  digest: v.pipe(v.string(), v.maxLength(16)),
  seal: v.optional(v.object({ key: v.pipe(v.string(), v.maxLength(100)), mac: v.pipe(v.string(), v.maxLength(100)) })),
})
export type DepositFile = v.InferOutput<typeof depositFileSchema>

/** What of these streams waits, as asks that anybody can hand in. */
export function asksToDeposit(states: readonly StreamState[]): readonly Ask[] {
  return states.flatMap(({ counter, view, own }) => {
    const waiting = own.filter(isWaiting)
    const [first] = waiting
    if (first === undefined) return []
    const floorChain = chainBefore(first.n, { view, own })
    const asks: Ask[] = []
    for (let at = 0; at < waiting.length; at += MUTATIONS_MAX) {
      asks.push({
        stream: view.stream,
        device: counter.device,
        cursor: 0,
        acked: 0,
        chain: EMPTY_CHAIN,
        floor: first.n,
        floorChain,
        mutations: waiting.slice(at, at + MUTATIONS_MAX).map(readable),
      })
    }
    return asks
  })
}

/** One that no server can read would take the whole file with it: it goes as its text, as the tablet itself would send it in the end. */
function readable(row: OwnRow): Mutation {
  const mutation = mutationOf(row)
  return isMutation(mutation) ? mutation : mutationOf({ ...row, raw: true })
}

function chainBefore(n: number, { view, own }: Pick<StreamState, 'view' | 'own'>): string {
  if (n === view.acked + 1) return view.ackedChain
  if (n === view.floor) return view.floorChain
  return own.find((row) => row.n === n - 1)?.chain ?? EMPTY_CHAIN
}

export function depositFile(deposit: Deposit): DepositFile {
  const content = JSON.stringify(deposit)
  return { kind: DEPOSIT_KIND, v: DEPOSIT_VERSION, content, digest: hash(content) }
}

/** The text that a seal covers. */
export const sealedText = ({ v: version, content }: Pick<DepositFile, 'v' | 'content'>): string =>
  `${DEPOSIT_KIND} ${String(version)}\n${content}`

export type ReadDeposit =
  | { readonly kind: 'read'; readonly file: DepositFile; readonly deposit: Deposit }
  /** It is something else, or of a version that we do not know. */
  | { readonly kind: 'foreign' }
  /** It was ours, and has changed on its way. */
  | { readonly kind: 'damaged' }

/** Of whatever a person has chosen as the file. */
export function readDeposit(text: string): ReadDeposit {
  const file = v.safeParse(depositFileSchema, parsed(text))
  if (file.success) return readDepositFile(file.output)
  return { kind: text.includes(`"${DEPOSIT_KIND}"`) ? 'damaged' : 'foreign' }
}

export function readDepositFile(file: DepositFile): ReadDeposit {
  if (file.v !== DEPOSIT_VERSION) return { kind: 'foreign' }
  if (hash(file.content) !== file.digest) return { kind: 'damaged' }
  const deposit = v.safeParse(depositSchema, parsed(file.content))
  return deposit.success ? { kind: 'read', file, deposit: deposit.output } : { kind: 'damaged' }
}

export const valuesIn = ({ asks }: Pick<Deposit, 'asks'>): number =>
  asks.reduce((sum, { mutations }) => sum + mutations.length, 0)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
