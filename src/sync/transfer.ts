/**
 * The loop that brings files to the server: one after the other, in pieces, after all values.
 *
 * ```
 *          wake, and nothing of the values waits            no file waits
 *   idle ----------------------------------------> sending ---------------> idle
 *    ^                                               | unreachable, 429, 5xx, no progress
 *    |   timer, wake                                 v
 *    +----------------------------------- offline | waiting     random(0, min(300 s, 2^k s)), Retry-After
 *                                            | 401
 *                                            v
 *                                         signedOut (until told)
 *
 *   one file:  HEAD -> how much of it the server has -> PATCH from there, piece by piece -> complete -> confirmed
 * ```
 * The digest is the address: it continues after any interruption, on any side, also from another tablet, and sends nothing twice that has
 * arrived. What the server refuses for good (another content than its name says, too large) is kept with its reason and sent no more. A
 * file whose bytes are gone or changed on this tablet is said to be damaged and never sent as if it were there.
 */
import type { Clock, Locks, Random } from './ports'

/** Of IndexedDB, and the most that is sent at once. In bytes. */
export const PIECE_BYTES = 256 * 1024
/**
 * A browser whose connection is cut sends the same piece once more by itself, from where it began: what had arrived of it is sent twice. So
 * a network that cuts gets a quarter with each cut, down to this, and after so many that went through twice as much again.
 */
export const PIECE_BYTES_MIN = 32 * 1024
const WHOLE_TO_GROW = 8

export type FileToSend = {
  readonly sha: string
  /** The org unit's code for which it is kept: an upload belongs to one. */
  readonly orgUnit: string
  readonly type: string
  readonly size: number
}

export type TransferAnswer =
  /** `offset`: bytes from the start that the server has. */
  | { readonly kind: 'has'; readonly offset: number; readonly isComplete: boolean }
  /** For good. */
  | { readonly kind: 'refused'; readonly fault: string }
  /** All has arrived, and is something else: the server begins again from nothing. */
  | { readonly kind: 'mismatch' }
  /** Will heal: no network, timeout, 5xx, 429, a server that does not know files yet. */
  | { readonly kind: 'unreachable'; readonly retryAfterMs?: number }
  | { readonly kind: 'signedOut' }

export type TransferNet = {
  head(file: FileToSend): Promise<TransferAnswer>
  patch(file: FileToSend, piece: { readonly offset: number; readonly bytes: ArrayBuffer }): Promise<TransferAnswer>
}

/** Each promise resolves when it is stored, and rejects when nothing of it was. */
export type FileStore = {
  /** The oldest that waits and is not among these. */
  nextFile(without: ReadonlySet<string>): Promise<FileToSend | undefined>
  /** At most `PIECE_BYTES`, from a multiple of it or from within; `undefined`: the bytes are not here. */
  piece(sha: string, offset: number): Promise<ArrayBuffer | undefined>
  /** Whether the bytes that are here still have this digest. */
  isWhole(sha: string): Promise<boolean>
  fileConfirmed(sha: string): Promise<void>
  fileRefused(sha: string, fault: string): Promise<void>
  fileDamaged(sha: string): Promise<void>
}

export type TransferPhase = 'idle' | 'sending' | 'offline' | 'waiting' | 'held' | 'signedOut'

export type TransferEvents = {
  phase(state: { readonly phase: TransferPhase; readonly nextTry?: number | undefined }): void
  /** The server has so much of it. */
  sent(sha: string, offset: number): void
  /** Its place in the store is another one: confirmed, refused, damaged. */
  changed(sha: string): void
  failed(error: unknown): void
}

export type Transfer = {
  /** `now`: a person, `online`, a new sign-in: tries at once. The others do not hurry a back-off. */
  wake(reason: 'stored' | 'poll' | 'now'): void
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>
}

const BACKOFF_MAX_MS = 300_000
const RETRY_AFTER_MAX_MS = 3_600_000
/** While the values go first. */
const VALUES_MS = 2000
/** Bytes that arrive as something else although they are whole here: something in between changes them. */
const MISMATCHES_MAX = 3
/** Answers of one file that bring it no further. */
const IDLE_MAX = 3

type End =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly delayMs: number }
  | { readonly kind: 'held' }
  | { readonly kind: 'failed'; readonly retryAfterMs?: number | undefined }
  | { readonly kind: 'signedOut' }

