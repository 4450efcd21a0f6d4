import type { Clock } from '../../base/clock.ts'

const WINDOW_MS = 60_000
const MOST_IN_WINDOW = 5

/**
 * How often objects were written of late. Servers that disagree about an object, as those of two
 * versions may, would overwrite each other for ever: who has written it often waits (upstream's
 * numbers).
 */
export class UpdateRate {
  readonly #clock: Clock
  readonly #writtenAtMs = new Map<string, readonly number[]>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  note(name: string): void {
    this.#writtenAtMs.set(name, [...this.#recent(name), this.#clock.monotonic()])
  }

  isTooHigh(name: string): boolean {
    return this.#recent(name).length > MOST_IN_WINDOW
  }

  #recent(name: string): readonly number[] {
    const since = this.#clock.monotonic() - WINDOW_MS
    const recent = (this.#writtenAtMs.get(name) ?? []).filter((atMs) => atMs >= since)
    if (recent.length === 0) this.#writtenAtMs.delete(name)
    return recent
  }
}
