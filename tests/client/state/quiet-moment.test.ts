import { afterEach, expect, test } from 'vitest'
import { atQuietMoment } from '#client/state/quiet-moment'

const settled = () => new Promise<void>((resolve) => setTimeout(resolve))

function addField(): HTMLInputElement {
  const field = document.createElement('input')
  document.body.append(field)
  return field
}

afterEach(() => document.body.replaceChildren())

test('with no field in focus it happens at once', () => {
  let ran = 0
  atQuietMoment(() => (ran += 1))
  expect(ran).toBe(1)
})

test('while somebody types it waits, also from field to field, and then happens once', async () => {
  const [one, other] = [addField(), addField()]
  one.focus()
  let ran = 0
  atQuietMoment(() => (ran += 1))
  other.focus()
  await settled()
  expect(ran).toBe(0)
  other.blur()
  await settled()
  expect(ran).toBe(1)
  one.focus()
  one.blur()
  await settled()
  expect(ran).toBe(1)
})
