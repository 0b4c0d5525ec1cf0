/** Where the values of a conflict parted: the newest value that all their authors had seen. */
import { commonBase } from '#client/device/value-history'
import type { PastValue, ShownHead, ValueHistory } from '#client/device/contract'

export type Story =
  | { readonly kind: 'known'; readonly base: PastValue }
  /** There was one, and this tablet does not know it. */
  | { readonly kind: 'unknown' }
  /** They began from an empty field. */
  | { readonly kind: 'none' }

export function storyOf(history: ValueHistory | undefined, heads: readonly Pick<ShownHead, 'from'>[]): Story {
  const known = history === undefined ? undefined : commonBase(history, heads).at(-1)
  if (known !== undefined) return { kind: 'known', base: known }
  return heads.some(({ from }) => from.some(({ base }) => base.length > 0)) ? { kind: 'unknown' } : { kind: 'none' }
}
