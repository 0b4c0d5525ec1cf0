import * as v from 'valibot'
import type { Api } from '../api'
import type { Deps } from '../app'

const answerSchema = v.object({
  /** `full`: there is no room for what tablets send; they keep it and try again. Reading goes on. */
  status: v.picklist(['ok', 'full']),
  /** Since when, in milliseconds since 1970. */
  fullSince: v.optional(v.number()),
  version: v.string(),
  /** The plan document's id. */
  plan: v.string(),
})

export function healthRoutes(api: Api, { version, plan, room }: Pick<Deps, 'version' | 'plan' | 'room'>): void {
  api.get(
    '/health',
    { schema: { summary: 'Whether the server is alive, its version and its plan', response: { 200: answerSchema } } },
    () => {
      const fullSince = room.fullSince()
      const state = fullSince === undefined ? ({ status: 'ok' } as const) : ({ status: 'full', fullSince } as const)
      return { ...state, version, plan: plan.plan.document.id }
    },
  )
}
