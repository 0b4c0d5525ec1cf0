/**
 * Under which epoch of the server the files of each stream were last looked after. Another epoch is a server that was put back to an earlier
 * state: it may lack what it had confirmed, so what of it is still on this tablet is offered once more. Where nothing is missing that costs
 * one question for each file.
 *
 * Kept in the person's database, because the tab may be ended between hearing of the epoch and offering.
 */
import type { KeptValues } from './make-device'

const KEY = 'fileEpochs'

export type FileEpochs = {
  /** The stream is at this epoch now. `hasFiles`: some of its cells name files. */
  seen(stream: string, epoch: string, hasFiles: () => boolean): Promise<void>
}

export function createFileEpochs(store: KeptValues, offerAgain: (stream: string) => Promise<void>): FileEpochs {
  let known: Promise<Map<string, string>> | undefined
  /** One after the other: each keeps all of them. */
  let last: Promise<void> = Promise.resolve()

  async function look(stream: string, epoch: string, hasFiles: () => boolean): Promise<void> {
    known ??= store.value(KEY).then(readEpochs)
    // What could not be read now may be readable the next time.
    const epochs = await known.catch((error: unknown) => {
      known = undefined
      throw error
    })
    if (epochs.get(stream) === epoch) return
    // Also where none is noted: noting it may have failed as the files were confirmed.
    if (hasFiles()) await offerAgain(stream)
    epochs.set(stream, epoch)
    await store.putValue(KEY, Object.fromEntries(epochs))
  }

  return {
    seen(stream, epoch, hasFiles) {
      const mine = last.then(() => look(stream, epoch, hasFiles))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

function readEpochs(kept: unknown): Map<string, string> {
  if (typeof kept !== 'object' || kept === null) return new Map()
  return new Map(Object.entries(kept).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}
