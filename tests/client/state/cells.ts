/** Cells as the device shows them. */
import type { ShownCell } from '#client/device/contract'
import type { Json, Verdict } from '#sync/protocol'

type Over = { readonly by?: string; readonly at?: number; readonly key?: string }

export function confirmed(value: Json, { by = 'wang', at = 1, key = '' }: Over = {}): ShownCell {
  const id = `aaaaaaaaaaaaa:${at}`
  return {
    key,
    value,
    mark: 'confirmed',
    heads: [{ id, value, by, at, device: 'aaaaaaaaaaaaa', from: [{ id, base: [], by, at }] }],
    base: [id],
    at,
    by,
    receipt: at,
  }
}

export function onDevice(value: Json, over: Over = {}): ShownCell {
  const { key, heads, base, at, by } = confirmed(value, over)
  return { key, value, mark: 'onDevice', heads, base, at, by }
}

export function rejected(value: Json, verdict: Verdict, over: Over = {}): ShownCell {
  return { ...onDevice(value, over), mark: 'rejected', verdict }
}

export function conflict(...heads: readonly (readonly [value: Json, by: string])[]): ShownCell {
  const shown = heads.map(([value, by], index) => {
    const [id, at] = [`bbbbbbbbbbbbb:${index + 1}`, index + 1]
    return { id, value, by, at, device: 'bbbbbbbbbbbbb', from: [{ id, base: [], by, at }] }
  })
  const [first] = shown
  if (first === undefined) throw new Error('a conflict has heads')
  return { ...confirmed(first.value, { by: first.by }), mark: 'conflict', heads: shown, base: shown.map(({ id }) => id) }
}
