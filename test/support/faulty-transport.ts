import { type Clock, sleep } from '../../src/base/clock.ts'
import { type Random, randomInt } from '../../src/base/random.ts'
import type { WatchEvent } from '../../src/client/client.ts'
import type { Transport, TransportRequest } from '../../src/client/transport.ts'
import { StatusError } from '../../src/machinery/status-error.ts'

/** What may go wrong between a client and a server, each as a chance between 0 and 1. */
export interface Faults {
  readonly maxLatencyMs: number
  /** Fails before the server has seen the request. */
  readonly requestErrors: number
  /** The server does it, but the answer is lost. */
  readonly lostAnswers: number
  /** A write meets a conflict that is none. */
  readonly conflicts: number
  readonly maxWatchLagMs: number
  /** Of each event: it comes twice. */
  readonly doubledEvents: number
  /** Of each event: the watch ends behind it. */
  readonly lostWatches: number
  /** Of each watch: the server claims that history is gone. */
  readonly expiredWatches: number
}

export const noFaults: Faults = {
  maxLatencyMs: 0,
  requestErrors: 0,
  lostAnswers: 0,
  conflicts: 0,
  maxWatchLagMs: 0,
  doubledEvents: 0,
  lostWatches: 0,
  expiredWatches: 0,
}

/** A bad day. */
export const manyFaults: Faults = {
  maxLatencyMs: 40,
  requestErrors: 0.1,
  lostAnswers: 0.05,
  conflicts: 0.05,
  maxWatchLagMs: 200,
  doubledEvents: 0.05,
  lostWatches: 0.02,
  expiredWatches: 0.1,
}

/** Puts delays and failures, chosen by a seed, between a client and a server that works. */
export class FaultyTransport implements Transport {
  readonly #inner: Transport
  readonly #clock: Clock
  readonly #random: Random
  /** May be changed while requests are under way. */
  faults: Faults

  constructor(inner: Transport, clock: Clock, random: Random, faults: Faults) {
    this.#inner = inner
    this.#clock = clock
    this.#random = random
    this.faults = faults
  }

  async request(request: TransportRequest): Promise<unknown> {
    await this.#delay(this.faults.maxLatencyMs, request.signal)
    if (this.#strikes(this.faults.requestErrors)) throw unavailable('connection refused')
    const isWrite = request.method === 'PUT' || request.method === 'PATCH'
    if (isWrite && this.#strikes(this.faults.conflicts)) {
      throw new StatusError('Conflict', 'simulated conflict')
    }
    const answer = await this.#inner.request(request)
    await this.#delay(this.faults.maxLatencyMs, request.signal)
    if (this.#strikes(this.faults.lostAnswers)) throw unavailable('connection reset by peer')
    return answer
  }

  async *watch(request: TransportRequest): AsyncIterable<WatchEvent> {
    const { signal } = request
    try {
      await this.#delay(this.faults.maxLatencyMs, signal)
      if (this.#strikes(this.faults.requestErrors)) throw unavailable('connection refused')
      const isResumed = (request.query?.['resourceVersion'] ?? '0') !== '0'
      if (isResumed && this.#strikes(this.faults.expiredWatches)) {
        throw new StatusError('Expired', 'too old resource version')
      }
      for await (const event of this.#inner.watch(request)) {
        await this.#delay(this.faults.maxWatchLagMs, signal)
        yield event
        if (this.#strikes(this.faults.doubledEvents)) yield event
        if (this.#strikes(this.faults.lostWatches)) return
      }
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  }

  async #delay(maxMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (maxMs > 0) await sleep(this.#clock, randomInt(this.#random, maxMs), signal)
  }

  #strikes(chance: number): boolean {
    return chance > 0 && this.#random.next() < chance
  }
}

function unavailable(message: string): StatusError {
  return new StatusError('ServiceUnavailable', message)
}
