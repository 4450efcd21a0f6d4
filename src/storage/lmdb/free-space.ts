import type { Clock } from '../../base/clock.ts'
import type { LogBatch } from './revision-log.ts'

/** How much of the disk stays free, for what a commit writes beside its values. */
const RESERVE_BYTES = 4 * 1024 * 1024
const PAGE_BYTES = 4096
/** What a record and its place in three trees may take. */
const PAGES_PER_WRITE = 2
const PAGES_PER_COMMIT = 16
/** How long an answer counts: others may fill the disk. */
const FRESH_MS = 100
/** Nobody fills so much in so short a time: no commit waits for the next answer. */
const PLENTY_BYTES = 1024 * 1024 * 1024
const PLENTY_MS = 10_000

export interface FreeSpaceOptions {
  readonly directory: string
  readonly freeBytes: (path: string) => Promise<number>
  readonly clock: Clock
}

/**
 * Whether a disk has room for a commit. LMDB survives a disk that is full, but the library around
 * it may write past the end of its message about that, which ends the process: what does not fit
 * is refused before it begins.
 */
export class FreeSpace {
  readonly #options: FreeSpaceOptions
  #askedAt = Number.NEGATIVE_INFINITY
  /** What is left of the last answer. */
  #left = 0

  constructor(options: FreeSpaceOptions) {
    this.#options = options
  }

  /** Undefined where there is room, or else a promise that resolves if there is, and rejects. */
  take(batch: LogBatch): Promise<void> | undefined {
    const bytes = mostBytesOf(batch)
    const ageMs = this.#options.clock.monotonic() - this.#askedAt
    const isFresh = ageMs < FRESH_MS && this.#left >= bytes
    const isPlenty = this.#left - bytes > PLENTY_BYTES && ageMs < PLENTY_MS
    if (!isFresh && !isPlenty) return this.#ask(bytes)
    if (!isFresh) void this.#look()
    this.#left -= bytes
    return undefined
  }

  async #look(): Promise<void> {
    const { clock, freeBytes, directory } = this.#options
    this.#askedAt = clock.monotonic()
    // A disk that does not say is written to, as if there were room.
    const free = await freeBytes(directory).catch(() => Number.POSITIVE_INFINITY)
    this.#left = free - RESERVE_BYTES
  }

  async #ask(bytes: number): Promise<void> {
    await this.#look()
    if (this.#left < bytes) throw new Error('No space left on device')
    this.#left -= bytes
  }
}

function mostBytesOf({ writes, swept }: LogBatch): number {
  const pages = (writes.length + swept.length) * PAGES_PER_WRITE + PAGES_PER_COMMIT
  return writes.reduce((sum, { value }) => sum + (value?.length ?? 0), pages * PAGE_BYTES)
}
