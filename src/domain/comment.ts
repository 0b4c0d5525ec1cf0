/** A comment on a report, or on one of its values: what it is about, to whom it speaks, whether it is settled. */
import * as v from 'valibot'
import { ROLES, type Role } from './person'

/** `text`, `about` and `to` belong to whoever made it; `resolved` to everybody who may comment. */
export const COMMENT_FIELDS = ['about', 'text', 'to', 'resolved'] as const
export type CommentField = (typeof COMMENT_FIELDS)[number]

/** `element`: as in the key of its value. `reply`: the comment that it answers. */
const about = v.object({
  period: v.pipe(v.string(), v.regex(/^[12]\d{3}$/)),
  dataSet: v.pipe(v.string(), v.minLength(1), v.maxLength(80)),
  element: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(120))),
  reply: v.optional(v.pipe(v.string(), v.maxLength(40))),
})
export type CommentAbout = v.InferOutput<typeof about>

export function parseCommentAbout(value: unknown): CommentAbout | undefined {
  const parsed = v.safeParse(about, value)
  return parsed.success ? parsed.output : undefined
}

/** The roles that are mentioned; what no version knows is left out. */
export function parseMentions(value: unknown): readonly Role[] {
  return Array.isArray(value) ? ROLES.filter((role) => value.includes(role)) : []
}
