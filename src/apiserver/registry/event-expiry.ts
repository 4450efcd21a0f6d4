import { type Clock, pause } from '../../base/clock.ts'
import type { Component } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Event } from '../../kinds/core/v1/event.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import type { ObjectStore } from './object-store.ts'
import { SELECT_ALL } from './selection.ts'
import type { StoredObject } from './stored-object.ts'

export interface EventExpiryOptions {
  readonly events: ObjectStore
  readonly clock: Clock
  readonly logger: Logger
  /** Upstream's `--event-ttl`; an hour when absent. */
  readonly keepMs?: number
}

const HOUR_MS = 3_600_000
/** How much longer than its time an event may stay. */
const INTERVAL_MS = 60_000

/** Deletes events that have not come again for an hour, as etcd's leases do for upstream. */
export class EventExpiry implements Component {
  readonly name = 'event-expiry'
  readonly #options: EventExpiryOptions

  constructor(options: EventExpiryOptions) {
    this.#options = options
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    while (await pause(clock, INTERVAL_MS, signal)) {
      try {
        await this.#deleteExpired()
      } catch (error) {
        logger.error('deleting old events failed', { error: formatError(error) })
      }
    }
  }

  async #deleteExpired(): Promise<void> {
    const { events, clock, keepMs = HOUR_MS } = this.#options
    await events.cache.fresh()
    const before = clock.now() - keepMs
    for (const stored of events.cache.list(SELECT_ALL)) {
      if (lastTimeOf(stored.object) < before) await this.#delete(stored, before)
    }
  }

  /** Unless it has come again meanwhile. */
  async #delete({ object }: StoredObject, before: number): Promise<void> {
    const { namespace = '', name } = object.metadata
    try {
      await this.#options.events.change(namespace, name, (current) => {
        const isStillOld = current === undefined || lastTimeOf(current.object) < before
        return isStillOld ? { type: 'delete' } : { type: 'put', object: current.object }
      })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

/** When the event came last, in milliseconds. */
export function lastTimeOf(object: KubeObject): number {
  const { lastTimestamp, eventTime, series, metadata } = object as Event
  const times = [lastTimestamp, eventTime, series?.lastObservedTime, metadata.creationTimestamp]
  return Math.max(...times.map((time) => (time === undefined ? 0 : Date.parse(time) || 0)))
}
