/** A small district on a real database of its own, in a folder or, in the project `postgres`, on the run's server; asked through the app without a port. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InjectOptions } from 'fastify'
import { vi } from 'vitest'
import type { OrgUnit } from '#domain/org-unit'
import { ROLES, isBureauRole, type Person, type Role } from '#domain/person'
import { parsePlan } from '#plan/parse-plan'
import type { Plan } from '#plan/plan'
import { createAccount } from '#server/accounts'
import type { App } from '#server/app'
import { openServer, type OpenServer } from '#server/open-server'
import { openSession, SESSION_COOKIE } from '#server/sessions'
import { putOrgUnits } from '#server/org-units'
import { EMPTY_CHAIN } from '#sync/hash'
import { streamOf, type Ask, type Mutation, type SyncAnswer } from '#sync/protocol'
import { freshDatabase, isOnPostgres } from '../postgres/fresh-database'

/** Hashing passwords and starting processes takes its time on a busy machine. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

export const PASSWORD = 'correct-horse'
export const DISTRICT = '330114'
export const SCHOOL = 'p-1'
export const OTHER_SCHOOL = 'k-1'

export const UNITS: readonly OrgUnit[] = [
  { code: SCHOOL, name: '第一小学', type: 'primary', ownership: 'public' },
  { code: OTHER_SCHOOL, name: '第一幼儿园', type: 'kindergarten', ownership: 'public' },
  { code: 'n-1', name: '第一实验学校', type: 'nineYear', ownership: 'private', group: '实验教育集团', opened: '2020-09-01' },
]

export const plan: Plan = (() => {
  const file = new URL('../../public/plans/qiantang-2022-2024.json', import.meta.url)
  const parsed = parsePlan(JSON.parse(readFileSync(file, 'utf8')))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.fault))
  return parsed.value
})()

export type Answer = {
  readonly status: number
  readonly body: unknown
  readonly headers: Record<string, unknown>
  readonly text: string
}
export type Ask1 = (method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: unknown) => Promise<Answer>

export type District = {
  readonly folder: string
  /** On PostgreSQL, its database as the superuser. */
  readonly databaseUrl: string | undefined
  readonly clock: { now: number }
  readonly server: () => OpenServer
  readonly app: () => App
  /** Asks as the person of this role; `undefined`: without a session. */
  as(role: Role | undefined): Ask1
  inject(options: InjectOptions): Promise<Answer>
  cookieOf(role: Role): string
  /** Closes everything and opens it again from the folder; in between the folder is nobody's. */
  restart(between?: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export const START = Date.UTC(2024, 8, 1)

export async function openDistrict(
  options: { readonly clientFolder?: string; readonly units?: readonly OrgUnit[]; readonly allowsPrivateWebhooks?: boolean } = {},
): Promise<District> {
  const folder = mkdtempSync(join(tmpdir(), 'youxue-server-'))
  const clock = { now: START }
  const database = isOnPostgres() ? await freshDatabase() : undefined
  const config = {
    dataFolder: folder,
    databaseUrl: database?.url,
    adminPassword: PASSWORD,
    plan,
    version: '1.2.3',
    clientFolder: options.clientFolder ?? join(folder, 'no-client'),
    allowsPrivateWebhooks: options.allowsPrivateWebhooks ?? false,
  }
  const open = async () => {
    const server = await openServer(config, () => clock.now)
    return { server, app: await server.buildApp() }
  }
  let opened = await open()
  const units = options.units ?? UNITS
  const put = await putOrgUnits(opened.server.db, units)
  if (!put.ok) throw new Error(JSON.stringify(put.fault))
  for (const unit of units) opened.server.figures.putUnit(unit)

  const cookies = new Map<Role, string>()
  await Promise.all(
    ROLES.map(async (role) => {
      const orgUnits = isBureauRole(role) ? [] : [units[0]?.code ?? '']
      if (role !== 'admin') {
        const made = await createAccount(
          opened.server.db,
          { username: role, name: role, role, orgUnits, password: PASSWORD },
          clock.now,
        )
        if (!made.ok) throw new Error(JSON.stringify(made.fault))
      }
      cookies.set(role, await openSession(opened.server.db, role, clock.now))
    }),
  )
  const cookieOf = (role: Role) => cookies.get(role) ?? ''

  const inject = async (injected: InjectOptions): Promise<Answer> => {
    const answer = await opened.app.inject(injected)
    const isJson = String(answer.headers['content-type']).startsWith('application/json')
    const body: unknown = isJson && answer.body !== '' ? JSON.parse(answer.body) : undefined
    return { status: answer.statusCode, body, headers: answer.headers, text: answer.body }
  }
  return {
    folder,
    databaseUrl: database?.url,
    clock,
    server: () => opened.server,
    app: () => opened.app,
    cookieOf,
    inject,
    as: (role) => (method, url, body) =>
      inject({
        method,
        url,
        ...(role === undefined ? {} : { cookies: { [SESSION_COOKIE]: cookieOf(role) } }),
        ...(body === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    async restart(between) {
      await opened.app.close()
      await opened.server.close()
      await between?.()
      opened = await open()
    },
    async close() {
      await opened.app.close()
      await opened.server.close()
      await database?.release()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export const person = (role: Role): Person => ({
  username: role,
  name: role === 'admin' ? '管理员' : role,
  role,
  orgUnits: isBureauRole(role) ? [] : [SCHOOL],
})

export const DEVICE = 'tabletaaaaaaa'

/** What a tablet sends that has sent `sent` mutations before. */
export function askOf(question: Partial<Ask> & { readonly orgUnit?: string }): Ask {
  const { orgUnit = SCHOOL, ...rest } = question
  return {
    stream: streamOf(orgUnit),
    device: DEVICE,
    cursor: 0,
    acked: 0,
    chain: EMPTY_CHAIN,
    floor: 1,
    floorChain: EMPTY_CHAIN,
    mutations: [],
    ...rest,
  }
}

export const setTo = (n: number, key: string, value: Mutation['value'], base: readonly string[] = []): Mutation => ({
  n,
  kind: 'set',
  key,
  value,
  base: [...base],
  at: START,
  pv: 1,
})

export const syncBody = (...asks: readonly Ask[]) => ({ v: 1, app: 'test', now: START, asks })

/** The answers of an exchange that was accepted as a request. */
export function answersOf(answer: Answer): SyncAnswer['answers'] {
  if (answer.status !== 200) throw new Error(answer.text)
  return (answer.body as SyncAnswer).answers
}
