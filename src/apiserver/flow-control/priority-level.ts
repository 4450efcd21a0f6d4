import type { Clock } from '../../base/clock.ts'
import type { PriorityLevelConfiguration } from '../../kinds/flowcontrol/v1/priority-level-configuration.ts'
import { EXEMPT } from './bootstrap-objects.data.ts'
import { QueueSet } from './queue-set.ts'
import { RetryAfter } from './retry-after.ts'
import { SeatDemand } from './seat-demand.ts'
import { dealHand } from './shuffle-sharding.ts'
import { LevelUtilization } from './utilization.ts'

/** Of a level's seats, one request gets so many at most. */
const MOST_SEATS_PART = 0.15
/** Flows come and go; their hands are computed anew when there were too many. */
const MOST_HANDS = 10_000
/** No namespace or user that exists is longer; clients can name others. */
const LONGEST_FLOW = 1024

/** One priority level at work: its seats, its queues and those who wait in them. */
export class PriorityLevel {
  readonly name: string
  readonly demand: SeatDemand
  readonly utilization: LevelUtilization
  readonly queueSet: QueueSet
  readonly retryAfter: RetryAfter
  /** Its own seats, and the least and most that lending and borrowing leave it with. */
  nominalSeats = 0
  minSeats = 0
  maxSeats = 0
  currentSeats = 0
  /** What it would like to have, by its demand of late. */
  targetSeats = 0
  /** What one request may take; 0 for any number. */
  maxSeatsOfRequest = 0
  /** Its configuration has gone: it ends when its last request has ended. */
  isQuiescing = false
  dispatched = 0
  readonly rejected = new Map<string, number>()
  #configuration: PriorityLevelConfiguration
  #serverSeats = 0
  readonly #hands = new Map<string, readonly number[]>()

  constructor(configuration: PriorityLevelConfiguration, clock: Clock) {
    this.name = configuration.metadata.name
    this.#configuration = configuration
    this.demand = new SeatDemand(clock)
    this.utilization = new LevelUtilization(clock, this.name)
    this.queueSet = new QueueSet(clock, this.demand, this.utilization)
    this.retryAfter = new RetryAfter(clock)
  }

  get configuration(): PriorityLevelConfiguration {
    return this.#configuration
  }

  set configuration(configuration: PriorityLevelConfiguration) {
    this.#configuration = configuration
    this.#hands.clear()
  }

  get isExempt(): boolean {
    return this.#configuration.spec.type === 'Exempt'
  }

  get shares(): number {
    const { limited, exempt } = this.#configuration.spec
    return (limited ?? exempt)?.nominalConcurrencyShares ?? 0
  }

  /** How many requests its queues hold. */
  get queueCapacity(): number {
    const { queuing } = this.#configuration.spec.limited?.limitResponse ?? {}
    return queuing === undefined ? 0 : queuing.queues * queuing.queueLengthLimit
  }

  /** Divides the server's seats: what is its own, and what of that it lends, or may borrow. */
  share(serverSeats: number, sumOfShares: number): void {
    const { limited, exempt } = this.#configuration.spec
    const nominal = Math.ceil((serverSeats * this.shares) / sumOfShares)
    const lendable = Math.round((nominal * ((limited ?? exempt)?.lendablePercent ?? 0)) / 100)
    const { borrowingLimitPercent } = limited ?? {}
    const borrowable =
      borrowingLimitPercent === undefined
        ? serverSeats
        : Math.round((nominal * borrowingLimitPercent) / 100)
    this.nominalSeats = nominal
    this.minSeats = nominal - lendable
    this.maxSeats = nominal + borrowable
    this.#serverSeats = serverSeats
    const queuing = limited?.limitResponse.queuing
    if (queuing === undefined) return
    const part = Math.ceil(nominal * MOST_SEATS_PART)
    const ofHand = Math.floor(nominal / queuing.handSize)
    this.maxSeatsOfRequest = Math.max(1, Math.min(part, ofHand))
  }

  /** Works with so many seats from now on. */
  resize(seats: number): void {
    this.currentSeats = seats
    const queuing = this.#configuration.spec.limited?.limitResponse.queuing
    this.queueSet.configure(queuing ?? { queues: 0, queueLengthLimit: 0 }, seats)
    const measure = seats > 0 ? seats : Math.max(1, Math.round(this.#serverSeats / 10))
    this.utilization.limit(measure, Math.max(1, this.queueCapacity))
  }

  /** The queues of a flow; none where nothing is queued. */
  handOf(schema: string, distinguisher: string): readonly number[] {
    const queuing = this.#configuration.spec.limited?.limitResponse.queuing
    if (queuing === undefined) return []
    const flow = `${schema}\0${distinguisher}`
    let hand = this.#hands.get(flow)
    if (hand === undefined) {
      if (this.#hands.size >= MOST_HANDS) this.#hands.clear()
      hand = dealHand(schema, distinguisher, queuing.queues, queuing.handSize)
      if (flow.length <= LONGEST_FLOW) this.#hands.set(flow, hand)
    }
    return hand
  }
}

/** Why a configuration cannot be worked with; such a one is ignored. */
export function problemOf({ metadata, spec }: PriorityLevelConfiguration): string | undefined {
  const { type, limited, exempt } = spec
  if ((type === 'Limited') !== (limited !== undefined)) return 'limited does not fit the type'
  if ((type === 'Exempt') !== (exempt !== undefined)) return 'exempt does not fit the type'
  if ((type === 'Exempt') !== (metadata.name === EXEMPT)) return 'the name does not fit the type'
  if (limited === undefined) return undefined
  const { type: response, queuing } = limited.limitResponse
  if ((response === 'Reject') !== (queuing === undefined)) return 'queuing does not fit the type'
  if (queuing === undefined) return undefined
  const { queues, handSize } = queuing
  return queues > 0 && handSize > 0 && handSize <= queues ? undefined : 'no hand can be dealt'
}
