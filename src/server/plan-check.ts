/**
 * `plan-check FILE`: says whether a plan document is sound.
 *
 * A sound one: what it holds, exit status 0. Otherwise every fault with its path, in both languages, exit status 1. What cannot be
 * read, or is no JSON, is a fault like any other.
 */
import { readFileSync } from 'node:fs'
import { parsePlan, planCounts, type PlanFault } from '#plan/parse-plan'

const [file] = process.argv.slice(2)
process.exitCode = file === undefined ? usage() : checkFile(file)

function usage(): number {
  console.error('请写明规划文件 / Please name a plan document: plan-check FILE')
  return 1
}

function checkFile(path: string): number {
  const faults = faultsOf(path)
  if (faults.length === 0) return 0
  console.error(`${path}: 有 ${String(faults.length)} 处请核对 / ${String(faults.length)} to check`)
  for (const { path: at, message } of faults) {
    console.error(`${at === '' ? '/' : at}\n  ${message.zh}\n  ${message.en}`)
  }
  return 1
}

function faultsOf(path: string): readonly PlanFault[] {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [
      {
        path: '',
        message: {
          zh: `请核对：文件读不出，或不是 JSON（${reason}）`,
          en: `Please check: the file cannot be read, or is no JSON (${reason})`,
        },
      },
    ]
  }
  const parsed = parsePlan(json)
  if (!parsed.ok) return parsed.fault
  const { id, version } = parsed.value.document
  const counts = planCounts(parsed.value)
  console.log(`${path}: 规划文件没有问题 / the plan document is sound`)
  console.log(`  ${id}, version ${String(version)}`)
  console.log(
    `  ${String(counts.dataSets)} data sets, ${String(counts.elements)} elements (${String(counts.asked)} with their stages), ${String(counts.rules)} rules`,
  )
  console.log(
    `  ${String(counts.indicators)} indicators, ${String(counts.projects)} projects, ${String(counts.hardwareChecks)} hardware checks: ${String(counts.figures)} figures`,
  )
  const { inspections } = parsed.value.document
  if (inspections !== undefined) {
    console.log(`  ${String(inspections.templates.length)} inspection lists, ${String(parsed.value.items.size)} items`)
  }
  return []
}
