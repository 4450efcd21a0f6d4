import { assert } from '../../base/assert.ts'
import type { Version } from './version.ts'

const CHUNK_LENGTH = 512

/**
 * The versions of all keys by revision, without gap, from some revision on. Chunks are aligned to
 * revisions; a clone shares them, and each side copies the list of chunks and the last chunk before
 * its first append.
 *
 *     first = 1030:  chunk 2 [ ─ … 1030 1031 … 1535 ]  chunk 3 [ 1536 1537 ]
 */
export class History {
  #chunks: (Version | undefined)[][] = []
  #firstChunk = 0
  #isShared = false
  #last: number

  /** `last`: the revision before the first that will be appended. */
  constructor(last: number) {
    this.#last = last
    this.#firstChunk = Math.floor((last + 1) / CHUNK_LENGTH)
  }

  /** The same history up to a revision, independent of this one. O(1). */
  cloneUpTo(revision: number): History {
    const clone = new History(revision)
    clone.#chunks = this.#chunks
    clone.#firstChunk = this.#firstChunk
    clone.#isShared = true
    this.#isShared = true
    return clone
  }

  append(version: Version): void {
    const revision = version.modRevision
    assert(revision === this.#last + 1, `revision ${revision} follows ${this.#last}`)
    if (this.#isShared) this.#unshare()
    const index = Math.floor(revision / CHUNK_LENGTH) - this.#firstChunk
    let chunk = this.#chunks[index]
    if (chunk === undefined) {
      chunk = []
      this.#chunks[index] = chunk
    }
    chunk[revision % CHUNK_LENGTH] = version
    this.#last = revision
  }

  /** The revision must be one that was appended and not forgotten. */
  at(revision: number): Version {
    const chunk = this.#chunks[Math.floor(revision / CHUNK_LENGTH) - this.#firstChunk]
    const version = revision > this.#last ? undefined : chunk?.[revision % CHUNK_LENGTH]
    assert(version !== undefined, `revision ${revision} is in the history`)
    return version
  }

  /** Lets go of what came before `revision`, in whole chunks. */
  forgetBefore(revision: number): void {
    const chunks = Math.floor(revision / CHUNK_LENGTH) - this.#firstChunk
    if (chunks <= 0) return
    if (this.#isShared) this.#unshare()
    this.#chunks.splice(0, chunks)
    this.#firstChunk += chunks
  }

  #unshare(): void {
    this.#isShared = false
    const index = Math.floor(this.#last / CHUNK_LENGTH) - this.#firstChunk
    this.#chunks = this.#chunks.slice(0, index + 1)
    const tail = this.#chunks[index]
    if (tail !== undefined) this.#chunks[index] = tail.slice(0, (this.#last % CHUNK_LENGTH) + 1)
  }
}
