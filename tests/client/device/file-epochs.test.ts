import { expect, test, vi } from 'vitest'
import { createFileEpochs } from '#client/device/file-epochs'

/** Refuses as often as said, then keeps. */
function storeThatRefuses(times: number, first: Readonly<Record<string, string>> = {}) {
  let kept: unknown = first
  let left = times
  const refuse = () => {
    if (left-- > 0) throw new Error('refused')
  }
  return {
    value: async () => {
      await Promise.resolve()
      refuse()
      return kept
    },
    putValue: async (_key: string, value: unknown) => {
      await Promise.resolve()
      kept = value
    },
  }
}

test('files are offered once for each epoch', async () => {
  const offer = vi.fn(() => Promise.resolve())
  const epochs = createFileEpochs(storeThatRefuses(0, { 's/a': 'one' }), offer)
  await epochs.seen('s/a', 'one', () => true)
  expect(offer).not.toHaveBeenCalled()
  await epochs.seen('s/a', 'two', () => true)
  await epochs.seen('s/a', 'two', () => true)
  expect(offer.mock.calls).toEqual([['s/a']])
})

test('a store that could not be read is read the next time', async () => {
  const offer = vi.fn(() => Promise.resolve())
  const epochs = createFileEpochs(storeThatRefuses(1, { 's/a': 'one' }), offer)
  await expect(epochs.seen('s/a', 'two', () => true)).rejects.toThrow('refused')
  await epochs.seen('s/a', 'two', () => true)
  expect(offer).toHaveBeenCalledOnce()
})

test('where no epoch was noted the files are offered, and a stream without any is not', async () => {
  const offer = vi.fn(() => Promise.resolve())
  const epochs = createFileEpochs(storeThatRefuses(0), offer)
  await epochs.seen('s/a', 'two', () => true)
  await epochs.seen('s/b', 'two', () => false)
  expect(offer.mock.calls).toEqual([['s/a']])
})

test('an offer that failed is made again', async () => {
  const offer = vi.fn().mockRejectedValueOnce(new Error('refused')).mockResolvedValue(undefined)
  const epochs = createFileEpochs(storeThatRefuses(0, { 's/a': 'one' }), offer)
  await expect(epochs.seen('s/a', 'two', () => true)).rejects.toThrow('refused')
  await epochs.seen('s/a', 'two', () => true)
  await epochs.seen('s/a', 'two', () => true)
  expect(offer).toHaveBeenCalledTimes(2)
})
