import type { Clock } from '../../base/clock.ts'

/** Something that is to happen at a time unless it is cancelled. */
export interface Deadline {
  /** Monotonic milliseconds. */
  readonly dueMs: number
  readonly onDue: () => void
}

/**
 * Deadlines that all lie equally far ahead, so that the first to be added is the first to be due:
 * one timer is enough for any number of requests under way. It is not stopped when there are none,
 * since that is so after each request of a client that is alone: it finds that out when it is due.
 */
export class DeadlineQueue implements Disposable {
  readonly #clock: Clock
  readonly #limitMs: number
  /** In the order of their times. */
  readonly #deadlines = new Set<Deadline>()
  #timer: Disposable | undefined

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock
    this.#limitMs = limitMs
  }

  add(onDue: () => void): Deadline {
    const deadline = { dueMs: this.#clock.monotonic() + this.#limitMs, onDue }
    this.#deadlines.add(deadline)
    this.#timer ??= this.#arm(this.#limitMs)
    return deadline
  }

  cancel(deadline: Deadline): void {
    this.#deadlines.delete(deadline)
  }

  /** Ends the timer, which else outlasts the deadlines that it was set for. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  /** The timer is for a deadline that may have been cancelled: then it is set for the next one. */
  #arm(ms: number): Disposable {
    return this.#clock.after(ms, () => {
      this.#timer = undefined
      const now = this.#clock.monotonic()
      for (const deadline of this.#deadlines) {
        if (deadline.dueMs > now) {
          this.#timer = this.#arm(deadline.dueMs - now)
          return
        }
        this.#deadlines.delete(deadline)
        deadline.onDue()
      }
    })
  }
}
