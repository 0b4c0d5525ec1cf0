/** The routes of windows. They come with the pages that show them, not with the first load. */
import * as v from 'valibot'
import type { ReportWindow, Windows } from '#domain/window'
import { makeCall, type ApiResult } from './api'

const local = v.optional(v.pipe(v.string(), v.regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/)))
const schema = v.object({
  timeZone: v.string(),
  windows: v.array(
    v.object({
      ...{ period: v.string(), dataSet: v.string(), opens: local, due: local, closes: local },
      extensions: v.array(v.object({ orgUnit: v.string(), due: local, closes: local })),
    }),
  ),
})

/** `tag`: of exactly these; whoever changes them names it, so that nobody replaces what they have not seen. */
export type TaggedWindows = { readonly windows: Windows; readonly tag: string | undefined }

const call = makeCall((input, init) => globalThis.fetch(input, init))

export const fetchWindows = (): Promise<ApiResult<TaggedWindows>> => call('windows', tagged)

/** Puts these in place of all that there are. `tag`: of those that were seen. */
export const putWindows = (put: {
  readonly windows: readonly ReportWindow[]
  readonly tag: string | undefined
}): Promise<ApiResult<TaggedWindows>> =>
  call('windows', tagged, {
    method: 'PUT',
    body: { windows: put.windows },
    headers: put.tag === undefined ? {} : { 'if-match': put.tag },
  })

function tagged(body: unknown, headers: Headers): TaggedWindows | undefined {
  const windows = parseWindows(body)
  return windows === undefined ? undefined : { windows, tag: headers.get('etag') ?? undefined }
}

/** `undefined`: no windows at all, or in a way that this version does not know. */
export function parseWindows(value: unknown): Windows | undefined {
  const parsed = v.safeParse(schema, value)
  return parsed.success ? parsed.output : undefined
}
