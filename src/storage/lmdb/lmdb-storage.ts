import type { Clock } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { Logger } from '../../base/logger.ts'
import { EmbeddedStorage } from '../mvcc/embedded-storage.ts'
import { toKeyValue, type Version } from '../mvcc/version.ts'
import {
  type Conflict,
  type DeleteResult,
  type KeyValue,
  type PutResult,
  StorageClosedError,
  StorageWriteError,
  type WriteOptions,
} from '../storage.ts'
import { FreeSpace } from './free-space.ts'
import { GroupCommit } from './group-commit.ts'
import { reserveDirectory, takeOwnership } from './owner.ts'
import { type RestoredIndex, restoreIndex } from './restore-index.ts'
import { type Log, RevisionLog } from './revision-log.ts'

export interface LmdbStorageOptions {
  /** Made if it does not exist. The store is its folder `store`, which only this user may read. */
  readonly directory: string
  /** This process's number, by which others see whether the directory is in use. */
  readonly processId: number
  readonly files: FileSystem
  /** Keys with a `ttlSeconds` expire by it. */
  readonly clock: Clock
  readonly logger: Logger
}

/** How many values a list reads before it lets others run. */
const VALUES_AT_ONCE = 1000

/** The durable embedded store: values and history on disk, the key index in memory. */
export class LmdbStorage extends EmbeddedStorage {
  readonly #log: Log
  readonly #commits: GroupCommit
  #closed: Promise<void> | undefined

  /** For tests, which bring a log of their own; others use `open`. */
  constructor(log: Log, { index, leftovers }: RestoredIndex, clock: Clock, logger: Logger) {
    super(index, clock, logger)
    this.#log = log
    this.#commits = new GroupCommit({
      log,
      index,
      leftovers,
      logger,
      eventOf: (version, fresh) => this.eventOf(version, fresh),
      announce: (events) => this.announce(events),
    })
  }

  /** Opens or makes a store. Rejects with DirectoryInUseError if somebody else has it. */
  static async open(options: LmdbStorageOptions): Promise<LmdbStorage> {
    const { directory, processId, logger, files } = options
    const reservation = reserveDirectory(directory, processId)
    try {
      await files.mkdir(`${directory}/store`, 0o700)
      const log = await openOwned(options, reservation)
      try {
        return new LmdbStorage(log, restoreIndex(log), options.clock, logger)
      } catch (error) {
        await log.close()
        throw error
      }
    } catch (error) {
      reservation[Symbol.dispose]()
      throw error
    }
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    const plan = await this.#commits.write(this.requestOf(key, value, options))
    if (plan.code === 'Write') return { code: 'Done', keyValue: toKeyValue(plan.version, value) }
    return this.#conflict(plan.code === 'Conflict' ? plan.current : undefined)
  }

  async delete(key: string, options: WriteOptions = {}): Promise<DeleteResult> {
    const plan = await this.#commits.write(this.requestOf(key, undefined, options))
    if (plan.code === 'Write') return { code: 'Done', revision: plan.version.modRevision }
    return plan.code === 'NotFound' ? plan : this.#conflict(plan.current)
  }

  async compact(revision: number): Promise<void> {
    this.assertOpen()
    this.index.check(revision)
    await this.#commits.compact(revision)
  }

  /** Later writes get revisions after this one; what was before is compacted. Nobody may watch. */
  async advance(revision: number): Promise<void> {
    this.assertOpen()
    if (revision > this.index.revision) await this.#commits.advance(revision)
  }

  writeFailure(): unknown {
    return this.#commits.failure
  }

  async sizeBytes(): Promise<number> {
    this.assertOpen()
    return this.#log.sizeBytes()
  }

  close(): Promise<void> {
    this.stopAccepting()
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await this.#commits.close()
    this.hub.close(new StorageClosedError())
    await this.#log.close()
  }

  protected override valueOf(version: Version): Uint8Array {
    return this.#log.read(version.modRevision)
  }

  protected override async readAll(versions: readonly Version[]): Promise<KeyValue[]> {
    if (versions.length <= VALUES_AT_ONCE) return versions.map((each) => this.keyValueOf(each))
    const items: KeyValue[] = []
    using snapshot = this.#log.snapshot()
    for (const version of versions) {
      if (items.length % VALUES_AT_ONCE === VALUES_AT_ONCE - 1) await nextTurn()
      items.push(toKeyValue(version, snapshot.read(version.modRevision)))
    }
    return items
  }

  #conflict(current: Version | undefined): Conflict {
    return { code: 'Conflict', current: current && this.keyValueOf(current) }
  }
}

/** The log of a directory that is this process's; closing it gives the directory back. */
async function openOwned(options: LmdbStorageOptions, reservation: Disposable): Promise<Log> {
  const { directory, processId, files, clock } = options
  const log = new RevisionLog(directory)
  const freeBytes = (path: string) => files.freeBytes(path)
  const space = new FreeSpace({ directory, freeBytes, clock })
  try {
    const ownership = await takeOwnership(log, directory, processId, files)
    return {
      state: log.state,
      records: () => log.records(),
      commit: (batch) => {
        const asking = space.take(batch)
        if (asking === undefined) return log.commit(batch)
        return asking.then(
          () => log.commit(batch),
          (error: unknown) => {
            throw new StorageWriteError(error)
          },
        )
      },
      read: (revision) => log.read(revision),
      snapshot: () => log.snapshot(),
      sizeBytes: () => log.sizeBytes(),
      async close() {
        try {
          await ownership[Symbol.asyncDispose]()
        } finally {
          await log.close()
          reservation[Symbol.dispose]()
        }
      },
    }
  } catch (error) {
    await log.close()
    throw error
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
