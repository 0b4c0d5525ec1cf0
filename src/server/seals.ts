/**
 * Seals of files with unsent work. Whoever brings such a file is not its author, so the file itself must show who wrote it: otherwise
 * handing one in would be a way to write in somebody else's name.
 *
 * At signing in, a tablet gets a key for its person. It can use it to seal and cannot read it out again (the browser keeps it). The key is
 * not stored here: it is worked out again from the account, the tablet, the moment of giving, and a secret of this database. So
 *
 * - it outlives signing out and a session that has run out, which is when it is needed;
 * - a database that was put back from a backup still knows the keys that it gave afterwards;
 * - it says nothing of any other person or tablet: who has one can seal in the name of its person only.
 *
 * A tablet that was revoked may be in wrong hands: its keys from before are refused, until its person signs in on it again. Every key ends
 * with the longest time that a session lives unused: a copy of a tablet's database is not good for ever. A key is only given for a tablet of
 * the person who asks, so that revoking what the bureau sees reaches every key.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Kysely } from 'kysely'
import { sealedText, type Deposit, type DepositFile } from '#sync/deposit'
import { foldUsername } from './accounts'
import { SESSION_MS } from './sessions'
import type { Tables } from './store/tables'

const SECRET = 'sealSecret'
const SECRET_BYTES = 32

/** `id` goes into the file, `key` (base64url) stays on the tablet. */
export type SealKey = { readonly id: string; readonly key: string }

export async function giveSealKey(
  db: Kysely<Tables>,
  { username, tablet, now }: { readonly username: string; readonly tablet: string; readonly now: number },
): Promise<SealKey> {
  const account = foldUsername(username)
  return { id: String(now), key: keyOf(await secretOf(db), { account, tablet, given: now }).toString('base64url') }
}

/** Whether the tablet has said that it is another person's. One that has said nothing yet is whose session asks. */
export async function isTabletOfAnother(
  db: Kysely<Tables>,
  { username, tablet, session }: { readonly username: string; readonly tablet: string; readonly session: string | undefined },
): Promise<boolean> {
  if (session === tablet) return false
  const known = await db.selectFrom('tablet').select('account').where('id', '=', tablet).executeTakeFirst()
  return known === undefined ? session !== undefined : known.account !== foldUsername(username)
}

export type SealWord = 'fits' | 'missing' | 'wrong' | 'over' | 'revoked'

/** Whether the file was written on the tablet that it names, by the person that it names. */
export async function checkSeal(
  db: Kysely<Tables>,
  { file, deposit, now }: { readonly file: DepositFile; readonly deposit: Deposit; readonly now: number },
): Promise<SealWord> {
  const { seal } = file
  if (seal === undefined) return 'missing'
  const given = Number(seal.key)
  if (!/^\d{1,15}$/.test(seal.key)) return 'wrong'
  const { author, tablet } = deposit
  const key = keyOf(await secretOf(db), { account: foldUsername(author.username), tablet, given })
  const mac = createHmac('sha256', key).update(sealedText(file)).digest()
  const said = Buffer.from(seal.mac, 'base64url')
  if (said.length !== mac.length || !timingSafeEqual(said, mac)) return 'wrong'
  if (given < now - SESSION_MS) return 'over'
  const known = await db.selectFrom('tablet').select('revoked').where('id', '=', tablet).executeTakeFirst()
  return known !== undefined && known.revoked !== null && given <= known.revoked ? 'revoked' : 'fits'
}

function keyOf(secret: Buffer, of: { readonly account: string; readonly tablet: string; readonly given: number }): Buffer {
  return createHmac('sha256', secret)
    .update(JSON.stringify([of.account, of.tablet, of.given]))
    .digest()
}

/** Made with the first key. Two processes may both try: one of the two is kept. */
async function secretOf(db: Kysely<Tables>): Promise<Buffer> {
  const read = () => db.selectFrom('meta').select('value').where('key', '=', SECRET).executeTakeFirst()
  const known = await read()
  if (known !== undefined) return Buffer.from(known.value, 'base64url')
  await db
    .insertInto('meta')
    .values({ key: SECRET, value: randomBytes(SECRET_BYTES).toString('base64url') })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
  const made = await read()
  if (made === undefined) throw new Error('the secret of seals was written and is not there')
  return Buffer.from(made.value, 'base64url')
}
