/** What may be bound to a statement. */
import { isPlainText } from '#domain/text'

export type Parameter = string | number | bigint | null | Uint8Array

const isParameter = (value: unknown): value is Parameter =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  value instanceof Uint8Array

/**
 * Binding `undefined` or a `Date` is a defect of ours; a driver would accept some of them and store something else. So is a text that is
 * not plain: SQLite ends it at NUL, and then one name stands for another; PostgreSQL refuses it. JSON escapes both, so values of cells
 * are always plain.
 */
export function checked(value: unknown): Parameter {
  if (!isParameter(value)) throw new TypeError(`cannot be bound: ${typeof value}`)
  if (typeof value === 'string' && !isPlainText(value)) throw new TypeError('cannot be bound: a text that would be cut')
  return value
}
