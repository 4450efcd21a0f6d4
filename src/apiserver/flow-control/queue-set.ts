import type { Clock } from '../../base/clock.ts'
import type { ServerRequest } from '../request.ts'
import type { SeatDemand } from './seat-demand.ts'
import type { LevelUtilization } from './utilization.ts'
import type { WorkEstimate } from './work-estimate.ts'

/** What a request is assumed to take before it has ended. */
const ASSUMED_MS = 3

/** How requests wait. No queues: what cannot run at once is rejected. */
export interface Queuing {
  readonly queues: number
  readonly queueLengthLimit: number
}

/** Whose request it is, for those who look on. */
export interface Subject {
  readonly request: ServerRequest
  readonly schemaName: string
  readonly distinguisher: string
}

/** A request as those see it who look on; monotonic times, 0 for what has not begun. */
export interface RequestSnapshot extends Partial<Subject> {
  readonly estimate: WorkEstimate
  /** Its queue's index and its place there; -1 where there is none, or it runs. */
  readonly queue: number
  readonly index: number
  readonly arrivedAtMs: number
  readonly startedAtMs: number
}

/** A queue as those see it who look on. */
export interface QueueSnapshot {
  readonly waiting: number
  readonly executing: number
  readonly seatsInUse: number
  readonly nextStart: number
  readonly initialSeats: number
  readonly maxSeats: number
  readonly work: number
}

/** One request in a queue set, from its arrival to its end. */
interface Ticket {
  readonly estimate: WorkEstimate
  readonly subject: Subject | undefined
  /** Seats that it holds. */
  readonly seats: number
  /** Seat-milliseconds that it is assumed to take. */
  readonly work: number
  readonly queue: Queue | undefined
  readonly arrivedAt: number
  readonly arrivedAtMs: number
  startedAtMs: number
  /** Called when it may run; absent while it is not waited for. */
  start: (() => void) | undefined
}

interface Queue {
  waiting: Ticket[]
  /** Of what waits. */
  waitingWork: number
  executing: number
  seatsInUse: number
  /** When, in virtual time, its next request would begin if all queues were served evenly. */
  nextStart: number
}

/** What became of a request that arrived. */
export type Arrival =
  | { readonly type: 'running'; readonly run: Run }
  /** `queueLength`: of its queue, itself included. */
  | { readonly type: 'waiting'; readonly wait: Wait; readonly queueLength: number }
  | { readonly type: 'rejected'; readonly reason: 'concurrency-limit' | 'queue-full' }

/** A request that runs. */
export interface Run {
  finish(): void
}

/** A request that waits in its queue. */
export interface Wait {
  /** Resolves when it may run. */
  readonly started: Promise<Run>
  /** Takes it out of its queue; false where it runs already. */
  giveUp(): boolean
}

/**
 * Fair queuing for one priority level: of all queues with waiting requests, the one is served next
 * whose request would end first if all queues were served at once, a bit of each in turn.
 *
 *     hand of flow A   0 . 2 . . 5        each arrival joins the emptiest queue of its hand
 *     queues           ▤   ▤ ▢ ▢ ▤        virtual time runs as fast as seats serve queues:
 *                      └ next: the least (nextStart + work of its first)
 *
 * 1. Seats in use never exceed the limit, but for a request that needs more seats than there are,
 *    which runs when nothing else does.
 * 2. A queue gets no credit for time in which it had nothing to do.
 */
export class QueueSet {
  readonly #clock: Clock
  readonly #demand: SeatDemand
  readonly #utilization: LevelUtilization
  #queuing: Queuing = { queues: 0, queueLengthLimit: 0 }
  #limit = 0
  #queues: Queue[] = []
  #virtualTime = 0
  /** The clock is read once for whatever happens at one moment. */
  #syncedAtMs: number
  #activeQueues = 0
  #arrivals = 0
  #robin = 0
  executing = 0
  waiting = 0
  seatsInUse = 0
  seatsWaiting = 0
  /** Those that run, where somebody may look on: nobody pays for it otherwise. */
  #running: Set<Ticket> | undefined

  constructor(clock: Clock, demand: SeatDemand, utilization: LevelUtilization) {
    this.#clock = clock
    this.#demand = demand
    this.#utilization = utilization
    this.#syncedAtMs = clock.monotonic()
  }

  get isIdle(): boolean {
    return this.executing === 0 && this.waiting === 0 && this.seatsInUse === 0
  }

  /** At its last change, in seat-milliseconds. */
  get virtualTime(): number {
    return this.#virtualTime
  }

  get limit(): number {
    return this.#limit
  }

