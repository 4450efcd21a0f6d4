import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { KeyIndex } from './key-index.ts'
import type { Version } from './version.ts'

/** Keys that expire together are deleted together, instead of one timer for each. */
const SHORTEST_WAIT_MS = 1000

export interface ExpirerOptions {
  readonly index: KeyIndex
  readonly clock: Clock
  readonly logger: Logger
  /** Deletes the key unless it was written since. */
  remove(version: Version): Promise<unknown>
}

/**
 * Deletes keys whose time has come, as ordinary writes that watches see. One timer, for the first
 * of them; what cannot be deleted stays due.
 */
export class Expirer implements Disposable {
  readonly #options: ExpirerOptions
  #timer: Disposable | undefined
  #isRemoving = false
  #isDisposed = false

  constructor(options: ExpirerOptions) {
    this.#options = options
  }

  /** To be called whenever keys that expire may have been written. */
  arm(): void {
    if (this.#timer !== undefined || this.#isRemoving || this.#isDisposed) return
    const { index, clock } = this.#options
    const next = index.nextExpiry()
    if (next === undefined) return
    const waitMs = Math.max(SHORTEST_WAIT_MS, next - clock.now())
    this.#timer = clock.after(waitMs, () => this.#fire())
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  async #fire(): Promise<void> {
    const { index, clock, logger, remove } = this.#options
    this.#timer = undefined
    this.#isRemoving = true
    const outcomes = await Promise.allSettled(index.expired(clock.now()).map(remove))
    this.#isRemoving = false
    const failed = outcomes.find(({ status }) => status === 'rejected')
    if (failed !== undefined && !this.#isDisposed) {
      const error = formatError((failed as PromiseRejectedResult).reason)
      logger.error('deleting expired keys failed', { error })
    }
    this.arm()
  }
}
