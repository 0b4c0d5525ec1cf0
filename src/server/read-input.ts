/**
 * What comes from outside is parsed by the schema of its route before the route sees it: nothing is coerced, cut or filled in.
 * The same schemas describe the routes (`describe.ts`), so what is described is what is checked.
 */
import type { FastifyInstance, FastifyTypeProvider } from 'fastify'
import * as v from 'valibot'

/** Input that does not fit its route's schema. Fastify writes `validationContext`: which part of the request it was. */
export class InputError extends Error {
  validationContext?: string
  constructor(
    readonly path: string | undefined,
    readonly problem: string,
  ) {
    super(problem)
  }
}

export interface ValibotProvider extends FastifyTypeProvider {
  readonly validator: this['schema'] extends v.GenericSchema ? v.InferOutput<this['schema']> : unknown
}

export function readInputBySchema(app: FastifyInstance): void {
  app.setValidatorCompiler<v.GenericSchema>(({ schema }) => (input) => {
    const parsed = v.safeParse(schema, input, { abortEarly: true })
    return parsed.success ? { value: parsed.output } : { error: issueToError(parsed.issues[0]) }
  })
  // Answers are typed where they are made; the schema of an answer only describes it.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
}

export function issueToError(issue: v.BaseIssue<unknown>): InputError {
  const { path, problem } = deepest(issue, [])
  return new InputError(path.length > 0 ? path.join('.') : undefined, problem)
}

/** A union says only that none of its schemas fits; the one that came furthest says what is wrong. */
function deepest(
  issue: v.BaseIssue<unknown>,
  before: readonly string[],
): { readonly path: readonly string[]; readonly problem: string } {
  const path = [...before, ...(issue.path ?? []).map((step) => String(step.key))]
  let found = { path: path as readonly string[], problem: issue.message }
  for (const inner of issue.issues ?? []) {
    const deep = deepest(inner, path)
    if (deep.path.length > found.path.length) found = deep
  }
  return found
}
