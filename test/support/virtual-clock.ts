import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/base/clock.ts'
import { Heap } from '../../src/base/heap.ts'

interface Timer {
  readonly due: number
  readonly sequence: number
  readonly fn: () => void
  isDisposed: boolean
}

/** Time that moves only when a test says so, and fires timers in one fixed order. */
export class VirtualClock implements Clock {
  #elapsed = 0
  #sequence = 0
  #pending = 0
  readonly #timers = new Heap<Timer>(
    (a, b) => a.due < b.due || (a.due === b.due && a.sequence < b.sequence),
  )

  now = () => Date.UTC(2030, 0, 1) + this.#elapsed
  monotonic = () => this.#elapsed

  /** Timers that are set and have not fired: a test that ends expects none. */
  get pendingTimers(): number {
    return this.#pending
  }

  after(ms: number, fn: () => void): Disposable {
    const timer: Timer = {
      due: this.#elapsed + Math.max(0, ms),
      sequence: this.#sequence++,
      fn,
      isDisposed: false,
    }
    this.#timers.push(timer)
    this.#pending++
    return {
      [Symbol.dispose]: () => {
        if (!timer.isDisposed) this.#pending--
        timer.isDisposed = true
      },
    }
  }

  /** Moves time on by `ms`, letting every promise settle before each timer fires. */
  async advance(ms: number): Promise<void> {
    const until = this.#elapsed + ms
    for (;;) {
      await settle()
      const next = this.#timers.peek()
      if (next === undefined || next.due > until) break
      this.#timers.pop()
      if (next.isDisposed) continue
      this.#elapsed = next.due
      next.isDisposed = true
      this.#pending--
      next.fn()
    }
    this.#elapsed = until
  }

  /** Advances in steps until `isDone`, or throws after `withinMs` of virtual time. */
  async until(isDone: () => boolean, withinMs = 600_000, stepMs = 50): Promise<void> {
    const end = this.#elapsed + withinMs
    await settle()
    while (!isDone()) {
      if (this.#elapsed >= end) throw new Error(`not reached within ${withinMs} ms of virtual time`)
      await this.advance(stepMs)
    }
  }
}

/** Lets all promises that can settle do so. */
export async function settle(): Promise<void> {
  await setImmediate()
}
