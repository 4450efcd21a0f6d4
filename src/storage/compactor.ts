import { type Clock, pause } from '../base/clock.ts'
import type { Component } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import { CompactedError, type Storage } from './storage.ts'

interface Sample {
  readonly time: number
  readonly revision: number
}

/** Which revision was the newest some time ago: what is older may be forgotten. */
export class HistoryWindow {
  readonly #keepMs: number
  readonly #samples: Sample[] = []

  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  /**
   * Notes the newest revision at a monotonic time, and returns the newest one that is known to be
   * older than the window; undefined until there is one.
   */
  advance(time: number, revision: number): number | undefined {
    this.#samples.push({ time, revision })
    let old: Sample | undefined
    while ((this.#samples[0]?.time ?? time) <= time - this.#keepMs) old = this.#samples.shift()
    return old?.revision
  }
}

export interface CompactorOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly logger: Logger
  /** How long a state stays readable; upstream keeps at least five minutes. */
  readonly keepMs: number
  /** How often to look: history is kept for up to so much longer. */
  readonly intervalMs: number
}

/** Forgets the states that are older than a span, so that a store does not grow for ever. */
export class Compactor implements Component {
  readonly name = 'storage-compactor'
  readonly #options: CompactorOptions

  constructor(options: CompactorOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, storage, keepMs, intervalMs } = this.#options
    const window = new HistoryWindow(keepMs)
    do {
      const revision = window.advance(clock.monotonic(), storage.revision())
      if (revision !== undefined && revision > storage.compactedRevision()) {
        await this.#compact(revision)
      }
    } while (await pause(clock, intervalMs, signal))
  }

  async #compact(revision: number): Promise<void> {
    const { storage, logger } = this.#options
    try {
      await storage.compact(revision)
      logger.debug('compacted', { revision })
    } catch (error) {
      if (error instanceof CompactedError) return // Somebody else was faster.
      logger.error('compaction failed', { revision, error: formatError(error) })
    }
  }
}
