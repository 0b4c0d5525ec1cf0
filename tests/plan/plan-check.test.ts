import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { smallDocument } from './small-plan'

const folder = mkdtempSync(join(tmpdir(), 'plan-check-'))
afterAll(() => rmSync(folder, { recursive: true }))

function planCheck(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', 'src/server/plan-check.ts', ...args], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

test('a sound document is said to be sound, with what it holds', () => {
  const { status, stdout, stderr } = planCheck(written('sound.json', JSON.stringify(smallDocument)))
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toContain('the plan document is sound')
  expect(stdout).toContain('规划文件没有问题')
  expect(stdout).toContain('8 indicators, 1 projects, 7 hardware checks: 24 figures')
  expect(stdout).toContain('1 inspection lists, 4 items')
}, 30_000)

test('every fault is printed with its path, in both languages', () => {
  const { status, stderr } = planCheck(
    written('unsound.json', JSON.stringify({ ...smallDocument, periods: ['2031', '2030'], actions: [] })),
  )
  expect(status).toBe(1)
  for (const text of ['periods\n', 'projects.0.action\n', '请核对', 'Please check']) expect(stderr).toContain(text)
}, 30_000)

test('a file that is no JSON, one that is not there, and no file at all are said in a sentence', () => {
  for (const args of [[written('text.json', '{')], [join(folder, 'gone.json')], []]) {
    const { status, stderr } = planCheck(...args)
    expect(status).toBe(1)
    expect(stderr).toMatch(/Please/)
    expect(stderr).not.toMatch(/\n\s+at /)
  }
}, 30_000)
