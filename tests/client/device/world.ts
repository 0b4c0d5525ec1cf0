/** What device tests share: a school, people, and a network to a ledger in memory that can be cut. */
import { expect } from 'vitest'
import type { Device } from '#client/device/contract'
import type { DeviceWorld } from '#client/device/make-device'
import { openDevice } from '#client/device/open-device'
import type { OrgUnit } from '#domain/org-unit'
import type { Person } from '#domain/person'
import { exchange, type Exchange, type Right } from '#sync/exchange'
import type { Ledger, NetAnswer } from '#sync/ports'
import type { Answer, SyncRequest } from '#sync/protocol'
import { lockedReports } from '../../contract/locked-reports'

export const school: OrgUnit = { code: 'A-1', name: '第一小学', type: 'primary', ownership: 'public' }
export const stream = 's/A-1'

let count = 0
/** Each test has its own person, and so its own database. */
export function newPerson(role: Person['role'] = 'principal'): Person {
  count++
  return { username: `person-${count}`, name: '李', role, orgUnits: role === 'principal' ? [school.code] : [] }
}

export type Network = {
  readonly net: DeviceWorld['net']
  /** What the next requests meet in place of the server; when empty they get through. */
  readonly meets: NetAnswer[]
  readonly requests: SyncRequest[]
  up: boolean
  right: Right | undefined
  isLocked?: (key: string) => boolean
  judgeMove?: Exchange['judgeMove']
}

export function networkTo(ledger: Ledger, person: Person): Network {
  const network: Network = {
    meets: [],
    requests: [],
    up: true,
    right: 'write',
    net: {
      abort: () => undefined,
      async exchange(request) {
        if (!network.up) return { kind: 'unreachable' }
        const sent = structuredClone(request)
        network.requests.push(sent)
        const met = network.meets.shift()
        if (met !== undefined) return met
        const answers: Answer[] = []
        for (const ask of sent.asks) {
          const { right, isLocked, judgeMove } = network
          const reports = isLocked === undefined ? undefined : lockedReports(isLocked)
          answers.push(
            await exchange({ ledger, ask, person, right, reports, judgeMove, now: Date.now(), skew: 0, acceptsWitnesses: true }),
          )
        }
        return { kind: 'answered', answer: structuredClone({ v: 1, now: Date.now(), answers }) }
      },
    },
  }
  return network
}

export const opened: Device[] = []

export async function openOver(
  person: Person,
  { net }: Pick<Network, 'net'>,
  world: Parameters<typeof openDevice>[1] = {},
): Promise<Device> {
  const report = (error: unknown) => {
    throw error
  }
  const device = await openDevice(
    { person, orgUnits: [school] },
    { net, isOnline: () => true, afterPaint: (work) => work(), report, ...world },
  )
  opened.push(device)
  return device
}

export async function closeOpened(): Promise<void> {
  for (const device of opened.splice(0)) await device.close()
}

export async function until(is: () => boolean, what = 'it never came'): Promise<void> {
  for (let tries = 0; tries < 6000 && !is(); tries++) await new Promise((resolve) => setTimeout(resolve, 5))
  expect(is(), what).toBe(true)
}
