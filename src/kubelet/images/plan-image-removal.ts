import type { Image } from '../../cri/messages/image.ts'

/** What is known of an image that lies on the disk. Times in milliseconds of a monotonic clock. */
export interface ImageRecord {
  readonly image: Image
  readonly firstSeenMs: number
  readonly lastUsedMs: number
  readonly isUsed: boolean
}

/**
 * Above `high` images are removed, until no more than `low` of the disk is used: from 0 to 1. On a
 * large disk, where such a share is much, the bytes that are free decide.
 */
export interface ImageThresholds {
  readonly high: number
  readonly low: number
  readonly highFreeBytes: number
  readonly lowFreeBytes: number
  /** A younger image may be for a container that is just being started. */
  readonly minimumAgeMs: number
}

/** Upstream's defaults, but for large disks. */
export const IMAGE_THRESHOLDS: ImageThresholds = {
  high: 0.85,
  low: 0.8,
  highFreeBytes: 5 * 2 ** 30,
  lowFreeBytes: 8 * 2 ** 30,
  minimumAgeMs: 120_000,
}

/** How much must go; 0 while the disk has room. */
export function bytesToFree(
  capacityBytes: number,
  availableBytes: number,
  { high, low, highFreeBytes, lowFreeBytes }: ImageThresholds,
): number {
  const least = Math.min(Math.round(capacityBytes * (1 - high)), highFreeBytes)
  if (capacityBytes <= 0 || availableBytes > least) return 0
  const goal = Math.min(Math.round(capacityBytes * (1 - low)), lowFreeBytes)
  return Math.max(0, goal - availableBytes)
}

/** Which images go, the longest unused first, until enough is free or none is left that may go. */
export function planImageRemoval(
  records: readonly ImageRecord[],
  bytes: number,
  nowMs: number,
  { minimumAgeMs }: ImageThresholds,
): readonly Image[] {
  const removable = records
    .filter(({ image, isUsed, firstSeenMs }) => {
      return !isUsed && !image.pinned && nowMs - firstSeenMs >= minimumAgeMs
    })
    .toSorted((a, b) => a.lastUsedMs - b.lastUsedMs || a.firstSeenMs - b.firstSeenMs)
  const chosen: Image[] = []
  let freed = 0
  for (const { image } of removable) {
    if (freed >= bytes) break
    chosen.push(image)
    freed += image.size
  }
  return chosen
}
