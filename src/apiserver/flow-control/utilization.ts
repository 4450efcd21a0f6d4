import type { Clock } from '../../base/clock.ts'
import { TimedRatio } from './timed-ratio.ts'

/** Upstream's; those that end with 0.99 and 1 tell what is full from what is nearly so. */
const SEAT_BOUNDS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1]
const REQUEST_BOUNDS = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 1]
const DEMAND_BOUNDS = [0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.7, 2, 2.8, 4, 6]
const SORT_BOUNDS = [0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1]

/** How full a priority level was, over time. */
export class LevelUtilization {
  /** Seats in use, of those that it has. */
  readonly seats: TimedRatio
  /** Seats in use or waited for, of those that it has. */
  readonly demand: TimedRatio
  /** Requests that run, of the seats that it has. */
  readonly executing: TimedRatio
  /** Requests that wait, of those that its queues hold. */
  readonly waiting: TimedRatio

  constructor(clock: Clock, level: string) {
    const labels = { priority_level: level }
    this.seats = new TimedRatio(clock, SEAT_BOUNDS, { phase: 'executing', ...labels })
    this.demand = new TimedRatio(clock, DEMAND_BOUNDS, labels)
    this.executing = new TimedRatio(clock, REQUEST_BOUNDS, { phase: 'executing', ...labels })
    this.waiting = new TimedRatio(clock, REQUEST_BOUNDS, { phase: 'waiting', ...labels })
  }

  /** Its seats, and how many requests its queues hold, from now on; both more than 0. */
  limit(seats: number, queued: number): void {
    for (const ratio of [this.seats, this.demand, this.executing]) ratio.limit(seats)
    this.waiting.limit(queued)
  }
}

/** How many requests of one sort there were, of all that the server takes, over time. */
export class SortUtilization {
  readonly executing: TimedRatio
  readonly waiting: TimedRatio
  #waiting = 0

  constructor(clock: Clock, sort: 'readOnly' | 'mutating') {
    const labels = { request_kind: sort }
    this.executing = new TimedRatio(clock, SORT_BOUNDS, { phase: 'executing', ...labels })
    this.waiting = new TimedRatio(clock, SORT_BOUNDS, { phase: 'waiting', ...labels })
  }

  /** So many more of them wait. */
  addWaiting(count: number, nowMs: number): void {
    this.#waiting += count
    this.waiting.set(this.#waiting, nowMs)
  }

  /** What all levels together have seats and queues for, from now on; both more than 0. */
  limit(seats: number, queued: number): void {
    this.executing.limit(seats)
    this.waiting.limit(queued)
  }
}
