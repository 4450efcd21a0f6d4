import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import type { HttpsPool } from './https-pool.ts'

/** A pool for one call: whoever borrows it gives it back when the call is over. */
export interface BorrowedPool extends Disposable {
  readonly pool: HttpsPool
}

interface Kept {
  readonly pool: HttpsPool
  borrowers: number
  isForgotten: boolean
}

/**
 * Pools by what they differ in. Where there are too many, the one longest unused is closed, and
 * opened anew when it is wanted again; one that is being used is closed after its last call.
 */
export class PoolCache implements Disposable {
  readonly #kept: LeastRecentlyUsed<Kept>

  constructor(capacity: number) {
    this.#kept = new LeastRecentlyUsed(capacity, (kept) => {
      kept.isForgotten = true
      closeUnused(kept)
    })
  }

  /** Throws what `open` throws. */
  borrow(id: string, open: () => HttpsPool): BorrowedPool {
    let kept = this.#kept.get(id)
    if (kept === undefined) {
      kept = { pool: open(), borrowers: 1, isForgotten: false }
      this.#kept.set(id, kept)
    } else kept.borrowers++
    const borrowed = kept
    return {
      pool: borrowed.pool,
      [Symbol.dispose]: () => {
        borrowed.borrowers--
        closeUnused(borrowed)
      },
    }
  }

  /** Ends all connections, also those that are used. */
  [Symbol.dispose](): void {
    for (const { pool } of this.#kept.values()) pool[Symbol.dispose]()
  }
}

function closeUnused({ pool, borrowers, isForgotten }: Kept): void {
  if (isForgotten && borrowers === 0) pool[Symbol.dispose]()
}
