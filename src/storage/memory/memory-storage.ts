import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { EmbeddedStorage } from '../mvcc/embedded-storage.ts'
import { KeyIndex } from '../mvcc/key-index.ts'
import { planWrite, type WritePlan, type WriteRequest } from '../mvcc/plan-write.ts'
import { NO_VALUE, type Version } from '../mvcc/version.ts'
import {
  type DeleteResult,
  type KeyValue,
  type PutResult,
  StorageClosedError,
  type WriteOptions,
} from '../storage.ts'

export interface MemoryStorageOptions {
  /** Keys with a `ttlSeconds` expire by it. */
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * A store that lives as long as its process, for tests and ephemeral clusters. A write is committed
 * and delivered to the watches before `put` returns, so a run depends on no timing.
 */
export class MemoryStorage extends EmbeddedStorage {
  readonly #options: MemoryStorageOptions

  private constructor(index: KeyIndex, options: MemoryStorageOptions) {
    super(index, options.clock, options.logger)
    this.#options = options
  }

  /** An empty store. */
  static create(options: MemoryStorageOptions): MemoryStorage {
    return new MemoryStorage(new KeyIndex(), options)
  }

  /**
   * An independent store with this one's content and history, in constant time; or as of an older
   * revision, in time for the changes since. Values are shared, watches stay behind; the fork
   * may live by another clock. Throws as a read of that revision rejects.
   */
  fork(revision = this.index.revision, clock = this.#options.clock): MemoryStorage {
    this.assertOpen()
    return new MemoryStorage(this.index.fork(revision), { ...this.#options, clock })
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    const plan = this.#write(this.requestOf(key, value, options))
    if (plan.code === 'Write') return { code: 'Done', keyValue: this.keyValueOf(plan.version) }
    return this.#conflict(plan)
  }

  async delete(key: string, options: WriteOptions = {}): Promise<DeleteResult> {
    const plan = this.#write(this.requestOf(key, undefined, options))
    if (plan.code === 'Write') return { code: 'Done', revision: plan.version.modRevision }
    return plan.code === 'NotFound' ? plan : this.#conflict(plan)
  }

  async compact(revision: number): Promise<void> {
    this.assertOpen()
    this.index.compact(revision)
    while (!this.index.isSwept) {
      this.index.sweep(SWEPT_AT_ONCE)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
  }

  async close(): Promise<void> {
    this.stopAccepting()
    this.hub.close(new StorageClosedError())
  }

  protected override valueOf(version: Version): Uint8Array {
    return version.value ?? NO_VALUE
  }

  protected override async readAll(versions: readonly Version[]): Promise<KeyValue[]> {
    return versions.map((version) => this.keyValueOf(version))
  }

  #write(request: WriteRequest): WritePlan {
    const newest = this.index.newest(request.key)
    const plan = planWrite(request, newest, this.index.revision + 1, true)
    if (plan.code === 'Write') {
      this.index.apply(plan.version)
      this.announce([this.eventOf(plan.version, request)])
    }
    return plan
  }

  #conflict(plan: WritePlan): { code: 'Conflict'; current: KeyValue | undefined } {
    const current = plan.code === 'Conflict' ? plan.current : undefined
    return { code: 'Conflict', current: current && this.keyValueOf(current) }
  }
}

const SWEPT_AT_ONCE = 1000
