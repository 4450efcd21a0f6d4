import { type Clock, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Image } from '../../cri/messages/image.ts'
import type { Machine } from '../node/machine.ts'
import { EVENT } from '../reasons.ts'
import {
  bytesToFree,
  IMAGE_THRESHOLDS,
  type ImageRecord,
  planImageRemoval,
} from './plan-image-removal.ts'

const PERIOD_MS = 300_000

export interface ImageCollectorOptions {
  readonly runtime: ContainerRuntime
  readonly machine: Machine
  readonly clock: Clock
  readonly logger: Logger
  onRemoved(): void
  /** An event about the node. */
  onFailure(reason: string, message: string): void
}

/** Removes images that nobody uses when the disk fills up. */
export class ImageCollector {
  readonly #options: ImageCollectorOptions
  readonly #seen = new Map<string, { firstSeenMs: number; lastUsedMs: number }>()

  constructor(options: ImageCollectorOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger, onFailure } = this.#options
    do {
      try {
        await this.collect()
      } catch (error) {
        logger.error('collecting images failed', { error: formatError(error) })
        onFailure(EVENT.imageGarbageCollectionFailed, formatError(error))
      }
    } while (await pause(clock, PERIOD_MS, signal))
  }

  /** Looks once, and removes what must go. */
  async collect(): Promise<void> {
    const { machine, clock, onFailure, onRemoved } = this.#options
    const records = await this.#look()
    const [{ ephemeralStorageBytes }, room] = await Promise.all([machine.facts(), machine.room()])
    const { availableDiskBytes } = room
    const wanted = bytesToFree(ephemeralStorageBytes, availableDiskBytes, IMAGE_THRESHOLDS)
    if (wanted === 0) return
    const chosen = planImageRemoval(records, wanted, clock.monotonic(), IMAGE_THRESHOLDS)
    let freed = 0
    for (const image of chosen) if (await this.#remove(image)) freed += image.size
    if (freed > 0) onRemoved()
    if (freed >= wanted) return
    onFailure(
      EVENT.freeDiskSpaceFailed,
      'Failed to garbage collect required amount of images. Attempted to free ' +
        `${wanted} bytes, but only found ${freed} bytes eligible to free.`,
    )
  }

  async #look(): Promise<readonly ImageRecord[]> {
    const { runtime, clock } = this.#options
    const [images, containers] = await Promise.all([runtime.listImages(), runtime.listContainers()])
    const used = new Set(
      containers.flatMap(({ imageRef, imageId, image }) => [imageRef, imageId, image?.image ?? '']),
    )
    const nowMs = clock.monotonic()
    const present = new Set(images.map(({ id }) => id))
    for (const id of this.#seen.keys()) if (!present.has(id)) this.#seen.delete(id)
    return images.map((image) => {
      const times = this.#seen.get(image.id) ?? { firstSeenMs: nowMs, lastUsedMs: 0 }
      const names = [image.id, ...image.repoTags, ...image.repoDigests]
      const isUsed = names.some((name) => used.has(name))
      if (isUsed) times.lastUsedMs = nowMs
      this.#seen.set(image.id, times)
      return { image, isUsed, ...times }
    })
  }

  async #remove({ id, repoTags }: Image): Promise<boolean> {
    const { runtime, logger } = this.#options
    try {
      await runtime.removeImage({ image: id })
      logger.info('removed an unused image', { image: repoTags[0] ?? id })
      return true
    } catch (error) {
      logger.info('removing an image failed', { image: id, error: formatError(error) })
      return false
    }
  }
}
