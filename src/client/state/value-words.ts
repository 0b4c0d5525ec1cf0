/** Who typed a value, when and where, for reading. */
import type { PastValue } from '../device/contract'
import { t } from '../i18n/i18n'
import { useSession } from './session'

/** What the server itself takes in from a file has this name in place of a tablet's. */
const IMPORTS = 'serverimports'
/** Enough letters to tell the tablets of a school apart. */
const NAME_LETTERS = 4
/** A clock that is off by less is right: minutes are all that is shown. */
const CLOCK_RIGHT_MS = 60_000

export type Author = {
  readonly who: string
  readonly isOwn: boolean
  readonly device: string
  /** By this tablet's clock, milliseconds since 1970. */
  readonly at: number
  /** The author's clock was wrong, and this is the right time. */
  readonly isCorrected: boolean
}

type Written = Pick<PastValue, 'by' | 'at' | 'device' | 'name' | 'skew'>

/** Composable: it reads the session. */
export function useAuthors(): {
  readonly authorOf: (written: Written) => Author
  readonly nameOf: (username: string, name?: string) => string
} {
  const session = useSession()

  function nameOf(username: string, name?: string): string {
    const known = session.nameOf(username)
    return known === username && name !== undefined ? name : known
  }

  function deviceWords(device: string): string {
    if (device === session.device?.name) return t('entry.device.own')
    if (device === IMPORTS) return t('entry.device.import')
    return t('entry.device.other', { name: device.slice(0, NAME_LETTERS).toUpperCase() })
  }

  return {
    nameOf,
    authorOf({ by, at, device, name, skew }) {
      const own = session.device?.sync.skew ?? 0
      // The server's measure of the author's clock, and ours of our own: what their clock should have shown, as ours shows it.
      const off = device === session.device?.name || skew === undefined ? 0 : skew + own
      const isCorrected = Math.abs(off) >= CLOCK_RIGHT_MS
      return {
        who: nameOf(by, name),
        isOwn: by === session.person?.username,
        device: deviceWords(device),
        at: isCorrected ? at + off : at,
        isCorrected,
      }
    },
  }
}
