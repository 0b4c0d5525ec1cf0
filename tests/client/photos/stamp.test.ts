import { afterEach, expect, test, vi } from 'vitest'
import { placeLine, timeLine } from '#client/photos/stamp'

const NOW = new Date(2024, 8, 20, 15, 4).getTime()

afterEach(() => void vi.unstubAllGlobals())

function receiver(found: { readonly latitude: number; readonly longitude: number; readonly accuracy: number } | undefined): void {
  vi.stubGlobal('navigator', {
    geolocation: {
      getCurrentPosition(there: (place: unknown) => void, not: () => void) {
        if (found === undefined) not()
        else there({ coords: found })
      },
    },
  })
}

test('a photo of this moment carries its time', () => {
  expect(timeLine({ lastModified: NOW - 5000 }, NOW)).toBe('2024-09-20 15:04')
})

test('one out of the gallery carries the time of its file, and says that it was added later', () => {
  const taken = new Date(2023, 4, 1, 8, 30).getTime()
  expect(timeLine({ lastModified: taken }, NOW)).toBe('2023-05-01 08:30（相册照片，2024-09-20 15:04 添加）')
})

test('a camera whose clock is ahead makes no photo of tomorrow', () => {
  expect(timeLine({ lastModified: NOW + 86_400_000 }, NOW)).toBe('2024-09-20 15:04')
})

test('the place is where the receiver says, with how sure it is; without one the photo says so', async () => {
  receiver({ latitude: 30.2741499, longitude: 120.1551, accuracy: 11.2 })
  expect(await placeLine()).toBe('纬度 30.27415，经度 120.15510，误差约 12 米')
  receiver(undefined)
  expect(await placeLine()).toBe('没有定到位置')
})
