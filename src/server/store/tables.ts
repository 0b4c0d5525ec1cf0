/**
 * The tables, the same in every database. Report tables are keyed by stream first, so that a database spread over machines can
 * place them by it. Columns hold text, numbers or null; JSON is text.
 */
import type { Generated } from 'kysely'

/** The lock and the counter of a stream. Its rows elsewhere name it by `id`: they are many, and the name is long. */
type StreamTable = { id: Generated<number>; name: string; seq: number; digest: string }

/** `heads`: the values nobody has replaced yet, as `stored-cell.ts` writes them. `missing`: JSON of ids, only after a restore. */
type CellTable = { stream: number; key: string; seq: number; heads: string; missing: string | null }

/** Every mutation that ever arrived, the rejected ones too: this is the history. Nothing is ever deleted from it. */
type LogTable = {
  stream: number
  seq: number
  device: string
  n: number
  kind: string
  key: string
  value: string
  base: string | null
  by: string
  at: number
  received: number
  pv: number
  verdict: string
  chain: string
}

/** What is known of a device in a stream: all the state that is needed to recognise what was sent before. */
type PeerTable = { stream: number; device: string; last: number; chain: string; skew: number }

/** What the newest verified backup has of each device: so much need not be kept on the tablets. */
type SafeTable = { stream: number; device: string; last: number; chain: string }

/** `epoch`: random, new with every restore of the database. `restored`: when it was, in milliseconds. `backup`: the newest verified one. */
type MetaTable = { key: string; value: string }

type OrgUnitTable = {
  code: string
  name: string
  type: string
  ownership: string
  group_name: string | null
  community: string | null
  subdistrict: string | null
  opened: string | null
  closed: string | null
}

/**
 * `key` is the username folded, so that `Wang` and `wang` are one account. `org_units`: JSON of codes. `disabled`: since when nobody may
 * sign in with it. `one_time`: 1 while the password is one that somebody else knows. `data_sets`: JSON of those that a filler is limited to.
 */
type AccountTable = {
  key: string
  username: string
  name: string
  role: string
  org_units: string
  password_hash: string
  created: number
  disabled: number | null
  one_time: Generated<number>
  data_sets: string | null
}

/** What an account could read once and cannot now: an org unit's code, or `*` for every one. `taken`: when. */
type FormerRightTable = { account: string; org_unit: string; taken: number }

/**
 * Only the SHA-256 of the token is kept: who reads the database cannot sign in with it. `tablet`: from which it last came; `revoked`:
 * when it was taken away. The row stays until it would have run out, so that the tablet can be told why. `one_time`: 1 for a session that
 * may only set a password. `agent`: what the browser calls itself.
 */
type SessionTable = {
  token_hash: string
  account: string
  created: number
  seen: number
  tablet: string | null
  revoked: number | null
  one_time: Generated<number>
  agent: Generated<string>
}

/** Browsers in which an account was signed in to before: strangers' wrong passwords do not hold these up. */
type KnownBrowserTable = { account: string; token_hash: string; seen: number }

/**
 * What a person's tablet last said of itself, for those who look after the tablets; nothing else depends on it. `oldest` is by the
 * tablet's clock, all other moments are the server's. `skew`: server minus tablet. `told`: when a revoked tablet heard of it.
 */
type TabletTable = {
  id: string
  account: string
  first_contact: number
  last_contact: number
  skew: number
  app: string
  unsent: number
  oldest: number | null
  refused: number
  conflicts: number
  files: number
  drafts: number
  plan: number | null
  used: number | null
  quota: number | null
  persisted: number | null
  revoked: number | null
  revoked_by: string | null
  told: number | null
}

/**
 * A file of unsent work that somebody (`bearer`) handed in for its author. `received`: the moment that the log rows got which came with
 * it; no two deposits have the same. `made`: by the author's tablet. `deposit_part`: whose numbers it held, in which stream (by name, as
 * nothing of it may have been taken yet).
 */
type DepositTable = {
  received: number
  sha256: string
  author: string
  bearer: string
  tablet: string
  made: number
  value_count: number
}
type DepositPartTable = { stream: string; device: string; received: number; first: number; last: number }

type PlanTable = { id: string; version: number; document: string; installed: number }

/**
 * Files that have arrived whole, by whom they were brought for which org unit. The same file may be there for several units; its bytes are
 * kept once, by digest. Nobody has a file for having named its digest: each unit's was brought whole.
 */
type UploadTable = {
  org_unit: string
  sha256: string
  type: string
  size: number
  width: number | null
  height: number | null
  by: string
  received: number
}

/** From when to when a report may be handed in, in local times of the district; see `#domain/window`. */
type ReportWindowTable = { period: string; data_set: string; opens: string | null; due: string | null; closes: string | null }
type ReportExtensionTable = { period: string; data_set: string; org_unit: string; due: string | null; closes: string | null }

/**
 * A robot of a chat group. `place`: among the others. `occasions`: JSON of those that it tells. `since`: reports that were returned before
 * are none of its news. `free`: from when on it may be spoken to again. `url` holds its key: neither that nor `secret` is ever shown.
 */
type WebhookTable = {
  id: string
  place: number
  kind: string
  name: string
  url: string
  secret: string | null
  is_on: number
  occasions: string
  since: number
  free: number
}

/**
 * What a robot is to say; `occasion` names it, so that nothing is said twice. `lease`: until when a server that is sending it has it for
 * itself. `tried`, `fault`: how the last try went, where it failed; JSON of a `WebhookFault`.
 */
type WebhookMessageTable = {
  webhook: string
  occasion: string
  text: string
  made: number
  tries: number
  next_try: number
  lease: number
  sent: number | null
  tried: number | null
  fault: string | null
}

/** The stream's number up to which returned reports were told. */
type WebhookPlaceTable = { stream: number; seq: number }

/** What administration did, row by row; see `#domain/audit`. `details`: JSON. Nothing is ever changed in it. */
type AuditTable = {
  id: number
  at: number
  by: string
  kind: string
  subject: string
  details: string
  address: string
  digest: string
}

/** The digest of a stream's log from its first row up to `upto`, and the row of `audit` that names it. */
type LogCheckpointTable = { stream: number; upto: number; digest: string; audit: number }

export type Tables = {
  stream: StreamTable
  cell: CellTable
  log: LogTable
  peer: PeerTable
  safe: SafeTable
  meta: MetaTable
  org_unit: OrgUnitTable
  account: AccountTable
  former_right: FormerRightTable
  session: SessionTable
  known_browser: KnownBrowserTable
  audit: AuditTable
  log_checkpoint: LogCheckpointTable
  tablet: TabletTable
  deposit: DepositTable
  deposit_part: DepositPartTable
  upload: UploadTable
  plan: PlanTable
  report_window: ReportWindowTable
  report_extension: ReportExtensionTable
  webhook: WebhookTable
  webhook_message: WebhookMessageTable
  webhook_place: WebhookPlaceTable
}
