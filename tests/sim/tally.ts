/** What a run has met: a kind of fault, a mark of the protocol or a fault point that was never met has not been tested. */
export type Counts = Record<string, number>

export type Tally = {
  seeds: number
  steps: number
  readonly faults: Counts
  /** Each port call, before and after: passed, killed there, without power there. */
  readonly points: Counts
  /** What the protocol did. */
  readonly marks: Counts
  /** How often each invariant was checked. */
  readonly checks: Counts
  /** Abstract states of a tablet, and the ways from one to another. */
  readonly states: Set<string>
  readonly ways: Set<string>
}

export const newTally = (): Tally => ({
  seeds: 0,
  steps: 0,
  faults: {},
  points: {},
  marks: {},
  checks: {},
  states: new Set(),
  ways: new Set(),
})

export function count(counts: Counts, name: string, times = 1): void {
  counts[name] = (counts[name] ?? 0) + times
}

export function addTally(sum: Tally, more: Tally): void {
  sum.seeds += more.seeds
  sum.steps += more.steps
  for (const of of ['faults', 'points', 'marks', 'checks'] as const)
    for (const [name, times] of Object.entries(more[of])) count(sum[of], name, times)
  for (const state of more.states) sum.states.add(state)
  for (const way of more.ways) sum.ways.add(way)
}

export const FAULTS = [
  'requestLost',
  'answerLost',
  'requestLate',
  'requestDoubled',
  'requestCut',
  'answerCut',
  'serverBusy',
  'tooLarge',
  'tooOld',
  'sessionExpired',
  'offline',
  'tabKilled',
  'powerLost',
  'serverKilled',
  'databaseRefuses',
  'storeRefuses',
  'restored',
  'rolledBack',
  'wiped',
  'copied',
  'clockJumps',
  'signedOut',
  'rightsChanged',
  'planUpdated',
  'windowMoved',
  'photosLate',
  'secondTab',
  'lockStolen',
  'equalValues',
  'oddValue',
  'deposited',
  'backupVerified',
  'putAside',
] as const
export type Fault = (typeof FAULTS)[number]

/** Those of the files' loop. */
export const FILE_FAULTS = [
  'fileCut',
  'fileRequestLost',
  'fileAnswerLost',
  'fileRequestTwice',
  'fileChangedOnTheWay',
  'fileServerBusy',
  'fileServerKilled',
  'fileServerPutBack',
  'fileDiskFull',
  'fileTabKilled',
  'filePowerLost',
  'fileStoreRefuses',
  'fileDamaged',
  'fileOffline',
  'fileSignedOut',
  'fileHeld',
  'fileValuesWait',
  'fileSecondTab',
  'fileLockStolen',
] as const
export type FileFault = (typeof FILE_FAULTS)[number]

export const STORE_CALLS = [
  'store.putDraft',
  'store.append',
  'store.settle',
  'store.rewind',
  'store.fork',
  'store.prune',
  'store.raw',
  'store.aside',
  'store.read',
  'store.drafts',
  'store.evidence',
  'store.openStreams',
  'store.heldStreams',
  'store.value',
  'store.putValue',
] as const
export const LEDGER_CALLS = [
  'ledger.begin',
  'ledger.commit',
  'ledger.read',
  'ledger.peer',
  'ledger.logRow',
  'ledger.logRows',
  'ledger.known',
  'ledger.cells',
  'ledger.write',
  'ledger.rows',
] as const

const around = (calls: readonly string[], kinds: readonly string[]): readonly string[] =>
  calls.flatMap((call) => ['before', 'after'].flatMap((side) => kinds.map((kind) => `${call} ${side}: ${kind}`)))

/** One place of a call, chosen by chance: what happens seldom would never be cut otherwise. */
export const placesOf = (calls: readonly string[]): readonly string[] =>
  calls.flatMap((call) => [`${call} before`, `${call} after`])

/** Every place where a run can be cut, and how. */
export const POINTS: readonly string[] = [
  ...around(STORE_CALLS, ['passed', 'killed', 'power']),
  ...around(LEDGER_CALLS, ['passed', 'killed']),
]

export const MARKS = [
  'verdict applied',
  'verdict merged',
  'verdict conflict',
  'verdict rejected: locked',
  'verdict rejected: forbidden',
  'verdict rejected: invalid',
  'verdict rejected: stale',
  'verdict rejected: changed',
  'verdict rejected: conflicts',
  'verdict rejected: unready',
  'verdict rejected: closed',
  'verdict rejected: missing photos',
  'verdict again',
  'witnessed',
  'witnessed under a name of its own',
  'evidence kept',
  'forbidden',
  'gone',
  'given back',
  'rewind by the server',
  'rewind by the digest',
  'fork by the server',
  'fork by the device',
  'late answer dropped',
  'missing remembered',
  'missing used',
  'passed a lock',
  'pruned',
  'raw',
  'halved',
  'page of many',
  'edit before its predecessor was acknowledged',
  'draft survived',
  'base renamed',
  'step taken',
  'step too late',
  'step told again',
  'two states after the server was put back',
  'report submitted',
  'report withdrawn',
  'report reviewing',
  'report returned',
  'report approved',
  'report reopened',
  'report recovered',
  'file confirmed',
  'file refused',
  'file damaged',
  'file named before its bytes',
  'file of another digest',
  'file taken away',
  'file fetched',
  'files offered again',
] as const
export type Mark = (typeof MARKS)[number]

/** What a run of many seeds should have met and has not. */
export function unmet(tally: Tally): readonly string[] {
  return [
    ...[...FAULTS, ...FILE_FAULTS].filter((fault) => tally.faults[fault] === undefined).map((fault) => `fault ${fault}`),
    ...POINTS.filter((point) => tally.points[point] === undefined).map((point) => `fault point ${point}`),
    ...MARKS.filter((mark) => tally.marks[mark] === undefined).map((mark) => `mark ${mark}`),
  ]
}
