/** What no linter knows. */
import { readdirSync, readFileSync, statSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FAULT_KINDS } from '#domain/fault'
import { faultText } from '#domain/fault-messages'
import { STATUS_BY_FAULT } from '#server/fault-status'
import { en } from '#client/i18n/en'
import { zh } from '#client/i18n/zh'

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : [path]
  })
}

const sources = filesBelow('src').filter((path) => /\.(ts|vue|css)$/.test(path))
const textOf = (path: string): string => readFileSync(path, 'utf8')

/** Lines of the sources that match, as `path:line: text`. */
function linesWith(pattern: RegExp, paths: readonly string[]): readonly string[] {
  return paths.flatMap((path) =>
    textOf(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}: ${line.trim()}`] : [])),
  )
}

/** Every identifier that only this plan has: names of elements, figures and units' choices that are no common word. */
function identifiersOf(planPath: string): readonly string[] {
  const found = new Set<string>()
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk)
    else if (typeof node === 'object' && node !== null) {
      for (const [name, child] of Object.entries(node)) {
        if ((name === 'id' || name === 'element') && typeof child === 'string') found.add(child)
        walk(child)
      }
    }
  }
  walk(JSON.parse(textOf(planPath)))
  return [...found].filter((id) => /[a-z][A-Z]|\./.test(id))
}

/** Names that the domain itself uses and a plan happens to use too. */
const WORDS_OF_THE_DOMAIN = new Set([
  'youthPalace',
  'communitySchool',
  'notApplicable',
  'nineYear',
  'twelveYear',
  'completeSecondary',
])

describe('the house is tidy', () => {
  test('every path named in ARCHITECTURE.md and README.md exists', () => {
    const named = ['ARCHITECTURE.md', 'README.md', 'README.zh-CN.md'].flatMap((document) =>
      [...textOf(document).matchAll(/`((?:src|tests|docs|public|scripts)\/[^`\s*]+|\.[a-z][\w.-]+\.cjs)`/g)].map(
        (match) => match[1] ?? '',
      ),
    )
    expect(named.length).toBeGreaterThan(10)
    expect(named.filter((path) => !existsSync(path))).toEqual([])
  })

  test('no identifier of the plan stands in the program', () => {
    const identifiers = identifiersOf('public/plans/qiantang-2022-2024.json').filter((id) => !WORDS_OF_THE_DOMAIN.has(id))
    expect(identifiers.length).toBeGreaterThan(100)
    const pattern = new RegExp(`['"\`/](${identifiers.map((id) => id.replace(/\./g, '\\.')).join('|')})['"\`/]`)
    expect(linesWith(pattern, sources)).toEqual([])
    expect(
      linesWith(
        /\b202[234]\b/,
        sources.filter((path) => !path.startsWith('src/server/demo/')),
      ),
    ).toEqual([])
  })

  test('raw colours stand in the tokens file only', () => {
    const styled = sources.filter((path) => /\.(vue|css)$/.test(path) && !path.endsWith('tokens.css'))
    expect(linesWith(/(?:[:\s,(])#[0-9a-fA-F]{3,8}\b(?!['"-])|\b(?:rgba?|hsla?)\(/, styled)).toEqual([])
  })

  test('both languages have the same messages with the same places for values', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    const places = (message: string) => [...message.matchAll(/\{\w+\}/g)].map(String).sort()
    const unlike = Object.entries<string>(zh).filter(([key, message]) => {
      const english = (en as Record<string, string>)[key] ?? ''
      return JSON.stringify(places(message)) !== JSON.stringify(places(english))
    })
    expect(unlike.map(([key]) => key)).toEqual([])
  })

  test('no text of the interface stands outside the message files', () => {
    const screens = sources.filter(
      (path) => path.startsWith('src/client/') && !path.startsWith('src/client/i18n/') && !path.endsWith('.css'),
    )
    const withoutComments = screens.filter((path) => {
      const code = textOf(path)
        .replace(/\/\*[\s\S]*?\*\//g, '')
        .replace(/<!--[\s\S]*?-->/g, '')
        .replace(/(^|[^:])\/\/.*$/gm, '$1')
      return /\p{Script=Han}/u.test(code)
    })
    expect(withoutComments).toEqual([])
  })

  test('every fault has a sentence in both languages and a status', () => {
    for (const kind of FAULT_KINDS) {
      const text = faultText({ kind, values: {} })
      expect(text.zh, kind).toMatch(/\p{Script=Han}/u)
      expect(text.en, kind).toMatch(/[a-z]{3}/)
      expect(STATUS_BY_FAULT[kind], kind).toBeGreaterThanOrEqual(400)
    }
  })

  test('nothing marked to be removed or done is left', () => {
    const words = new RegExp(['TO', 'DO|FIX', 'ME|XX', 'X|HA', 'CK'].join(''))
    expect(
      linesWith(words, [
        ...sources,
        ...filesBelow('tests').filter((path) => !path.endsWith('tidy.test.ts')),
        ...filesBelow('scripts'),
      ]),
    ).toEqual([])
  })
})
