/** A robot as its row has it, for whoever speaks to it. */
import type { Selectable } from 'kysely'
import * as v from 'valibot'
import { WEBHOOK_KINDS } from '#domain/webhook'
import type { Tables } from '../store/tables'
import type { Robot } from './robot-forms'

export const kindSchema = v.picklist(WEBHOOK_KINDS)

export function rowToRobot({ kind, url, secret }: Pick<Selectable<Tables['webhook']>, 'kind' | 'url' | 'secret'>): Robot {
  return { kind: v.parse(kindSchema, kind), url, secret: secret ?? undefined }
}
