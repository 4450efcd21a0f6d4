import type { Clock } from '../../base/clock.ts'

interface Entry {
  delayMs: number
  lastMs: number
}

/**
 * Doubling delays for each key, from 10 s to 5 min, forgotten after twice the longest without a
 * failure (upstream's flowcontrol.Backoff with the kubelet's settings). Times are wall-clock, since
 * they are compared with those of the runtime.
 */
export class BackOff {
  readonly #clock: Clock
  readonly #firstMs: number
  readonly #longestMs: number
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock, firstMs = 10_000, longestMs = 300_000) {
    this.#clock = clock
    this.#firstMs = firstMs
    this.#longestMs = longestMs
  }

  /** The present delay; 0 where there was no failure. */
  delayMs(key: string): number {
    return this.#entries.get(key)?.delayMs ?? 0
  }

  /** How long to wait still, counted from an event such as a container's end; 0 for no longer. */
  remainingMs(key: string, eventMs: number): number {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#hasExpired(entry, eventMs)) return 0
    return Math.max(0, eventMs + entry.delayMs - this.#clock.now())
  }

  /** As `remainingMs`, counted from the last failure. */
  remainingSinceFailureMs(key: string): number {
    const entry = this.#entries.get(key)
    const now = this.#clock.now()
    if (entry === undefined || this.#hasExpired(entry, now)) return 0
    return Math.max(0, entry.lastMs + entry.delayMs - now)
  }

  /** A failure: the next delay is twice this one. */
  next(key: string, eventMs: number): void {
    const entry = this.#entries.get(key)
    const isKept = entry !== undefined && !this.#hasExpired(entry, eventMs)
    const delayMs = isKept ? Math.min(entry.delayMs * 2, this.#longestMs) : this.#firstMs
    this.#entries.set(key, { delayMs, lastMs: this.#clock.now() })
  }

  forget(prefix: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(prefix)) this.#entries.delete(key)
  }

  #hasExpired({ lastMs }: Entry, eventMs: number): boolean {
    return eventMs - lastMs > 2 * this.#longestMs
  }
}
