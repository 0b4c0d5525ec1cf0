import * as v from 'valibot'
import { may } from '#domain/may'
import { answerFault } from '../answer-fault'
import type { Api } from '../api'
import type { Deps } from '../app'
import { personOf } from '../access'
import { putWindows, readWindows, tagOf, windowsFor } from '../windows'
import { newWindowsSchema, windowsSchema } from '../wire'

export function windowRoutes(api: Api, { db, plan: { plan } }: Pick<Deps, 'db' | 'plan'>): void {
  api.get(
    '/windows',
    {
      schema: {
        summary:
          "From when to when reports may be handed in, in local times of the district's time zone; of the extensions those of the org units " +
          'that the person may read',
        response: { 200: windowsSchema, 304: v.null() },
      },
      config: { access: 'signedIn' },
    },
    async (request, reply) => {
      const windows = windowsFor(personOf(request), await readWindows(db, plan))
      const tag = tagOf(windows)
      void reply.header('etag', tag).header('cache-control', 'private, no-cache')
      return tagsOf(request.headers['if-none-match']).includes(tag) ? reply.code(304).send() : windows
    },
  )

  api.put(
    '/windows',
    {
      schema: {
        summary:
          'Puts these windows in place of all that there are, or none of them. With the header `if-match`, only where they are still those ' +
          'that have this tag',
        body: newWindowsSchema,
        response: { 200: windowsSchema },
      },
      config: {
        access: 'signedIn',
        faults: ['right.missing', 'window.invalid', 'window.changed', 'period.unknown', 'dataSet.unknown', 'orgUnit.unknown'],
      },
    },
    async (request, reply) => {
      if (!may(personOf(request), { do: 'administer' })) return answerFault(reply, { kind: 'right.missing' })
      const [known] = tagsOf(request.headers['if-match'])
      const put = await putWindows(db, plan, { windows: request.body.windows, known })
      if (!put.ok) return answerFault(reply, put.fault)
      void reply.header('etag', tagOf(put.value))
      return put.value
    },
  )
}

/** A proxy that compresses marks a tag as weak. */
export const tagsOf = (header: string | undefined): readonly string[] =>
  header?.split(',').map((tag) => tag.trim().replace(/^W\//, '')) ?? []
