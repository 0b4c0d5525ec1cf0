import { expect, test } from 'vitest'
import { FAULTS, randomFrom, simulate, type Defect, type Fault } from './simulation'

/** Each run has another choice of faults: all at once hide one another. */
function faultsOf(seed: number): readonly Fault[] {
  const random = randomFrom(seed ^ 0x5bd1e995)
  return FAULTS.filter(() => random() < 0.5)
}

test(
  'whatever the network, the disk and the server do, nothing typed is lost and all come to agree',
  { timeout: 120_000 },
  async () => {
    const only = process.env['SEED']
    const seeds = only === undefined ? Array.from({ length: 250 }, (_, at) => at + 1) : [Number(only)]
    for (const seed of seeds) {
      const faults = faultsOf(seed)
      const wrong = await simulate({ seed, faults })
      expect(wrong, `SEED=${seed} with ${faults.join(', ')}`).toEqual([])
    }
  },
)

test.each<{ defect: Defect; faults: readonly Fault[]; says: string }>([
  { defect: 'baseAtSaving', faults: [], says: 'I5' },
  { defect: 'relaxedTyping', faults: ['power'], says: 'I1' },
  { defect: 'forgetsAtOnce', faults: ['restored'], says: 'I1' },
])('the simulation sees that $defect breaks $says', { timeout: 60_000 }, async ({ defect, faults, says }) => {
  const found: string[] = []
  for (let seed = 1; seed <= 60 && !found.some((one) => one.startsWith(says)); seed++) {
    found.push(...(await simulate({ seed, faults, defect })))
  }
  expect(found.some((one) => one.startsWith(says))).toBe(true)
})
