/**
 * Rules of the protocol, each broken on purpose: the simulation must see it. A mutant replaces text of the program while it is bundled, so
 * that no switch for it stands in the program; one whose text is not there any more fails. `faults`: what it is to be sought with, where the
 * rule matters for few of them; otherwise each run chooses, as always.
 */
const settle = 'src/sync/settle.ts'
const exchange = 'src/sync/exchange.ts'
const engine = 'src/sync/engine.ts'
const outbox = 'src/sync/outbox.ts'
const cell = 'src/sync/cell.ts'
const judge = 'src/sync/judge.ts'
const rights = 'src/sync/rights.ts'
const may = 'src/domain/may.ts'
const report = 'src/domain/report.ts'
const window = 'src/domain/window.ts'
const reportRules = 'src/server/report-rules.ts'
const transfer = 'src/sync/transfer.ts'
const show = 'src/sync/show.ts'
const store = 'src/client/device/memory-store.ts'
const device = 'src/client/device/make-device.ts'
const files = 'src/client/device/files.ts'
const fileEpochs = 'src/client/device/file-epochs.ts'
const ledger = 'tests/contract/memory-ledger.ts'

/** Without it what two rules let through stays; with it the stream is read anew. */
const NO_DIGEST = [settle, 'if (answer.done && answer.digest !== undefined &&', 'if (answer.done && answer.digest === "" &&']

