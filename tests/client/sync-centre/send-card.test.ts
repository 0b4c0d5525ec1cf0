/** The card says that all has arrived only where nothing is left on the tablet that the bureau does not have. */
import { mount } from '@vue/test-utils'
import { expect, test } from 'vitest'
import type { SyncState } from '#client/device/contract'
import SendCard from '#client/features/sync-centre/SendCard.vue'

const settled: SyncState = {
  phase: 'idle',
  waiting: 0,
  rejected: 0,
  conflicts: 0,
  paused: false,
  filesWaiting: 0,
  unmeteredOnly: false,
  unsaved: 0,
}

const words = (sync: Partial<SyncState>, drafts = 0): string =>
  mount(SendCard, {
    props: { sync: { ...settled, ...sync }, drafts, needsSignIn: false, now: 0 },
    global: { stubs: { RouterLink: true } },
  }).text()

test('all has arrived where nothing waits, is unfinished, unsaved or refused', () => {
  expect(words({})).toContain('都已收到')
})

test.each([
  ['a field that is not finished', {}, 1],
  ['a text that could not be stored', { unsaved: 1 }, 0],
  ['a refused value', { rejected: 1 }, 0],
])('%s is not said to have arrived', (_what, sync, drafts) => {
  expect(words(sync, drafts)).not.toContain('都已收到')
  expect(words(sync, drafts)).toContain('区教育局还没有这些')
})
