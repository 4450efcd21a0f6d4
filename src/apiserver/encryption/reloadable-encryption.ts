import { type Clock, deadline, sleep } from '../../base/clock.ts'
import { inBackground } from '../../base/lifetime.ts'
import type { Logger } from '../../base/logger.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { Encryption, TransformerSource } from './encryption.ts'
import { identity, type ValueTransformer } from './value-transformer.ts'

/** As upstream: new services get so long to become well, or as long as their calls may take. */
const LEAST_GRACE_MS = 10_000
const RETRY_MS = 100

/**
 * Encryption whose configuration can be replaced while it is in use
 * (`--encryption-provider-config-automatic-reload`).
 */
export class ReloadableEncryption implements TransformerSource {
  readonly #clock: Clock
  readonly #logger: Logger
  #current: Encryption
  #ending = new AbortController()
  #signal: AbortSignal | undefined

  constructor(first: Encryption, clock: Clock, logger: Logger) {
    this.#current = first
    this.#clock = clock
    this.#logger = logger
  }

  /** A transformer for every kind: what is not encrypted today may be tomorrow. */
  transformerOf(kind: Pick<Kind, 'group' | 'plural'>): ValueTransformer {
    const current = () => this.#current.transformerOf(kind) ?? identity
    return {
      current,
      read: (stored, key) => current().read(stored, key),
      write: (value, key) => current().write(value, key),
      prepare: (stored) => current().prepare?.(stored),
      way: () => current().way?.() ?? current(),
    }
  }

  check(): Promise<void> {
    return this.#current.check()
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#ending.abort(), { once: true })
    await this.#current.run(this.#ending.signal)
  }

  /**
   * From now on this configuration is in force. Rejects, and leaves the old one in force, where its
   * services do not become well in time. What is under way with the old one ends in peace.
   */
  async replace(next: Encryption): Promise<void> {
    const graceMs = Math.max(LEAST_GRACE_MS, next.serviceTimeoutMs)
    const why = 'health check for new transformers failed, polling error timed out'
    const giveUp = new AbortController()
    try {
      await deadline(this.#clock, graceMs, why, this.#becomeWell(next, giveUp.signal))
    } catch (error) {
      giveUp.abort(error)
      await next.run(giveUp.signal) // Lets go of its services at once.
      throw error
    }
    const old = { ending: this.#ending, graceMs: this.#current.serviceTimeoutMs }
    this.#current = next
    this.#ending = new AbortController()
    const signal = this.#signal
    if (signal?.aborted) this.#ending.abort()
    else signal?.addEventListener('abort', () => this.#ending.abort(), { once: true })
    inBackground(this.#logger, 'key management services', next.run(this.#ending.signal))
    const ended = sleep(this.#clock, old.graceMs, signal).then(
      () => old.ending.abort(),
      () => old.ending.abort(),
    )
    inBackground(this.#logger, 'closing key management services', ended)
  }

  async #becomeWell(next: Encryption, giveUp: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await next.check()
        return
      } catch (error) {
        if (giveUp.aborted) throw error
        await sleep(this.#clock, RETRY_MS, giveUp)
      }
    }
  }
}
