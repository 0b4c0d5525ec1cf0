/**
 * Every change of the tables, in order, as one map: a map goes into the bundle, a folder of files would not.
 * A released migration is never edited; the next change is the next entry.
 *
 * One map for both databases. Columns are `text`, `integer` and `real`, as SQLite has them; `postgres-types.ts` says what PostgreSQL calls
 * these.
 */
import { Migrator, sql, type Kysely, type Migration } from 'kysely'
import { makeAppendOnly } from './append-only'
import { isPostgres } from './dialect'
import { PostgresTypes } from './postgres-types'
import type { Tables } from './tables'

const migrations: Record<string, Migration> = {
  '0001_first': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Rows lie in the order of their key: one look-up less. PostgreSQL has no such tables.
      const withoutRowid = isPostgres(db) ? sql`` : sql`without rowid`
      await db.schema
        .createTable('meta')
        .addColumn('key', 'text', (c) => c.primaryKey().notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema
        .createTable('stream')
        .addColumn('id', 'integer', (c) => (isPostgres(db) ? c.generatedAlwaysAsIdentity() : c).primaryKey())
        .addColumn('name', 'text', (c) => c.notNull().unique())
        .addColumn('seq', 'integer', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('cell')
        .addColumn('stream', 'integer', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('seq', 'integer', (c) => c.notNull())
        .addColumn('heads', 'text', (c) => c.notNull())
        .addColumn('missing', 'text')
        .addPrimaryKeyConstraint('cell_pk', ['stream', 'key'])
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema
        .createTable('log')
        .addColumn('stream', 'integer', (c) => c.notNull())
        .addColumn('seq', 'integer', (c) => c.notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('n', 'integer', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('value', 'text', (c) => c.notNull())
        .addColumn('base', 'text')
        .addColumn('by', 'text', (c) => c.notNull())
        // A device's clock may be any number at all; as a real it can always be read back.
        .addColumn('at', 'real', (c) => c.notNull())
        .addColumn('received', 'real', (c) => c.notNull())
        .addColumn('pv', 'integer', (c) => c.notNull())
        .addColumn('verdict', 'text', (c) => c.notNull())
        .addColumn('chain', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('log_pk', ['stream', 'device', 'n'])
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema
        .createTable('peer')
        .addColumn('stream', 'integer', (c) => c.notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('last', 'integer', (c) => c.notNull())
        .addColumn('chain', 'text', (c) => c.notNull())
        .addColumn('skew', 'real', (c) => c.notNull())
        .addPrimaryKeyConstraint('peer_pk', ['stream', 'device'])
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema
        .createTable('org_unit')
        .addColumn('code', 'text', (c) => c.primaryKey().notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('ownership', 'text', (c) => c.notNull())
        .addColumn('group_name', 'text')
        .addColumn('community', 'text')
        .addColumn('subdistrict', 'text')
        .addColumn('opened', 'text')
        .addColumn('closed', 'text')
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema
        .createTable('account')
        .addColumn('key', 'text', (c) => c.primaryKey().notNull())
        .addColumn('username', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('role', 'text', (c) => c.notNull())
        .addColumn('org_units', 'text', (c) => c.notNull())
        .addColumn('password_hash', 'text', (c) => c.notNull())
        .addColumn('created', 'real', (c) => c.notNull())
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema
        .createTable('session')
        .addColumn('token_hash', 'text', (c) => c.primaryKey().notNull())
        .addColumn('account', 'text', (c) => c.notNull().references('account.key').onDelete('cascade'))
        .addColumn('created', 'real', (c) => c.notNull())
        .addColumn('seen', 'real', (c) => c.notNull())
        .modifyEnd(withoutRowid)
        .execute()
      await db.schema.createIndex('session_by_account').on('session').columns(['account']).execute()
      await db.schema
        .createTable('plan')
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('version', 'integer', (c) => c.notNull())
        .addColumn('document', 'text', (c) => c.notNull())
        .addColumn('installed', 'real', (c) => c.notNull())
        .addPrimaryKeyConstraint('plan_pk', ['id', 'version'])
        .execute()
    },
  },
  '0003_tablets': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('tablet')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('account', 'text', (c) => c.notNull().references('account.key').onDelete('cascade'))
        .addColumn('first_contact', 'real', (c) => c.notNull())
        .addColumn('last_contact', 'real', (c) => c.notNull())
        .addColumn('skew', 'real', (c) => c.notNull())
        .addColumn('app', 'text', (c) => c.notNull())
        .addColumn('unsent', 'integer', (c) => c.notNull())
        .addColumn('oldest', 'real')
        .addColumn('refused', 'integer', (c) => c.notNull())
        .addColumn('conflicts', 'integer', (c) => c.notNull())
        .addColumn('files', 'integer', (c) => c.notNull())
        .addColumn('drafts', 'integer', (c) => c.notNull())
        .addColumn('plan', 'integer')
        .addColumn('used', 'real')
        .addColumn('quota', 'real')
        .addColumn('persisted', 'integer')
        .addColumn('revoked', 'real')
        .addColumn('revoked_by', 'text')
        .addColumn('told', 'real')
        .execute()
      await db.schema.createIndex('tablet_by_account').on('tablet').columns(['account']).execute()
      await db.schema.alterTable('session').addColumn('tablet', 'text').execute()
      await db.schema.alterTable('session').addColumn('revoked', 'real').execute()
      await db.schema.createIndex('session_by_tablet').on('session').columns(['tablet']).execute()
    },
  },
  '0005_history': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Refused, merged and conflicting mutations only: a row that is simply applied never touches it.
      await db.schema
        .createIndex('log_exceptions')
        .on('log')
        .columns(['key', 'stream'])
        .where(sql<boolean>`verdict <> 'applied'`)
        .execute()
    },
  },
  '0004_backups_and_rights': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('safe')
        .addColumn('stream', 'integer', (c) => c.notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('last', 'integer', (c) => c.notNull())
        .addColumn('chain', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('safe_pk', ['stream', 'device'])
        .execute()
      await db.schema
        .createTable('former_right')
        .addColumn('account', 'text', (c) => c.notNull().references('account.key').onDelete('cascade'))
        .addColumn('org_unit', 'text', (c) => c.notNull())
        .addColumn('taken', 'real', (c) => c.notNull())
        .addPrimaryKeyConstraint('former_right_pk', ['account', 'org_unit'])
        .execute()
      await db.schema.alterTable('account').addColumn('disabled', 'real').execute()
    },
  },
  '0007_uploads': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('upload')
        .addColumn('org_unit', 'text', (c) => c.notNull())
        .addColumn('sha256', 'text', (c) => c.notNull())
        .addColumn('type', 'text', (c) => c.notNull())
        .addColumn('size', 'integer', (c) => c.notNull())
        .addColumn('width', 'integer')
        .addColumn('height', 'integer')
        .addColumn('by', 'text', (c) => c.notNull())
        .addColumn('received', 'real', (c) => c.notNull())
        .addPrimaryKeyConstraint('upload_pk', ['org_unit', 'sha256'])
        .execute()
    },
  },
  '0006_deposits': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('deposit')
        .addColumn('received', 'real', (c) => c.primaryKey().notNull())
        .addColumn('sha256', 'text', (c) => c.notNull())
        .addColumn('author', 'text', (c) => c.notNull())
        .addColumn('bearer', 'text', (c) => c.notNull())
        .addColumn('tablet', 'text', (c) => c.notNull())
        .addColumn('made', 'real', (c) => c.notNull())
        .addColumn('value_count', 'integer', (c) => c.notNull())
        .execute()
      await db.schema.createIndex('deposit_by_content').on('deposit').columns(['sha256']).execute()
      await db.schema
        .createTable('deposit_part')
        .addColumn('stream', 'text', (c) => c.notNull())
        .addColumn('device', 'text', (c) => c.notNull())
        .addColumn('received', 'real', (c) => c.notNull().references('deposit.received').onDelete('cascade'))
        .addColumn('first', 'integer', (c) => c.notNull())
        .addColumn('last', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('deposit_part_pk', ['stream', 'device', 'received'])
        .execute()
    },
  },
  '0008_report_steps': {
    async up(db: Kysely<unknown>): Promise<void> {
      // Steps only: a value never touches it.
      await db.schema
        .createIndex('log_steps')
        .on('log')
        .columns(['stream', 'seq'])
        .where(sql<boolean>`kind = 'move'`)
        .execute()
    },
  },
  '0009_windows': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('report_window')
        .addColumn('period', 'text', (c) => c.notNull())
        .addColumn('data_set', 'text', (c) => c.notNull())
        .addColumn('opens', 'text')
        .addColumn('due', 'text')
        .addColumn('closes', 'text')
        .addPrimaryKeyConstraint('report_window_pk', ['period', 'data_set'])
        .execute()
      await db.schema
        .createTable('report_extension')
        .addColumn('period', 'text', (c) => c.notNull())
        .addColumn('data_set', 'text', (c) => c.notNull())
        .addColumn('org_unit', 'text', (c) => c.notNull())
        .addColumn('due', 'text')
        .addColumn('closes', 'text')
        .addPrimaryKeyConstraint('report_extension_pk', ['period', 'data_set', 'org_unit'])
        .execute()
    },
  },
  '0010_accounts_and_audit': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .alterTable('account')
        .addColumn('one_time', 'integer', (c) => c.notNull().defaultTo(0))
        .execute()
      await db.schema.alterTable('account').addColumn('data_sets', 'text').execute()
      await db.schema
        .alterTable('session')
        .addColumn('one_time', 'integer', (c) => c.notNull().defaultTo(0))
        .execute()
      await db.schema
        .alterTable('session')
        .addColumn('agent', 'text', (c) => c.notNull().defaultTo(''))
        .execute()
      await db.schema
        .createTable('known_browser')
        .addColumn('account', 'text', (c) => c.notNull().references('account.key').onDelete('cascade'))
        .addColumn('token_hash', 'text', (c) => c.notNull())
        .addColumn('seen', 'real', (c) => c.notNull())
        .addPrimaryKeyConstraint('known_browser_pk', ['account', 'token_hash'])
        .execute()
      await db.schema
        .createTable('audit')
        .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
        .addColumn('at', 'real', (c) => c.notNull())
        .addColumn('by', 'text', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('subject', 'text', (c) => c.notNull())
        .addColumn('details', 'text', (c) => c.notNull())
        .addColumn('address', 'text', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('log_checkpoint')
        .addColumn('stream', 'integer', (c) => c.notNull())
        .addColumn('upto', 'integer', (c) => c.notNull())
        .addColumn('digest', 'text', (c) => c.notNull())
        .addColumn('audit', 'integer', (c) => c.notNull())
        .addPrimaryKeyConstraint('log_checkpoint_pk', ['stream', 'upto'])
        .execute()
      await makeAppendOnly(db, ['log', 'audit', 'log_checkpoint'])
    },
  },
  '0011_webhooks': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('webhook')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('place', 'integer', (c) => c.notNull())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('name', 'text', (c) => c.notNull())
        .addColumn('url', 'text', (c) => c.notNull())
        .addColumn('secret', 'text')
        .addColumn('is_on', 'integer', (c) => c.notNull())
        .addColumn('occasions', 'text', (c) => c.notNull())
        .addColumn('since', 'real', (c) => c.notNull())
        .addColumn('free', 'real', (c) => c.notNull())
        .execute()
      await db.schema
        .createTable('webhook_message')
        .addColumn('webhook', 'text', (c) => c.notNull().references('webhook.id').onDelete('cascade'))
        .addColumn('occasion', 'text', (c) => c.notNull())
        .addColumn('text', 'text', (c) => c.notNull())
        .addColumn('made', 'real', (c) => c.notNull())
        .addColumn('tries', 'integer', (c) => c.notNull())
        .addColumn('next_try', 'real', (c) => c.notNull())
        .addColumn('lease', 'real', (c) => c.notNull())
        .addColumn('sent', 'real')
        .addColumn('tried', 'real')
        .addColumn('fault', 'text')
        .addPrimaryKeyConstraint('webhook_message_pk', ['webhook', 'occasion'])
        .execute()
      await db.schema
        .createTable('webhook_place')
        .addColumn('stream', 'integer', (c) => c.primaryKey().notNull())
        .addColumn('seq', 'integer', (c) => c.notNull())
        .execute()
    },
  },
}

/** Brings the tables to the newest state. Throws, with the database as it was, if it is newer than the program. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const adapted = isPostgres(db) ? withPostgresTypes : migrations
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(adapted) } })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error instanceof Error ? error : new Error('migration failed', { cause: error })
}

const withPostgresTypes: Record<string, Migration> = Object.fromEntries(
  Object.entries(migrations).map(([name, migration]) => [name, { up: (db) => migration.up(db.withPlugin(new PostgresTypes())) }]),
)
