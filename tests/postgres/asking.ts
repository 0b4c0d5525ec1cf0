import pg from 'pg'

/** One statement on a connection of its own. */
export async function asking(url: string, text: string, parameters: readonly unknown[] = []) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(text, [...parameters])
    return rows
  } finally {
    await client.end()
  }
}
