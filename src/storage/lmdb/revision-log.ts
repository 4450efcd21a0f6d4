import { type Database, open, type RootDatabase } from 'lmdb'
import { assert } from '../../base/assert.ts'
import { FIRST_REVISION } from '../mvcc/key-index.ts'
import type { Version } from '../mvcc/version.ts'
import { StorageWriteError } from '../storage.ts'
import { decodeRecord, encodeRecord, type RevisionRecord } from './record.ts'

const FORMAT = 1
const STATE = 'state'
const OWNER = 'owner'

/** Where a store stands. What the databases hold past `revision` was never committed. */
export interface LogState {
  readonly revision: number
  readonly compactedRevision: number
}

/** One atomic change of a log. */
export interface LogBatch {
  readonly writes: readonly LogWrite[]
  /** Revisions whose records are dropped. */
  readonly swept: readonly number[]
  readonly state: LogState
}

export interface LogWrite {
  readonly version: Version
  readonly value: Uint8Array | undefined
}

/** What the lmdb engine needs of the disk. */
export interface Log {
  readonly state: LogState
  /** All that is stored, in the order of revisions. Used once, at the start. */
  records(): Iterable<readonly [revision: number, record: RevisionRecord]>
  /** Resolves when the whole batch is on disk; if it rejects, none of it was made. */
  commit(batch: LogBatch): Promise<void>
  read(revision: number): Uint8Array
  /** A view that later commits do not change. To be disposed soon: it holds back freed space. */
  snapshot(): Disposable & { read(revision: number): Uint8Array }
  /** What it takes on disk. */
  sizeBytes(): number
  close(): Promise<void>
}

/**
 * The log in an LMDB environment, as three databases whose keys sort by revision:
 *
 *     records   17 → put /registry/pods/default/a, created at 12, version 3, expires never
 *     values    17 → the bytes
 *     meta      state → { format, revision, compactedRevision }, owner → the process that has it
 *
 * Records are apart from values so that a start reads no value. Transactions are flushed before
 * they become visible (no overlapping flush): a failed flush leaves nothing behind. A batch is one
 * transaction; the library's own grouping by turns is off, since it makes a promise that nobody can
 * hear, whose rejection would end the process.
 */
export class RevisionLog implements Log {
  readonly #root: RootDatabase<unknown, string>
  readonly #meta: Database<unknown, string>
  readonly #records: Database<Uint8Array, number>
  readonly #values: Database<Uint8Array, number>

  constructor(directory: string) {
    this.#root = open<unknown, string>(`${directory}/store`, {
      maxDbs: 4,
      overlappingSync: false,
      eventTurnBatching: false,
      noSubdir: false,
    })
    this.#meta = this.#root.openDB<unknown, string>('meta', { encoding: 'json' })
    this.#records = this.#root.openDB<Uint8Array, number>('records', { encoding: 'binary' })
    this.#values = this.#root.openDB<Uint8Array, number>('values', { encoding: 'binary' })
  }

  /** Pages are used again, so that this is the most that there ever were at once. */
  sizeBytes(): number {
    const stats = this.#root.getStats() as {
      readonly pageSize: number
      readonly lastPageNumber: number
    }
    return (stats.lastPageNumber + 1) * stats.pageSize
  }

  get state(): LogState {
    const state = this.#meta.get(STATE) as (LogState & { format: number }) | undefined
    if (state === undefined) return { revision: FIRST_REVISION, compactedRevision: 0 }
    const { format, revision, compactedRevision } = state
    if (format !== FORMAT) throw new Error(`unknown format ${format} of the store`)
    return { revision, compactedRevision }
  }

  /** The identity of the process that last took this log, unless it gave it back. */
  get owner(): string | undefined {
    return this.#meta.get(OWNER) as string | undefined
  }

  /** Makes `next` the owner if `expected` still is: atomic among processes. */
  changeOwner(expected: string | undefined, next: string | undefined): boolean {
    return this.#root.transactionSync(() => {
      if (this.owner !== expected) return false
      if (next === undefined) this.#meta.removeSync(OWNER)
      else this.#meta.putSync(OWNER, next)
      return true
    })
  }

  *records(): Iterable<readonly [number, RevisionRecord]> {
    const { revision } = this.state
    for (const { key, value } of this.#records.getRange({ end: revision + 1 })) {
      yield [key, decodeRecord(value as Buffer)]
    }
  }

  async commit({ writes, swept, state }: LogBatch): Promise<void> {
    const batch = this.#root.batch(() => {
      for (const { version, value } of writes) {
        this.#records.put(version.modRevision, encodeRecord(version))
        if (value !== undefined) this.#values.put(version.modRevision, value)
      }
      for (const revision of swept) {
        this.#records.remove(revision)
        this.#values.remove(revision)
      }
      this.#meta.put(STATE, { format: FORMAT, ...state })
    })
    try {
      await batch
    } catch (error) {
      throw new StorageWriteError(await causeOf(error))
    }
  }

  read(revision: number): Uint8Array {
    const value = this.#values.getBinary(revision)
    assert(value !== undefined, `the value of revision ${revision} is stored`)
    return value
  }

  snapshot(): Disposable & { read(revision: number): Uint8Array } {
    const transaction = this.#values.useReadTransaction()
    const values = this.#values as unknown as TransactionReader
    return {
      read(revision) {
        const value = values.getBinary(revision, { transaction })
        assert(value !== undefined, `the value of revision ${revision} is in the snapshot`)
        return value
      },
      [Symbol.dispose]: () => transaction.done(),
    }
  }

  async close(): Promise<void> {
    await this.#root.close()
  }
}

/** The library's types leave out the option that its `getBinary` takes. */
interface TransactionReader {
  getBinary(revision: number, options: { readonly transaction: object }): Buffer | undefined
}

/** A failed commit carries a promise that rejects with the reason. */
async function causeOf(error: unknown): Promise<unknown> {
  const reason = (error as { readonly commitError?: Promise<unknown> }).commitError
  if (reason === undefined) return error
  return reason.then(
    () => error,
    (cause: unknown) => cause,
  )
}
