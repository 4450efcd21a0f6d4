import { CompactedError, FutureRevisionError } from '../storage.ts'
import { CopyOnWriteTree } from './copy-on-write-tree.ts'
import { History } from './history.ts'
import { isPrefix, type OrderRange, orderKeyOf } from './key-order.ts'
import { type Version, versionAt } from './version.ts'

/** An empty store has revision 1, as etcd's, so that 0 can stand for "any" and "none". */
export const FIRST_REVISION = 1

export interface VersionList {
  readonly versions: readonly Version[]
  /** Of the whole range; where it was not to be counted, no more than there are. */
  readonly count: number
  /** Whether the limit left versions out. */
  readonly more: boolean
}

/**
 * Which version of which key was in force when: the multi-version part of a store, without its
 * values and without I/O. Holds the newest version of each key by order, and all versions since the
 * last compaction by revision.
 */
export class KeyIndex {
  #revision: number
  #compactedRevision: number
  #sweptRevision: number
  /** Versions up to this one are shared with a fork: their links may not be cut. */
  #sharedRevision = 0
  /** Weighs what exists: deleted keys stay until compaction, and count for nothing. */
  #newest: CopyOnWriteTree<Version>
  #history: History
  /** Versions that expire, by when. Those that were overwritten stay until their time. */
  #expiring = new CopyOnWriteTree<Version>(() => 0)

  constructor(revision = FIRST_REVISION, compactedRevision = 0) {
    this.#revision = revision
    this.#compactedRevision = compactedRevision
    this.#sweptRevision = revision
    this.#newest = new CopyOnWriteTree<Version>((version) => (version.isDeleted ? 0 : 1))
    this.#history = new History(revision)
  }

  get revision(): number {
    return this.#revision
  }

  get compactedRevision(): number {
    return this.#compactedRevision
  }

