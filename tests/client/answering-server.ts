/** A server for pages that ask it by themselves: what it answers to which question, and what it was asked. */
import { vi } from 'vitest'
import type { Fault } from '#domain/fault'
import { faultText } from '#domain/fault-messages'

export type Question = { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly body: unknown }
type Answers = (question: Question) => unknown

/** An answer with which the server says what a person can put right. */
export class Refused {
  constructor(
    readonly fault: Fault,
    readonly status = 400,
  ) {}
}

export type AnsweringServer = {
  /** No request gets through. */
  isAway: boolean
  readonly asked: readonly Question[]
  /** The bodies of the questions with this method and path. */
  bodiesOf(method: string, path: string): readonly unknown[]
  stop(): void
}

/** `answers`: by method and path behind `/api/`, e.g. `PATCH accounts/li`. `undefined` is an answer without a body. */
export function answeringServer(answers: Readonly<Record<string, Answers>>): AnsweringServer {
  const asked: Question[] = []
  const server = { isAway: false }

  function fetch(input: unknown, init: RequestInit = {}): Promise<Response> {
    if (server.isAway) return Promise.reject(new TypeError('Failed to fetch'))
    const url = new URL(String(input), 'https://youxue.example')
    const question: Question = {
      method: init.method ?? 'GET',
      path: url.pathname.replace(/^\/api\//, ''),
      query: url.searchParams,
      body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined,
    }
    asked.push(question)
    const answer = answers[`${question.method} ${question.path}`]
    if (answer === undefined) throw new Error(`nobody answers ${question.method} ${question.path}`)
    const said = answer(question)
    if (said instanceof Refused) {
      const body = JSON.stringify({ fault: said.fault, message: faultText(said.fault) })
      return Promise.resolve(new Response(body, { status: said.status }))
    }
    return Promise.resolve(said === undefined ? new Response(null, { status: 204 }) : new Response(JSON.stringify(said)))
  }
  vi.stubGlobal('fetch', vi.fn<typeof globalThis.fetch>(fetch))

  return {
    get isAway() {
      return server.isAway
    },
    set isAway(isAway) {
      server.isAway = isAway
    },
    asked,
    bodiesOf: (method, path) => asked.filter((each) => each.method === method && each.path === path).map(({ body }) => body),
    stop: () => vi.unstubAllGlobals(),
  }
}
