import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GLYPHS } from '#client/ui/icons/glyphs'
import { makeIcons } from '../../scripts/icons.mjs'

const folder = 'src/client/ui/icons'

test('the font and its names are those of the drawings', async () => {
  const made = await makeIcons(readFileSync(`${folder}/icons.svg`, 'utf8'))
  for (const [name, bytes] of Object.entries(made)) {
    expect(readFileSync(`${folder}/${name}`).equals(bytes), `${name} is not what npm run icons makes`).toBe(true)
  }
})

test('each drawing has a name and a character of its own', () => {
  const drawn = [...readFileSync(`${folder}/icons.svg`, 'utf8').matchAll(/<symbol id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(Object.keys(GLYPHS))).toEqual(new Set(drawn))
  expect(new Set(Object.values(GLYPHS)).size).toBe(drawn.length)
})
