import * as v from 'valibot'
import type { Api } from '../api'
import type { Deps } from '../app'

const answerSchema = v.object({
  status: v.literal('ok'),
  version: v.string(),
  /** The plan document's id. */
  plan: v.string(),
})

export function healthRoutes(api: Api, { version, plan }: Pick<Deps, 'version' | 'plan'>): void {
  api.get(
    '/health',
    { schema: { summary: 'Whether the server is alive, its version and its plan', response: { 200: answerSchema } } },
    () => ({ status: 'ok', version, plan: plan.plan.document.id }),
  )
}
