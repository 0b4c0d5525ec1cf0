/** What the commands beside the server have in common. */
import { resolve } from 'node:path'
import type { Text } from '#domain/text'

/** The same folder as the server's. */
export const dataFolder = (): string => resolve(process.env['DATA_DIR'] ?? './data')

/** Of the PostgreSQL database, where there is one in place of the one in the folder. */
export const databaseUrl = (): string | undefined => process.env['DATABASE_URL']

export function say(text: Text): void {
  console.log(`${text.zh}\n${text.en}`)
}

/** Exit status 1. */
export function complain(text: Text): void {
  console.error(`${text.zh}\n${text.en}`)
  process.exitCode = 1
}
