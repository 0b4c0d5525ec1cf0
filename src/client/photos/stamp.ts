/**
 * The lines that are drawn into a photo: when it was taken, whatever the screen has to say of it (the school, the item, who), and the place
 * where the person wants it.
 *
 * A picture out of the gallery has the time of its file, and says that it was added later: nobody shall mistake last year's for today's.
 */
import { t } from '#client/i18n/i18n'

/** A camera's picture has come through the browser's dialog by then. Milliseconds. */
const JUST_NOW_MS = 10 * 60_000
/** A receiver that finds no satellite in this time finds none indoors; nobody waits longer for a photo. Milliseconds. */
const PLACE_WAIT_MS = 6000
/** As old as a place may be: one walks from one photo to the next. Milliseconds. */
const PLACE_AGE_MAX_MS = 60_000
/** Of a degree: about a metre. */
const PLACE_DIGITS = 5

export function timeLine(file: Pick<File, 'lastModified'>, now: number): string {
  const time = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
  const isOlder = now - file.lastModified > JUST_NOW_MS
  return isOlder ? t('photo.stamp.gallery', { taken: time.format(file.lastModified), added: time.format(now) }) : time.format(now)
}

/** Also where the receiver has none: the line then says so. */
export async function placeLine(): Promise<string> {
  if (!('geolocation' in navigator)) return t('photo.stamp.noPlace')
  return new Promise((resolve) =>
    navigator.geolocation.getCurrentPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        resolve(
          t('photo.stamp.place', {
            latitude: latitude.toFixed(PLACE_DIGITS),
            longitude: longitude.toFixed(PLACE_DIGITS),
            metres: Math.ceil(accuracy),
          }),
        ),
      () => resolve(t('photo.stamp.noPlace')),
      { enableHighAccuracy: true, timeout: PLACE_WAIT_MS, maximumAge: PLACE_AGE_MAX_MS },
    ),
  )
}