  /** An independent index as of a revision. O(1) for the newest, else O(changes since then). */
  fork(revision: number): KeyIndex {
    this.check(revision)
    const fork = new KeyIndex(revision, this.#compactedRevision)
    fork.#sweptRevision = this.#sweptRevision
    fork.#newest = this.#newest.clone()
    fork.#history = this.#history.cloneUpTo(revision)
    fork.#expiring = this.#expiring.clone()
    for (let undone = this.#revision; undone > revision; undone--) {
      const { key, previous } = this.#history.at(undone)
      const isSwept = previous?.isDeleted && previous.modRevision <= this.#compactedRevision
      if (previous === undefined || isSwept) fork.#newest.delete(orderKeyOf(key))
      else fork.restore(previous)
    }
    this.#sharedRevision = this.#revision
    fork.#sharedRevision = revision
    return fork
  }

  /** Throws unless the state of this revision can be read. */
  check(revision: number): void {
    if (revision > this.#revision) throw new FutureRevisionError(revision, this.#revision)
    if (revision < this.#compactedRevision) throw new CompactedError(this.#compactedRevision)
  }

  newest(key: string): Version | undefined {
    return this.#newest.get(orderKeyOf(key))
  }

  get(key: string, revision: number): Version | undefined {
    return versionAt(this.newest(key), revision)
  }

  /**
   * The first `limit` versions of a range as of a revision, and how many there are in all. Looks at
   * those alone, unless `counts` asks for all of an old revision.
   */
  list(range: OrderRange, revision: number, limit: number, counts = true): VersionList {
    const versions: Version[] = []
    let more = false
    this.#newest.visit(range.from, range.below, (newest) => {
      const version = versionAt(newest, revision)
      if (version === undefined) return true
      more = versions.length >= limit
      if (!more) versions.push(version)
      return !more
    })
    const atLeast = versions.length + Number(more)
    return { versions, more, count: more && counts ? this.count(range, revision) : atLeast }
  }

  /** Takes as long as there are changes since the revision, or keys in the range if fewer. */
  count(range: OrderRange, revision: number): number {
    const current = this.#count(range.from, range.below)
    const changes = this.#revision - revision
    if (changes <= current) return current - this.#growth(range, revision)
    let count = 0
    this.#newest.visit(range.from, range.below, (newest) => {
      if (versionAt(newest, revision) !== undefined) count++
      return true
    })
    return count
  }

  /** How many more keys a range has than it had at a revision. */
  #growth({ from, below }: OrderRange, revision: number): number {
    let growth = 0
    for (let changed = this.#revision; changed > revision; changed--) {
      const { key, isDeleted, previous } = this.#history.at(changed)
      const orderKey = orderKeyOf(key)
      if (orderKey < from || (below !== undefined && orderKey >= below)) continue
      if (!isDeleted) growth++
      if (previous !== undefined && !previous.isDeleted) growth--
    }
    return growth
  }

  #count(from: string, below: string | undefined): number {
    if (below !== undefined && below <= from) return 0
    return this.#newest.weightBefore(below) - this.#newest.weightBefore(from)
  }

  /** Takes in the version of the next revision. */
  apply(version: Version): void {
    this.#history.append(version)
    this.restore(version)
    this.#revision = version.modRevision
  }

  /** Takes in a version of an earlier revision that is its key's newest. */
  restore(version: Version): void {
    this.#newest.set(orderKeyOf(version.key), version)
    if (version.expiryTime > 0) this.#expiring.set(expiryKeyOf(version), version)
  }

  /** When the next key may expire, in milliseconds since the epoch. */
  nextExpiry(): number | undefined {
    let next: number | undefined
    this.#expiring.visit('', undefined, ({ expiryTime }) => {
      next = expiryTime
      return false
    })
    return next
  }

  /** What is to be deleted by now. It stays so until it is deleted or overwritten. */
  expired(now: number): Version[] {
    const due: Version[] = []
    this.#expiring.visit('', undefined, (version) => {
      if (version.expiryTime <= now) due.push(version)
      return version.expiryTime <= now
    })
    return due.filter((version) => {
      const isInForce = this.newest(version.key) === version
      if (!isInForce) this.#expiring.delete(expiryKeyOf(version))
      return isInForce
    })
  }

  /** The changes of a prefix or a key with revisions from `from` to `to`, in order. */
  changes(prefixOrKey: string, from: number, to: number): Version[] {
    const versions: Version[] = []
    for (let revision = from; revision <= to; revision++) {
      const version = this.#history.at(revision)
      const { key } = version
      const isWanted = isPrefix(prefixOrKey) ? key.startsWith(prefixOrKey) : key === prefixOrKey
      if (isWanted) versions.push(version)
    }
    return versions
  }

  /** Refuses from now on what is older than `revision`; `sweep` then lets go of it. */
  compact(revision: number): void {
    this.check(revision)
    this.#compactedRevision = revision
  }

  /**
   * Goes on as if so many writes had been made and compacted, and returns whose records nobody can
   * reach any more: all that is not in force.
   */
  advance(revision: number): number[] {
    this.compact(this.#revision)
    const swept: number[] = []
    while (!this.isSwept) swept.push(...this.sweep(SWEPT_AT_ONCE))
    this.#revision = revision
    this.#compactedRevision = revision
    this.#sweptRevision = revision
    this.#history = new History(revision)
    return swept
  }

  /** Whether compacted revisions are left that `sweep` has not seen. */
  get isSwept(): boolean {
    return this.#sweptRevision >= this.#compactedRevision
  }

  /**
   * Lets go of what the next `most` compacted revisions made unreachable, and returns whose records
   * those were. An old version is unreachable if it was overwritten, a deletion always is:
   *
   *     compacted = 7:   2: put b   4: put a   5: put a   6: delete b   7: put c   8: put a
   *     swept:           2          4                     6
   */
  sweep(most: number): number[] {
    const swept: number[] = []
    const end = Math.min(this.#compactedRevision, this.#sweptRevision + most)
    while (this.#sweptRevision < end) this.#sweepOne(++this.#sweptRevision, swept)
    this.#history.forgetBefore(end + 1)
    return swept
  }

  #sweepOne(revision: number, swept: number[]): void {
    const version = this.#history.at(revision)
    if (version.previous !== undefined) {
      if (!version.previous.isDeleted) swept.push(version.previous.modRevision)
      if (revision > this.#sharedRevision) version.previous = undefined
    }
    if (!version.isDeleted) return
    swept.push(revision)
    const orderKey = orderKeyOf(version.key)
    if (this.#newest.get(orderKey) === version) this.#newest.delete(orderKey)
  }
}

const SWEPT_AT_ONCE = 1000

/** Sorts by time, then by revision. */
function expiryKeyOf({ expiryTime, modRevision }: Version): string {
  return `${String(expiryTime).padStart(16, '0')}/${String(modRevision).padStart(16, '0')}`
}