  /** Takes effect at once; what waits in queues that are gone is still served. */
  configure(queuing: Queuing, limit: number): void {
    this.#sync()
    this.#queuing = queuing
    this.#limit = limit
    while (this.#queues.length < queuing.queues) {
      const empty = { waiting: [], waitingWork: 0, executing: 0, seatsInUse: 0, nextStart: 0 }
      this.#queues.push(empty)
    }
    this.#dispatch()
  }

  /** `hand`: the queues that the request's flow may use. */
  arrive(estimate: WorkEstimate, hand: readonly number[], subject?: Subject): Arrival {
    this.#sync()
    const seats = Math.max(estimate.seats, estimate.finalSeats)
    if (this.#queuing.queues === 0) {
      if (!this.#hasRoomFor(seats)) return { type: 'rejected', reason: 'concurrency-limit' }
      const ticket = this.#ticket(estimate, seats, undefined, subject)
      return { type: 'running', run: this.#run(ticket) }
    }
    const queue = this.#chooseQueue(hand)
    const isFull = queue.waiting.length >= this.#queuing.queueLengthLimit
    if (isFull && this.seatsInUse >= this.#limit) return { type: 'rejected', reason: 'queue-full' }
    const ticket = this.#ticket(estimate, seats, queue, subject)
    if (queue.waiting.length === 0 && queue.executing === 0) {
      queue.nextStart = this.#virtualTime
      this.#activeQueues++
    }
    if (this.waiting === 0 && this.#hasRoomFor(seats)) {
      bound(queue, ticket)
      return { type: 'running', run: this.#run(ticket) }
    }
    this.#enqueue(queue, ticket)
    const queueLength = queue.waiting.length
    const started = new Promise<Run>((resolve) => {
      ticket.start = () => resolve({ finish: () => this.#finish(ticket) })
    })
    this.#dispatch()
    const giveUp = () => this.#giveUp(queue, ticket)
    return { type: 'waiting', wait: { started, giveUp }, queueLength }
  }

  /** Runs without a seat's limit, and counts as demand: for those who are exempt. */
  runExempt(estimate: WorkEstimate, subject?: Subject): Run {
    this.#sync()
    const seats = Math.max(estimate.seats, estimate.finalSeats)
    return this.#run(this.#ticket(estimate, seats, undefined, subject))
  }

  /** From now on it is known who runs. */
  watchRunning(): void {
    this.#running ??= new Set()
  }

  get isWatched(): boolean {
    return this.#running !== undefined
  }

  /** What waits and runs at this moment. */
  snapshot(): {
    readonly queues: readonly QueueSnapshot[]
    readonly requests: readonly RequestSnapshot[]
  } {
    const shown = ({ estimate, subject, arrivedAtMs, startedAtMs }: Ticket) => ({
      ...{ estimate, arrivedAtMs, startedAtMs, ...subject },
    })
    const requests: RequestSnapshot[] = this.#queues.flatMap(({ waiting }, queue) =>
      waiting.map((ticket, index) => ({ ...shown(ticket), queue, index })),
    )
    for (const ticket of this.#running ?? []) {
      const queue = ticket.queue === undefined ? -1 : this.#queues.indexOf(ticket.queue)
      requests.push({ ...shown(ticket), queue, index: -1 })
    }
    const queues = this.#queues.map(
      ({ waiting, executing, seatsInUse, nextStart, waitingWork }) => ({
        ...{ waiting: waiting.length, executing, seatsInUse, nextStart, work: waitingWork },
        initialSeats: waiting.reduce((sum, { estimate }) => sum + estimate.seats, 0),
        maxSeats: waiting.reduce((sum, { seats }) => sum + seats, 0),
      }),
    )
    return { queues, requests }
  }

  #ticket(
    estimate: WorkEstimate,
    seats: number,
    queue: Queue | undefined,
    subject: Subject | undefined,
  ): Ticket {
    const work = estimate.seats * ASSUMED_MS + estimate.finalSeats * estimate.finalMs
    const arrivedAt = this.#virtualTime
    const arrivedAtMs = this.#syncedAtMs
    return {
      estimate,
      subject,
      seats,
      work,
      queue,
      arrivedAt,
      arrivedAtMs,
      startedAtMs: 0,
      start: undefined,
    }
  }

  /** Virtual time goes by as queues are served: one seat for four queues, a quarter as fast. */
  #sync(): void {
    const now = this.#clock.monotonic()
    const passedMs = now - this.#syncedAtMs
    this.#syncedAtMs = now
    if (this.#activeQueues === 0) return
    const served = Math.min(this.seatsInUse + this.seatsWaiting, this.#limit)
    this.#virtualTime += (served / this.#activeQueues) * passedMs
  }

  #hasRoomFor(seats: number): boolean {
    if (seats > this.#limit) return this.executing === 0
    return this.seatsInUse + seats <= this.#limit
  }

  #chooseQueue(hand: readonly number[]): Queue {
    const offset = this.#arrivals++ % hand.length
    let best: Queue | undefined
    for (let index = 0; index < hand.length; index++) {
      const queue = this.#queues[hand[(offset + index) % hand.length] as number] as Queue
      if (best === undefined || queue.waitingWork < best.waitingWork) best = queue
    }
    return best as Queue
  }

  #enqueue(queue: Queue, ticket: Ticket): void {
    queue.waiting.push(ticket)
    queue.waitingWork += ticket.work
    this.#utilization.waiting.set(++this.waiting, this.#syncedAtMs)
    this.seatsWaiting += ticket.seats
    bound(queue, queue.waiting[0])
    this.#noteDemand()
  }

  #dequeue(queue: Queue, ticket: Ticket): void {
    queue.waiting.splice(queue.waiting.indexOf(ticket), 1)
    queue.waitingWork -= ticket.work
    this.#utilization.waiting.set(--this.waiting, this.#syncedAtMs)
    this.seatsWaiting -= ticket.seats
    bound(queue, queue.waiting[0])
  }

  #giveUp(queue: Queue, ticket: Ticket): boolean {
    if (!queue.waiting.includes(ticket)) return false
    this.#sync()
    this.#dequeue(queue, ticket)
    if (queue.waiting.length === 0 && queue.executing === 0) this.#activeQueues--
    this.#noteDemand()
    this.#dispatch()
    return true
  }

