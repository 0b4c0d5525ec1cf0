/** Passwords: argon2id, and one that is made when nobody chose one. */
import { randomInt } from 'node:crypto'
import { hash, verify } from '@node-rs/argon2'

/** Argon2id is the library's own choice. 19 MiB, two passes: about 0.1 s of one core. More is slower for an attacker and for the server alike. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

export const PASSWORD_LENGTH_MIN = 8
/** Longer texts only cost time to hash. */
export const PASSWORD_LENGTH_MAX = 200

export function hashPassword(password: string): Promise<string> {
  return hash(password.normalize('NFC'), COST)
}

/**
 * Whether the password is the account's. Without an account a hash is computed all the same, so that the answer takes as long and
 * nobody learns which usernames exist.
 */
export async function isPassword(password: string, stored: string | undefined): Promise<boolean> {
  if (stored === undefined) {
    await verify(await strangersHash(), password.normalize('NFC'))
    return false
  }
  return verify(stored, password.normalize('NFC'))
}

/** Whether it was hashed at another cost, or by another procedure, than today's. */
export function isOutdated(stored: string): boolean {
  const { memoryCost, timeCost, parallelism } = COST
  return !stored.startsWith(`$argon2id$v=19$m=${String(memoryCost)},t=${String(timeCost)},p=${String(parallelism)}$`)
}

let strangers: Promise<string> | undefined
function strangersHash(): Promise<string> {
  strangers ??= hashPassword(makePassword())
  return strangers
}

/** Letters and digits that cannot be mistaken for one another when they are read out or copied by hand. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'

/** Three groups of five, about 74 bits. */
export function makePassword(): string {
  const group = () => Array.from({ length: 5 }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('')
  return [group(), group(), group()].join('-')
}
