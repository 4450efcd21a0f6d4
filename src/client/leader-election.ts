import { type Clock, deadline, formatMicroTime, pause } from '../base/clock.ts'
import { type Component, childAbort } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import { jitter, type Random } from '../base/random.ts'
import { Lease } from '../kinds/coordination/v1/lease.ts'
import { isReason } from '../machinery/status-error.ts'
import type { Client, ObjectKey } from './client.ts'
import type { EventRecorder } from './event-recorder.ts'

const RETRY_JITTER = 1.2

export interface LeaderElectionOptions {
  readonly client: Client
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly recorder?: EventRecorder
  /** The Lease that candidates compete for. */
  readonly lease: ObjectKey & { readonly namespace: string }
  /** Unique among the candidates, such as `hostname_uuid`. */
  readonly identity: string
  /** How long others wait after the last renewal that they saw (upstream: 15 s). */
  readonly leaseDurationMs?: number
  /** How long the leader tries to renew before it gives up (upstream: 10 s). */
  readonly renewDeadlineMs?: number
  /** Between two tries (upstream: 2 s). */
  readonly retryPeriodMs?: number
  /** The work of a leader: it ends when its signal aborts. */
  readonly lead: (signal: AbortSignal) => Promise<void>
}

/**
 * Runs work on one of several candidates. Leadership is a Lease that the leader renews; the others
 * take it over once they have seen no renewal for its duration, measured by their own clocks, so
 * that clocks need not agree. Losing the lease ends the work; the elector then stands again.
 */
export class LeaderElector implements Component {
  readonly name = 'leader-election'
  readonly #options: LeaderElectionOptions
  readonly #leaseDurationMs: number
  readonly #renewDeadlineMs: number
  readonly #retryPeriodMs: number
  /** What was last seen in the lease, and when that was. */
  #observed: { readonly lease: Lease; readonly atMs: number } | undefined

  constructor(options: LeaderElectionOptions) {
    this.#options = options
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000
  }

  /** The identity of the leader last seen; empty when there is none. */
  get leader(): string {
    return this.#observed?.lease.spec.holderIdentity ?? ''
  }

  async run(signal: AbortSignal): Promise<void> {
    const { logger, identity } = this.#options
    while (await this.#acquire(signal)) {
      logger.info('became leader', { identity })
      this.#announce('became leader')
      using stop = childAbort(signal)
      const working = this.#options.lead(stop.signal).finally(() => stop.abort())
      try {
        await this.#renewUntilLost(stop.signal)
        stop.abort()
        await working
      } finally {
        await this.#release()
      }
      logger.info('stopped leading', { identity })
      this.#announce('stopped leading')
    }
  }

  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, random } = this.#options
    while (!signal.aborted) {
      if (await this.#tryOnce()) return true
      await pause(clock, jitter(random, this.#retryPeriodMs, RETRY_JITTER), signal)
    }
    return false
  }

  async #renewUntilLost(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    let renewedAt = clock.monotonic()
    while (await pause(clock, this.#retryPeriodMs, signal)) {
      const leftMs = renewedAt + this.#renewDeadlineMs - clock.monotonic()
      if (leftMs <= 0) return
      if (await this.#tryWithin(leftMs)) renewedAt = clock.monotonic()
      else if (this.leader !== this.#options.identity) return
    }
  }

  /** A server that does not answer must not keep a leader beyond its deadline. */
  async #tryWithin(leftMs: number): Promise<boolean> {
    const trying = this.#tryOnce()
    try {
      return await deadline(this.#options.clock, leftMs, 'renewing the lease took too long', trying)
    } catch (error) {
      this.#options.logger.info('lease not renewed', { error: formatError(error) })
      return false
    }
  }

  /** Takes or renews the lease if that is allowed now; failures only mean "not this time". */
  async #tryOnce(): Promise<boolean> {
    try {
      return await this.#tryAcquireOrRenew()
    } catch (error) {
      this.#options.logger.info('lease not taken', { error: formatError(error) })
      return false
    }
  }

  async #tryAcquireOrRenew(): Promise<boolean> {
    const { client, clock, identity, lease: key } = this.#options
    const now = formatMicroTime(clock.now())
    const old = await this.#read()
    if (old === undefined) {
      const spec = { ...this.#ownSpec(now), acquireTime: now, leaseTransitions: 0 }
      this.#observe(await client.create(Lease, { metadata: { ...key }, spec }))
      return true
    }
    this.#observe(old)
    const { holderIdentity = '', acquireTime = now, leaseTransitions = 0 } = old.spec
    const isOwn = holderIdentity === identity
    if (!isOwn && holderIdentity !== '' && !this.#hasRunOut(old)) return false
    const since = isOwn
      ? { acquireTime, leaseTransitions }
      : { acquireTime: now, leaseTransitions: leaseTransitions + 1 }
    const spec = { ...old.spec, ...this.#ownSpec(now), ...since }
    this.#observe(await client.update(Lease, { ...old, spec }))
    return true
  }

  #ownSpec(now: string) {
    return {
      holderIdentity: this.#options.identity,
      leaseDurationSeconds: Math.round(this.#leaseDurationMs / 1000),
      renewTime: now,
    }
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#options.client.get(Lease, this.#options.lease)
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  #observe(lease: Lease): void {
    if (this.#observed?.lease.metadata.resourceVersion === lease.metadata.resourceVersion) return
    this.#observed = { lease, atMs: this.#options.clock.monotonic() }
  }

  #hasRunOut({ spec }: Lease): boolean {
    const seenAt = this.#observed?.atMs ?? 0
    const durationMs = (spec.leaseDurationSeconds ?? 0) * 1000
    return this.#options.clock.monotonic() - seenAt >= durationMs
  }

  /** Gives the lease back, so that the next leader need not wait for it to run out. */
  async #release(): Promise<void> {
    const { client, clock, identity, logger } = this.#options
    const lease = this.#observed?.lease
    if (lease === undefined || lease.spec.holderIdentity !== identity) return
    const now = formatMicroTime(clock.now())
    const spec = {
      ...lease.spec,
      holderIdentity: '',
      leaseDurationSeconds: 1,
      renewTime: now,
      acquireTime: now,
    }
    try {
      this.#observe(await client.update(Lease, { ...lease, spec }))
    } catch (error) {
      logger.info('lease not released', { error: formatError(error) })
    }
  }

  #announce(what: string): void {
    const lease = this.#observed?.lease
    if (lease === undefined) return
    const { recorder, identity } = this.#options
    recorder?.event(lease, 'Normal', 'LeaderElection', `${identity} ${what}`)
  }
}