  #dispatch(): void {
    while (this.waiting > 0) {
      const queue = this.#nextQueue()
      const ticket = queue?.waiting[0]
      if (queue === undefined || ticket === undefined || !this.#hasRoomFor(ticket.seats)) return
      this.#dequeue(queue, ticket)
      this.#occupy(ticket)
      ticket.start?.()
    }
  }

  /** The queues take turns where they are equal. */
  #nextQueue(): Queue | undefined {
    const queues = this.#queues
    let best: Queue | undefined
    let bestEnd = Number.POSITIVE_INFINITY
    let bestIndex = this.#robin
    for (let step = 1; step <= queues.length; step++) {
      const index = (this.#robin + step) % queues.length
      const queue = queues[index] as Queue
      const first = queue.waiting[0]
      if (first === undefined) continue
      const end = queue.nextStart + first.work
      if (end >= bestEnd) continue
      bestEnd = end
      best = queue
      bestIndex = index
    }
    this.#robin = bestIndex
    return best
  }

  #run(ticket: Ticket): Run {
    this.#occupy(ticket)
    return { finish: () => this.#finish(ticket) }
  }

  #occupy(ticket: Ticket): void {
    const { queue, seats } = ticket
    ticket.startedAtMs = this.#syncedAtMs
    this.#utilization.executing.set(++this.executing, this.#syncedAtMs)
    this.#running?.add(ticket)
    this.#useSeats(seats)
    if (queue !== undefined) {
      queue.executing++
      queue.seatsInUse += seats
      queue.nextStart += ticket.work
    }
    this.#noteDemand()
  }

  #finish(ticket: Ticket): void {
    this.#sync()
    const { queue, estimate } = ticket
    this.#utilization.executing.set(--this.executing, this.#syncedAtMs)
    this.#running?.delete(ticket)
    if (queue !== undefined) {
      queue.executing--
      // Its queue pays for what it really took.
      const tookMs = this.#syncedAtMs - ticket.startedAtMs
      queue.nextStart -= estimate.seats * (ASSUMED_MS - tookMs)
      bound(queue, queue.waiting[0])
      if (queue.waiting.length === 0 && queue.executing === 0) this.#activeQueues--
    }
    if (estimate.finalMs <= 0) {
      this.#release(ticket)
      return
    }
    this.#clock.after(estimate.finalMs, () => {
      this.#sync()
      this.#release(ticket)
    })
  }

  #release({ queue, seats }: Ticket): void {
    this.#useSeats(-seats)
    if (queue !== undefined) queue.seatsInUse -= seats
    this.#noteDemand()
    if (this.waiting > 0) this.#dispatch()
  }

  #useSeats(more: number): void {
    this.seatsInUse += more
    this.#utilization.seats.set(this.seatsInUse, this.#syncedAtMs)
  }

  #noteDemand(): void {
    const seats = this.seatsInUse + this.seatsWaiting
    this.#demand.set(seats, this.#syncedAtMs)
    this.#utilization.demand.set(seats, this.#syncedAtMs)
  }
}

/** No queue's next request begins, in virtual time, before it has arrived. */
function bound(queue: Queue, oldest: Ticket | undefined): void {
  if (oldest !== undefined && queue.nextStart < oldest.arrivedAt) queue.nextStart = oldest.arrivedAt
}
