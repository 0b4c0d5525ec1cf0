/** Ready phrases in a note: each is put behind what is there, and taken out again with the comma that brought it. */
const COMMA = '，'

export function withPhrase(note: string, phrase: string): string {
  const before = note.trim()
  if (before === '') return phrase
  return /[，。；、,.;]$/.test(before) ? before + phrase : before + COMMA + phrase
}

export function withoutPhrase(note: string, phrase: string): string {
  for (const found of [COMMA + phrase, phrase + COMMA, phrase]) if (note.includes(found)) return note.replace(found, '').trim()
  return note
}
