import { formatError, type Logger } from '../../base/logger.ts'
import type { VersionEvent } from '../mvcc/event.ts'
import type { KeyIndex } from '../mvcc/key-index.ts'
import { planWrite, type WritePlan, type WriteRequest } from '../mvcc/plan-write.ts'
import type { Version } from '../mvcc/version.ts'
import type { Log, LogBatch, LogWrite } from './revision-log.ts'

/** Who waits for a commit, and for what. */
interface Waiter<T> {
  resolve(value: T): void
  reject(error: unknown): void
}

interface PendingWrite extends Waiter<WritePlan> {
  readonly request: WriteRequest
}

interface PendingCompaction extends Waiter<void> {
  readonly revision: number
  /** The store has not reached this revision: it is to go on after it. */
  readonly isAdvance: boolean
}

interface PlannedWrite extends LogWrite {
  readonly attachment: unknown
}

/** One commit: what goes to disk, and what follows when it is there. */
interface Commit {
  readonly batch: LogBatch
  readonly writes: readonly PlannedWrite[]
  readonly compactions: readonly PendingCompaction[]
  readonly waiters: readonly Waiter<void>[]
}

export interface GroupCommitOptions {
  readonly log: Log
  readonly index: KeyIndex
  /** Records that an earlier compaction left on disk. */
  readonly leftovers: readonly number[]
  readonly logger: Logger
  eventOf(version: Version, fresh: PlannedWrite): VersionEvent
  announce(events: readonly VersionEvent[]): void
}

/** Bounds how long one commit keeps the event loop busy, and so every writer waiting. */
const WRITES_AT_ONCE = 512
const SWEPT_AT_ONCE = 256

/**
 * Many writers, one flush:
 *
 *     put a ┐                        put d ┐
 *     put b ├─ commit 1 ── on disk ─┐ put e ├─ commit 2 ── on disk ─ …
 *     put c ┘                       └ a b c are visible, delivered, acknowledged
 *
 * 1. One commit is under way at a time. The next takes all who wait, decides each compare against
 *    the index and the writes before it in the commit, and is one transaction.
 * 2. The index and the watches get a commit's versions when it is on disk, all in one turn.
 * 3. If it fails, all its writers get the error and nothing has to be undone: the revisions are
 *    given to later writes.
 * 4. What compaction made unreachable is dropped along with the commits, a little each time.
 */
export class GroupCommit {
  readonly #options: GroupCommitOptions
  readonly #log: Log
  readonly #index: KeyIndex
  #writes: PendingWrite[] = []
  #compactions: PendingCompaction[] = []
  #leftovers: number[]
  #isRunning = false
  #isClosing = false
  /** A commit that failed is not repeated with what could wait: the disk may be full. */
  #hasFailed = false
  #failure: unknown
  #onIdle: (() => void) | undefined

