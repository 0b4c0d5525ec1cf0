import { memoryLedger } from './memory-ledger'
import { ledgerSuite } from './ledger-suite'

ledgerSuite('memory', () => ({ ledger: memoryLedger() }))
