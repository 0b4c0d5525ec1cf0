/** The browser's network for one person: each request says whose work it carries, and the server refuses another person's cookie. */
import { PERSON_HEADER } from '#domain/person'

export function fetchAs(username: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return (input, init = {}) => {
    const headers = new Headers(init.headers)
    headers.set(PERSON_HEADER, encodeURIComponent(username))
    return fetch(input, { ...init, headers })
  }
}
