import { type Clock, pause } from '../../base/clock.ts'
import type { Component } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { CompactedError, type Storage } from '../storage.ts'

/** Upstream's key, by which all API servers of an etcd agree whose turn it is. */
export const COMPACTION_KEY = 'compact_rev_key'

export interface EtcdCompactorOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly logger: Logger
  /** Upstream: five minutes. History is kept for that long, and up to twice. */
  readonly intervalMs: number
}

/**
 * Compacts an etcd that several API servers share, upstream's among them: once in an interval,
 * whichever comes first. Each round writes the revision that was newest a round ago, if nobody has
 * written since this server looked last; the winner compacts to what it wrote, the others take
 * over the winner's time and stand in if it does not come back.
 */
export class EtcdCompactor implements Component {
  readonly name = 'etcd-compactor'
  readonly #options: EtcdCompactorOptions
  /** The version of the key that was last seen, as its modRevision; 0: there was none. */
  #seenTurn = 0
  /** The newest revision of a round ago. */
  #revision = 0

  constructor(options: EtcdCompactorOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, intervalMs, logger } = this.#options
    while (await pause(clock, intervalMs, signal)) {
      try {
        await this.#round()
      } catch (error) {
        if (error instanceof CompactedError) continue // An administrator was faster.
        logger.error('compaction failed', { error: formatError(error) })
      }
    }
  }

  async #round(): Promise<void> {
    const { storage, logger } = this.#options
    const target = this.#revision
    const result = await storage.put(COMPACTION_KEY, Buffer.from(String(target)), {
      expectedModRevision: this.#seenTurn,
    })
    if (result.code === 'Conflict') {
      this.#seenTurn = result.current?.modRevision ?? 0
      this.#revision = storage.revision()
      return
    }
    this.#seenTurn = result.keyValue.modRevision
    this.#revision = result.keyValue.modRevision
    if (target === 0) return // The first round of all knows no revision that is old enough.
    await storage.compact(target)
    logger.debug('compacted', { revision: target })
  }
}
