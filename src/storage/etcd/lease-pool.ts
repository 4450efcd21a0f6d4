import type { Clock } from '../../base/clock.ts'

/** As upstream: leases cost etcd much, so that keys of about the same end share one. */
const LONGEST_REUSE_SECONDS = 60
const REUSE_SHARE = 0.05
const MOST_KEYS = 1000

export interface LeasePoolOptions {
  /** Makes a lease and returns its id. */
  readonly grant: (ttlSeconds: number) => Promise<bigint>
  readonly clock: Clock
}

interface Lease {
  readonly id: Promise<bigint>
  /** By the monotonic clock. */
  readonly endMs: number
  keys: number
}

/**
 * Leases for keys with a time to live. One lease serves the writes of a while (a twentieth of the
 * time to live, a minute at most), so that a key lives for its time and up to so much longer.
 */
export class LeasePool {
  readonly #options: LeasePoolOptions
  #newest: Lease | undefined

  constructor(options: LeasePoolOptions) {
    this.#options = options
  }

  /** The id of a lease that ends in `ttlSeconds` or soon after. */
  leaseFor(ttlSeconds: number): Promise<bigint> {
    const now = this.#options.clock.monotonic()
    const reuseSeconds = Math.min(Math.floor(ttlSeconds * REUSE_SHARE), LONGEST_REUSE_SECONDS)
    const earliest = now + ttlSeconds * 1000
    const latest = earliest + reuseSeconds * 1000
    const newest = this.#newest
    if (newest !== undefined && newest.keys < MOST_KEYS) {
      if (newest.endMs > earliest && newest.endMs <= latest) {
        newest.keys++
        return newest.id
      }
    }
    const id = this.#options.grant(Math.ceil(ttlSeconds) + reuseSeconds)
    const lease = { id, endMs: latest, keys: 1 }
    this.#newest = lease
    id.catch(() => this.#forget(lease))
    return id
  }

  /** The server no longer has the lease in use: the next write makes another. */
  forget(): void {
    this.#newest = undefined
  }

  #forget(lease: Lease): void {
    if (this.#newest === lease) this.#newest = undefined
  }
}