export function makeTransfer(ports: {
  readonly store: FileStore
  readonly net: TransferNet
  readonly clock: Clock
  readonly random: Random
  readonly locks: Locks
  readonly isOnline: () => boolean
  /** Values wait or are on their way. */
  readonly areValuesWaiting: () => boolean
  /** The user lets files go now: not paused, and not on a network that is paid for by the byte where they do not want it. */
  readonly isAllowed: () => boolean
  /** One for each database. */
  readonly lockName: string
  readonly on: TransferEvents
}): Transfer {
  const { store, net, clock, random, locks, on } = ports
  let failures = 0
  let running: Promise<void> | undefined
  let wanted: 'stored' | 'poll' | 'now' | undefined
  let timer: (() => void) | undefined
  let isSignedOut = false
  let stopped = false
  /** How much is sent at once, and how many of these went through. */
  let atOnceBytes = PIECE_BYTES
  let whole = 0
  /** Something has arrived in this run: a network that cuts is still one, and is tried again soon. */
  let hasMoved = false

  function schedule(delayMs: number): void {
    timer?.()
    timer = clock.after(delayMs, () => {
      timer = undefined
      start()
    })
  }

  function wake(reason: 'stored' | 'poll' | 'now'): void {
    if (stopped || (isSignedOut && reason !== 'now')) return
    isSignedOut = false
    if (!ports.isOnline()) return on.phase({ phase: 'offline' })
    if (running !== undefined) {
      wanted = wanted === 'now' ? wanted : reason
      return
    }
    const backsOff = failures > 0 && timer !== undefined
    if (backsOff && reason !== 'now') return
    if (reason === 'now') failures = 0
    schedule(0)
  }

  function start(): void {
    if (stopped || isSignedOut || running !== undefined) return
    if (!ports.isOnline()) return on.phase({ phase: 'offline' })
    let end: End = { kind: 'done' }
    hasMoved = false
    running = locks
      .alone(ports.lockName, async () => {
        end = await sendAll()
      })
      .catch((error: unknown) => {
        on.failed(error)
        end = { kind: 'failed' }
      })
      .then(() => {
        running = undefined
        finish(end)
      })
  }

  function finish(end: End): void {
    const again = wanted
    wanted = undefined
    if (stopped) return
    switch (end.kind) {
      case 'done':
        failures = 0
        on.phase({ phase: 'idle' })
        break
      case 'later':
        schedule(end.delayMs)
        on.phase({ phase: 'waiting' })
        break
      case 'held':
        on.phase({ phase: 'held' })
        break
      case 'signedOut':
        isSignedOut = true
        on.phase({ phase: 'signedOut' })
        break
      case 'failed': {
        failures = hasMoved ? 1 : failures + 1
        const asked = Math.min(end.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS)
        const delayMs = Math.max(random.next() * Math.min(BACKOFF_MAX_MS, 1000 * 2 ** failures), asked)
        schedule(delayMs)
        on.phase({ phase: ports.isOnline() ? 'waiting' : 'offline', nextTry: clock.now() + delayMs })
      }
    }
    if (again !== undefined) wake(again)
  }

  /** Files that were left aside in this run: each failed in a way of its own, and the others go on. */
  async function sendAll(): Promise<End> {
    const aside = new Set<string>()
    let failure: End | undefined
    while (!stopped) {
      const file = await store.nextFile(aside)
      if (file === undefined) return failure ?? { kind: 'done' }
      if (!ports.isAllowed()) return { kind: 'held' }
      if (ports.areValuesWaiting()) return { kind: 'later', delayMs: VALUES_MS }
      on.phase({ phase: 'sending' })
      const end = await sendOne(file)
      if (end === 'over') continue
      if (end === 'aside') {
        aside.add(file.sha)
        failure = { kind: 'failed' }
        continue
      }
      return end
    }
    return { kind: 'done' }
  }

  /** `over`: it has another place in the store now. `aside`: this one goes no further for the time being. */
  async function sendOne(file: FileToSend): Promise<End | 'over' | 'aside'> {
    const { sha } = file
    let answer = await net.head(file)
    let mismatches = 0
    let idle = 0
    let reached = -1
    while (!stopped) {
      switch (answer.kind) {
        case 'unreachable':
          return { kind: 'failed', retryAfterMs: answer.retryAfterMs }
        case 'signedOut':
          return { kind: 'signedOut' }
        case 'refused':
          await store.fileRefused(sha, answer.fault)
          on.changed(sha)
          return 'over'
        case 'mismatch':
          if (!(await store.isWhole(sha))) return damaged(sha)
          mismatches += 1
          if (mismatches >= MISMATCHES_MAX) return 'aside'
          reached = -1
          answer = await net.head(file)
          continue
        case 'has':
      }
      on.sent(sha, answer.offset)
      if (answer.isComplete) {
        hasMoved = true
        await store.fileConfirmed(sha)
        on.changed(sha)
        return 'over'
      }
      if (reached >= 0 && answer.offset > reached) hasMoved = true
      idle = answer.offset > reached ? 0 : idle + 1
      reached = Math.max(reached, answer.offset)
      if (idle >= IDLE_MAX) return 'aside'
      // All of it has arrived, and the server was ended before it looked at it: an empty piece asks it to.
      const { offset } = answer
      const piece = offset >= file.size ? new ArrayBuffer(0) : await store.piece(sha, offset)
      if (piece === undefined || (piece.byteLength === 0 && offset < file.size)) return damaged(sha)
      // Asked behind the reading, so that nothing comes between. What was typed meanwhile goes first; the file continues where it is.
      if (!ports.isAllowed()) return { kind: 'held' }
      if (ports.areValuesWaiting()) return { kind: 'later', delayMs: VALUES_MS }
      const bytes = piece.byteLength > atOnceBytes ? piece.slice(0, atOnceBytes) : piece
      answer = await net.patch(file, { offset, bytes })
      learn(answer, offset + bytes.byteLength)
    }
    return { kind: 'done' }
  }

  function learn(answer: TransferAnswer, end: number): void {
    const isCut = answer.kind === 'unreachable' || (answer.kind === 'has' && answer.offset < end)
    whole = isCut ? 0 : whole + 1
    if (isCut) atOnceBytes = Math.max(PIECE_BYTES_MIN, atOnceBytes / 4)
    else if (whole % WHOLE_TO_GROW === 0) atOnceBytes = Math.min(PIECE_BYTES, atOnceBytes * 2)
  }

  async function damaged(sha: string): Promise<'over'> {
    await store.fileDamaged(sha)
    on.changed(sha)
    return 'over'
  }

  return {
    wake,
    async stop() {
      stopped = true
      timer?.()
      timer = undefined
      await running
    },
  }
}