export const MUTANTS = [
  {
    name: 'what was sent before is not recognised',
    breaks: 'I2',
    edits: [
      [exchange, 'if (old !== undefined) {', 'if (old !== undefined && old.seq < 0) {'],
      [exchange, 'if (n !== at.last + 1 && n !== ask.floor) break', ''],
    ],
  },
  {
    name: 'the last writer wins',
    breaks: 'I5',
    edits: [[cell, 'const heads = base.length === 0 ?', 'const heads: Head[] = base.length >= 0 ? [] : base.length === 0 ?']],
  },
  {
    name: 'the base is taken at saving, not at focus',
    breaks: 'I5',
    edits: [[device, 'base: baseOf(base, memory.ownSeen(key)) })', 'base: memory.shown.cells.get(key)?.base ?? base })']],
  },
  {
    name: "the next edit's base does not name one's own before it",
    breaks: 'I5',
    edits: [[device, 'base: baseOf(base, memory.ownSeen(key)) })', 'base })']],
  },
  {
    name: 'the next edit does not name what its waiting predecessor had seen',
    breaks: 'I5',
    edits: [[outbox, 'edit.hasReplaced ? [id] : [...edit.base, id]', '[id]']],
  },
  {
    name: 'what a mutation replaced before it arrived is not remembered',
    breaks: 'I5',
    edits: [[cell, 'if (added.length === 0) return before', 'if (added.length >= 0) return before']],
  },
  {
    name: 'typed values without strict durability',
    breaks: 'I1',
    edits: [[store, 'flush()\n      return row', 'return row']],
  },
  {
    name: 'the cursor jumps to the head while rows are paged, and no digest tells',
    breaks: 'I6',
    edits: [
      [
        exchange,
        '...(await tx.rows(ask.cursor, limits)), digest }',
        '...(await tx.rows(ask.cursor, limits)), upto: seq, digest }',
      ],
      NO_DIGEST,
    ],
  },
  {
    name: 'the cursor goes back with a late answer',
    faults: ['secondTab', 'lockStolen', 'requestLost'],
    breaks: 'I11',
    edits: [[settle, 'const cursor = Math.max(view.cursor, answer.upto)', 'const cursor = answer.upto']],
  },
  {
    name: 'late answers are taken after a rewind, and no digest tells',
    faults: ['rolledBack', 'offline', 'secondTab', 'lockStolen'],
    breaks: 'I6',
    edits: [[settle, 'if (view.gen !== sent.gen || counter.device', 'if (counter.device'], NO_DIGEST],
  },
  { name: 'no digest', faults: ['rolledBack', 'offline'], breaks: 'I6', edits: [NO_DIGEST] },
  {
    name: 'what was acknowledged is forgotten at once',
    breaks: 'I1',
    edits: [
      [
        store,
        '...put.map((row) => [row.n, row] as const)',
        '...put.filter(({ open }) => open).map((row) => [row.n, row] as const)',
      ],
      [
        store,
        'own: new Map([...without(before.own, drop)',
        'own: new Map([...without(before.own, [...drop, ...put.map(({ n }) => n)])',
      ],
    ],
  },
  {
    name: 'no witnesses',
    faults: ['wiped', 'restored'],
    breaks: 'I12',
    edits: [
      [settle, '? evidenceOf(view.old,', '? noEvidence(view.old,'],
      [settle, 'function evidenceOf(', 'const noEvidence = (..._: unknown[]) => []\nfunction evidenceOf('],
    ],
  },
  {
    name: 'rows of before a rewind are thrown away at once',
    faults: ['wiped', 'restored'],
    breaks: 'I12',
    edits: [[settle, 'cells: {},\n      old: { ...view.old, ...view.cells },', 'cells: {},\n      old: undefined,']],
  },
  {
    name: "nobody's own evidence is taken where the server was not said to be restored",
    faults: ['copied', 'rolledBack', 'offline'],
    breaks: 'I1',
    edits: [[exchange, 'by === person.username || ', '']],
  },
  {
    name: 'the server does not notice a copied tablet by content',
    breaks: 'I1',
    edits: [[exchange, 'if (!sameContent(old, mutation)) {', 'if (old.seq < 0) {']],
  },
  {
    name: 'the chain is not compared, and no digest tells',
    faults: ['copied', 'rolledBack', 'offline', 'requestLost'],
    breaks: 'I1',
    edits: [
      NO_DIGEST,
      [exchange, 'return chain !== undefined && chain !== EMPTY_CHAIN && chain !== ask.chain ?', 'return ask.chain === "" ?'],
    ],
  },
  {
    name: 'a tablet that takes a new name keeps no evidence',
    faults: ['copied', 'rolledBack', 'offline'],
    breaks: 'I1',
    edits: [[settle, 'evidence.push(witnessOf(row, id, person))', 'witnessOf(row, id, person)']],
  },
  {
    name: 'a rewind does not send again what was acknowledged',
    breaks: 'I1',
    edits: [
      [
        settle,
        'put: own.map((row) => {\n      const { verdict, seq, again, ...mutation } = row',
        'put: own.filter(({ verdict }) => verdict === undefined).map((row) => {\n      const { verdict, seq, again, ...mutation } = row',
      ],
    ],
  },
  {
    name: 'the server does not say that it is older than the tablet',
    breaks: 'I1',
    edits: [[exchange, 'if (acked > last || (ask.epoch', 'if (acked > 1e9 || (ask.epoch === "" && ask.epoch']],
  },
  {
    name: 'a lost right clears what is unsent',
    faults: ['rightsChanged', 'rolledBack', 'restored'],
    breaks: 'I1',
    edits: [
      [
        settle,
        'view.barred === true ? {} : { view: { ...lost(view), barred: true } }',
        '{ view: { ...lost(view), barred: true }, drop: state.own.map(({ n }) => n) }',
      ],
    ],
  },
  {
    name: 'rows stay on the tablet when the right is gone',
    breaks: 'I9',
    edits: [
      [
        settle,
        'epoch: undefined, gen: view.gen + 1, cursor: 0, cells: {}, old: undefined, gone: true',
        'epoch: undefined, gen: view.gen + 1, cursor: 0, old: undefined, gone: true',
      ],
    ],
  },
  {
    name: 'who has no right may read',
    faults: ['rightsChanged', 'rolledBack', 'restored'],
    breaks: 'I9',
    edits: [[exchange, 'const { ledger, ask, right } = question', "const { ledger, ask, right = 'read' } = question"]],
  },
  {
    name: 'a refused mutation is not logged',
    breaks: 'I4',
    edits: [[exchange, 'added.push(row)\n      log.set', 'if (judged.cell !== undefined) added.push(row)\n      log.set']],
  },
  {
    name: 'a report that the bureau has takes values',
    breaks: 'I17',
    edits: [[judge, 'if (mutation.again !== true && isInLocked(key,', 'if (key === "" && isInLocked(key,']],
  },
  {
    name: 'edits that come back into a report leave it with the bureau',
    faults: ['restored', 'offline', 'requestLost'],
    breaks: 'I17',
    edits: [[exchange, 'for (const key of recovered) {', 'for (const key of []) {']],
  },
  {
    name: 'a submission of before a restore stays, whatever has been typed since',
    faults: ['restored', 'offline', 'requestLost'],
    breaks: 'I16',
    edits: [
      [
        exchange,
        'for (const key of retaken) if (isVouchedByNobody(key,',
        "for (const key of retaken) if (key === '' && isVouchedByNobody(key,",
      ],
    ],
  },
  {
    name: 'what says that it was taken before is believed by a server that was never restored',
    faults: ['rolledBack', 'offline', 'requestLost'],
    breaks: 'I17',
    edits: [[exchange, 'isRestored ? ask.mutations : ask.mutations.map(asNew)', 'ask.mutations']],
  },
  {
    name: 'a report is handed in by who does not say what they saw',
    breaks: 'I16',
    edits: [[report, '(seen !== undefined) === vouches(state) &&', '(seen === undefined || vouches(state)) &&']],
  },
  {
    name: 'what is vouched for is not compared with what is there',
    breaks: 'I16',
    edits: [[judge, "=== vouched ? undefined : 'changed'", '=== vouched ? undefined : undefined']],
  },
  {
    name: 'evidence of a step is compared with nothing',
    faults: ['copied', 'rolledBack', 'restored', 'offline'],
    breaks: 'I16',
    edits: [
      [
        exchange,
        'for (const { key } of mutations) {\n    keys.add(key)',
        'for (const { key, kind } of mutations) {\n    keys.add(key)',
      ],
      [
        exchange,
        "if (parseKey(key).kind !== 'report') continue",
        "if (kind !== 'move' || parseKey(key).kind !== 'report') continue",
      ],
    ],
  },
  {
    name: 'the table of a report’s steps is not asked',
    breaks: 'I10',
    edits: [
      [
        rights,
        'const steps = REPORT_STEPS.filter((step) => step.to === next.state && (again === true || step.from === present))',
        'const steps = REPORT_STEPS.filter((step) => step.to === next.state)',
      ],
    ],
  },
  {
    name: 'a report’s step is anybody’s',
    breaks: 'I10',
    edits: [
      [
        rights,
        "const theirs = steps.filter((step) => may(person, { do: 'writeCell', orgUnit, what: { is: 'reportState', step } }))",
        'const theirs = steps.filter(() => person !== undefined && orgUnit !== undefined)',
      ],
    ],
  },
  {
    name: 'a report is returned without a reason',
    breaks: 'I16',
    edits: [[rights, 'return isSaid || steps.some(({ needsWhy }) => needsWhy !== true)', 'return isSaid || steps.length > 0']],
  },
  {
    name: 'the window is not asked',
    faults: ['windowMoved', 'offline', 'requestLost'],
    breaks: 'I18',
    edits: [[reportRules, "if (facts.isClosed(key)) return 'closed'", '']],
  },
  {
    name: 'a window closes for a school as for all, though it has more time',
    faults: ['windowMoved', 'offline', 'requestLost'],
    breaks: 'I18',
    edits: [[window, 'closes: momentAt(extension?.closes ?? window.closes)', 'closes: momentAt(window.closes)']],
  },
  {
    name: 'a report is approved before its files have arrived',
    faults: ['photosLate', 'offline'],
    breaks: 'I16',
    edits: [[reportRules, "facts.lacksFiles(key) ? 'missing photos' : undefined", 'undefined']],
  },
  {
    name: 'a comment’s words are anybody’s',
    breaks: 'I10',
    edits: [
      [judge, 'return heads.some(({ from }) => from.some((one) => one.by !== by))', 'return by === "" && heads.length > 0'],
    ],
  },
  {
    name: 'who may not write, writes',
    breaks: 'I10',
    edits: [[judge, 'if (!rules.mayWrite(key)) return', "if (key === '') return"]],
  },
  {
    name: "one's own waiting edits are not laid over the rows",
    breaks: 'I8',
    edits: [
      [
        show,
        'for (const { n, value, base, at } of laid.reverse()) {',
        'for (const { n, value, base, at } of laid.slice(laid.length)) {',
      ],
    ],
  },
  {
    name: 'drafts are not read after a start',
    breaks: 'T0',
    edits: [[device, 'memory.load(state, drafts)', 'memory.load(state, drafts.slice(drafts.length))']],
  },
  {
    name: 'a body that is too large is sent again as it is',
    breaks: 'I13',
    edits: [[engine, "if (reply.kind === 'tooLarge') {", "if (reply.kind === 'tooLarge' && asks.length > 1e9) {"]],
  },
  {
    name: 'what no server can read is sent for ever',
    breaks: 'I13',
    edits: [[settle, 'if (first === undefined || first.raw === true ||', 'if (first === undefined || first.n > 0 ||']],
  },
  {
    name: 'whichever waits first is taken for unreadable',
    faults: ['oddValue', 'rolledBack', 'restored', 'tooLarge', 'offline'],
    breaks: 'I',
    edits: [[settle, '|| first.n !== unread.n', '']],
  },
  {
    name: 'a clock that is wrong is not believed',
    breaks: 'I15',
    edits: [
      [
        exchange,
        "right === 'write' && (question.mayWrite?.(key) ?? true)",
        "right === 'write' && Math.abs(skew) < 864e5 && (question.mayWrite?.(key) ?? true)",
      ],
    ],
  },
  {
    name: 'two transactions of one stream at once',
    faults: ['requestDoubled', 'requestLate', 'secondTab'],
    breaks: 'I4',
    edits: [[ledger, 'const turn = queue.then(async () => {', 'const turn = Promise.resolve().then(async () => {']],
  },
  {
    name: 'a head that the log has not',
    breaks: 'I7',
    edits: [
      [
        exchange,
        'added.push(row)\n      log.set',
        "added.push(judged.verdict === 'merged' ? { ...row, device: `${device.slice(0, 12)}z` } : row)\n      log.set",
      ],
    ],
  },
  {
    name: 'numbers in the order of a set, not of the tablet',
    breaks: 'I3',
    edits: [
      [exchange, 'if (n !== at.last + 1 && n !== ask.floor) break', ''],
      [
        exchange,
        'for (const mutation of mutations) {\n    const { n } = mutation\n    const old',
        'for (const mutation of [...mutations].reverse()) {\n    const { n } = mutation\n    const old',
      ],
    ],
  },
  {
    name: 'the witness of a copied id is dropped',
    faults: ['copied', 'rolledBack', 'restored', 'offline'],
    breaks: 'I1',
    edits: [
      [
        exchange,
        'return (await tx.logRow(own.device, own.n)) === undefined ? own : undefined',
        'return own.n > 1 ? own : undefined',
      ],
    ],
  },
  {
    name: 'cells are not read again after a rewind',
    breaks: 'I6',
    edits: [
      [
        settle,
        'cursor: 0,\n      acked: 0,\n      ackedChain: EMPTY_CHAIN,\n      cells: {},',
        'acked: 0,\n      ackedChain: EMPTY_CHAIN,',
      ],
    ],
  },
  {
    name: 'a step is taken by who had not seen where it stands',
    breaks: 'I10',
    edits: [[judge, "if (headIds(heads).some((id) => !seen.has(id))) return 'stale'", 'void seen']],
  },
  {
    name: 'the table of steps is not asked',
    breaks: 'I10',
    edits: [
      [
        rights,
        'const isIt = (step: Step<string>): boolean => step.to === next.state && (again === true || step.from === present)',
        'const isIt = (step: Step<string>): boolean => step.to === next.state && (again === true || present !== "")',
      ],
    ],
  },
  {
    name: 'a step of the school is taken by the inspector, and the other way round',
    breaks: 'I10',
    edits: [
      [
        rights,
        'const theirs = steps.filter((step) =>\n    may(',
        'const theirs = steps.filter((step) => step.to !== "" ||\n    may(',
      ],
    ],
  },
  {
    name: 'a state is set without a step',
    breaks: 'I10',
    edits: [[judge, "if (kind !== (isStateKey(key) ? 'move' : 'set') ||", "if ((kind !== 'set' && kind !== 'move') ||"]],
  },
  {
    name: 'a step that is sent again is judged by where it stands now',
    faults: ['restored', 'rolledBack', 'offline'],
    breaks: 'I10',
    edits: [[judge, 'if (again === true) return judgeMove', "if (again === true && key === '') return judgeMove"]],
  },
  {
    name: 'a step that was refused is taken as it is after a restore',
    faults: ['restored', 'rolledBack', 'offline'],
    breaks: 'I10',
    edits: [[settle, 'if (isNew || isRefused(row))', 'if (isNew)']],
  },
  {
    name: 'an inspector writes in the school’s self-inspection',
    breaks: 'I10',
    edits: [[may, "(of === 'visit' ? role === 'inspector' : isSchool)", "(role === 'inspector' || (of === 'self' && isSchool))"]],
  },
  {
    name: 'a file is confirmed with its first piece',
    breaks: 'I14',
    edits: [[transfer, 'if (answer.isComplete) {', 'if (answer.isComplete || answer.offset > 0) {']],
  },
  {
    name: 'a file begins anew after each cut',
    breaks: 'I14',
    edits: [[transfer, ': await store.piece(sha, offset)', ': await store.piece(sha, 0)']],
  },
  {
    name: 'a file that was damaged is sent as if it were whole',
    breaks: 'I14',
    edits: [[transfer, 'if (!(await store.isWhole(sha))) return damaged(sha)', '']],
  },
  {
    name: 'a file that arrives as another one is called damaged without looking',
    breaks: 'I14',
    edits: [[transfer, 'if (!(await store.isWhole(sha))) return damaged(sha)', 'return damaged(sha)']],
  },
  {
    name: 'a piece goes before values that wait',
    breaks: 'I14',
    edits: [
      [transfer, "if (ports.areValuesWaiting()) return { kind: 'later', delayMs: VALUES_MS }\n      const bytes", 'const bytes'],
    ],
  },
  {
    name: 'a piece goes over a network that the person does not want it to',
    breaks: 'I14',
    edits: [
      [
        transfer,
        "if (!ports.isAllowed()) return { kind: 'held' }\n      if (ports.areValuesWaiting()) return { kind: 'later', delayMs: VALUES_MS }\n      const bytes",
        "if (ports.areValuesWaiting()) return { kind: 'later', delayMs: VALUES_MS }\n      const bytes",
      ],
    ],
  },
  {
    name: 'a refusal of a file is forgotten',
    breaks: 'I',
    edits: [[transfer, 'await store.fileRefused(sha, answer.fault)', '']],
  },
  {
    name: 'what has wholly arrived and was not looked at waits for ever',
    breaks: 'I14',
    edits: [[transfer, 'const piece = offset >= file.size ? new ArrayBuffer(0) : await', 'const piece = await']],
  },
  {
    name: 'the cell of a file goes before its bytes',
    breaks: 'I14',
    edits: [
      [
        files,
        "const row = await put(file, { stream, of, pv, state: 'new' })\n      await name(row)",
        "await world.commit({ stream, key: fileKey(of, file.sha), value: file.name, pv })\n      await box.named((await put(file, { stream, of, pv, state: 'new' })).id)",
      ],
    ],
  },
  {
    name: 'bytes that a crash left without a cell are forgotten',
    breaks: 'I14',
    edits: [[files, "if (row.state === 'new') await name(row).catch(world.report)", '']],
  },
  {
    name: 'a file that was fetched is believed without looking',
    breaks: 'I14',
    edits: [[files, '|| (await world.digestOf(bytes)) !== sha) {', ') {']],
  },
  {
    name: 'a server that was put back is not offered the files again',
    breaks: 'I14',
    edits: [[fileEpochs, 'if (hasFiles()) await offerAgain(stream)', '']],
  },
]

/** Vite's plugin that breaks the rule. */
export function breaking({ name, edits }) {
  const left = new Set(edits)
  return {
    name: 'mutant',
    enforce: 'pre',
    transform(code, id) {
      let changed = code
      for (const edit of edits) {
        const [file, from, to] = edit
        if (!id.endsWith(file)) continue
        if (changed.split(from).length !== 2) throw new Error(`${name}: its text is not once in ${file}: ${from}`)
        changed = changed.replace(from, () => to)
        left.delete(edit)
      }
      return changed === code ? undefined : { code: changed, map: null }
    },
    buildEnd() {
      for (const [file] of left) throw new Error(`${name}: ${file} was not read`)
    },
  }
}