  constructor(options: GroupCommitOptions) {
    this.#options = options
    this.#log = options.log
    this.#index = options.index
    this.#leftovers = [...options.leftovers]
    if (this.#leftovers.length > 0) this.#start()
  }

  /** Resolves with what the write came to, once all that this depends on is on disk. */
  write(request: WriteRequest): Promise<WritePlan> {
    return new Promise((resolve, reject) => {
      this.#writes.push({ request, resolve, reject })
      this.#start()
    })
  }

  /** Resolves when a restart would not forget that this revision was compacted. */
  compact(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#compactions.push({ revision, isAdvance: false, resolve, reject })
      this.#start()
    })
  }

  /** Why the last commit failed; undefined when one has succeeded since. */
  get failure(): unknown {
    return this.#failure
  }

  /** Resolves when later writes, after a restart too, get revisions after this one. */
  advance(revision: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#compactions.push({ revision, isAdvance: true, resolve, reject })
      this.#start()
    })
  }

  /** Resolves when all that was asked for is done. Nothing may be asked after it. */
  close(): Promise<void> {
    this.#isClosing = true
    return new Promise((resolve) => {
      this.#onIdle = resolve
      this.#start()
    })
  }

  /** In a turn of its own, so that all who write in this turn share the commit. */
  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    setImmediate(() => this.#run())
  }

  async #run(): Promise<void> {
    const commit = this.#plan()
    try {
      if (!isEmpty(commit)) await this.#commit(commit.batch)
      this.#hasFailed = false
      this.#finish(commit)
    } catch (error) {
      this.#fail(commit, error)
    }
    this.#isRunning = false
    if (this.#hasWork()) this.#start()
    else this.#onIdle?.()
  }

  async #commit(batch: LogBatch): Promise<void> {
    await this.#log.commit(batch)
    if (this.#failure === undefined) return
    this.#failure = undefined
    this.#options.logger.info('commits succeed again')
  }

  #hasWork(): boolean {
    if (this.#writes.length > 0 || this.#compactions.length > 0) return true
    if (this.#isClosing || this.#hasFailed) return false
    return this.#leftovers.length > 0 || !this.#index.isSwept
  }

  #plan(): Commit {
    const newest = new Map<string, Version>()
    const writes: PlannedWrite[] = []
    const waiters: Waiter<void>[] = []
    for (const { request, resolve, reject } of this.#writes.splice(0, WRITES_AT_ONCE)) {
      const { key, value, attachment } = request
      const revision = this.#index.revision + writes.length + 1
      const plan = planWrite(request, newest.get(key) ?? this.#index.newest(key), revision, false)
      waiters.push({ resolve: () => resolve(plan), reject })
      if (plan.code !== 'Write') continue
      newest.set(key, plan.version)
      writes.push({ version: plan.version, value, attachment })
    }
    const compactions = this.#compactions.splice(0)
    const advances = compactions.filter(({ isAdvance }) => isAdvance)
    const state = {
      revision: Math.max(
        this.#index.revision + writes.length,
        ...advances.map(({ revision }) => revision),
      ),
      compactedRevision: compactions.reduce(
        (most, { revision }) => Math.max(most, revision),
        this.#index.compactedRevision,
      ),
    }
    const swept = this.#hasFailed ? [] : this.#sweep()
    return { batch: { writes, swept, state }, writes, compactions, waiters }
  }

  #sweep(): number[] {
    while (this.#leftovers.length < SWEPT_AT_ONCE && !this.#index.isSwept) {
      for (const revision of this.#index.sweep(SWEPT_AT_ONCE)) this.#leftovers.push(revision)
    }
    return this.#leftovers.splice(0, SWEPT_AT_ONCE)
  }

  #finish({ batch, writes, compactions, waiters }: Commit): void {
    const { eventOf, announce } = this.#options
    const events: VersionEvent[] = []
    for (const write of writes) {
      this.#index.apply(write.version)
      events.push(eventOf(write.version, write))
    }
    const { compactedRevision } = batch.state
    if (batch.state.revision > this.#index.revision) {
      for (const swept of this.#index.advance(batch.state.revision)) this.#leftovers.push(swept)
    } else if (compactedRevision > this.#index.compactedRevision) {
      this.#index.compact(compactedRevision)
    }
    if (events.length > 0) announce(events)
    for (const waiter of waiters) waiter.resolve()
    for (const compaction of compactions) compaction.resolve()
  }

  #fail({ batch, compactions, waiters }: Commit, error: unknown): void {
    this.#hasFailed = true
    this.#leftovers.unshift(...batch.swept)
    const words = formatError(error)
    // A disk that is full is so for every write: it is told once.
    if (this.#failure === undefined || formatError(this.#failure) !== words) {
      this.#options.logger.error('a commit failed', { writes: waiters.length, error: words })
    }
    this.#failure = error
    for (const waiter of [...waiters, ...compactions]) waiter.reject(error)
  }
}

/** Conflicts alone need no disk. */
function isEmpty({ batch, compactions }: Commit): boolean {
  return batch.writes.length === 0 && batch.swept.length === 0 && compactions.length === 0
}
