import type { KeyValue, Storage, Watch, WatchEvent } from '../../storage/storage.ts'
import { CacheEvent } from './cache-event.ts'
import type { ObjectBytes } from './object-bytes.ts'
import { StoredObject } from './stored-object.ts'

/** What an empty store begins with: nothing was changed before. */
const EMPTY_REVISION = 1
/** So many changes are decoded before others may go on, or fewer once they have so many bytes. */
const DECODED_AT_ONCE = 50
const DECODED_BYTES = 128 * 1024

/** A change as it is stored; what was before is known only while the storage tells it. */
interface Change {
  readonly event: WatchEvent
  readonly previous: KeyValue | undefined
}

/**
 * The changes of a prefix after one revision and up to another, from the storage's history, a step
 * at a time: what nobody takes is not read, so that a long history of large objects takes no more
 * memory than a short one. Objects that cannot be read are left out.
 *
 *     after ─ ─ ─ ● ● ● ● ─ ─ ─ ─ ─ ─ ─ ─ ─ until
 *                 └─┬─┘ └ read, not decoded └ not read: a new watch of the storage for each step
 *                   decoded and taken
 */
export class History implements Disposable {
  readonly #storage: Storage
  readonly #prefix: string
  readonly #bytes: ObjectBytes
  readonly #until: number
  /** Everything up to this revision has been read. */
  #position: number
  #read: readonly Change[] = []
  #decoded = 0
  #watch: Watch | undefined

  constructor(options: {
    readonly storage: Storage
    readonly prefix: string
    readonly bytes: ObjectBytes
    readonly after: number
    readonly until: number
  }) {
    this.#storage = options.storage
    this.#prefix = options.prefix
    this.#bytes = options.bytes
    this.#position = Math.max(options.after, EMPTY_REVISION)
    this.#until = options.until
  }

  /** Whether all changes have been taken. */
  get isDone(): boolean {
    return this.#decoded >= this.#read.length && this.#position >= this.#until
  }

  /** The next changes; may be none. Rejects with CompactedError where they are gone. */
  async take(): Promise<readonly CacheEvent[]> {
    if (this.#decoded >= this.#read.length) {
      this.#read = await this.#readStep()
      this.#decoded = 0
    }
    return this.#decodeSome()
  }

  /** Ends the step that is being read: it rejects. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]()
  }

  #decodeSome(): CacheEvent[] {
    const events: CacheEvent[] = []
    const end = Math.min(this.#read.length, this.#decoded + DECODED_AT_ONCE)
    for (let bytes = 0; this.#decoded < end && bytes < DECODED_BYTES; this.#decoded++) {
      const change = this.#read[this.#decoded] as Change
      bytes += change.event.value.length + (change.previous?.value.length ?? 0)
      events.push(...toCacheEvent(change, this.#bytes))
    }
    return events
  }

  /** As much as the storage tells in one go, which ends with all changes of a revision. */
  async #readStep(): Promise<Change[]> {
    const until = this.#until
    let read: Change[] | undefined
    let failure: { readonly error: unknown } | undefined
    const reading = new Promise<void>((resolve, reject) => {
      const watch = this.#storage.watch(this.#prefix, this.#position, {
        wantsPrevious: true,
        onEvents: (events) => {
          if (read !== undefined) return
          const last = events.at(-1)?.modRevision ?? until
          read = events.filter(({ modRevision }) => modRevision <= until).map(toChange)
          this.#position = Math.min(last, until)
          resolve()
        },
        onError: (error) => {
          failure = { error }
        },
      })
      this.#watch = watch
      watch.reached(until).then(() => {
        if (read === undefined) this.#position = until
        resolve()
      }, reject)
    })
    try {
      await reading
    } catch (error) {
      throw failure?.error ?? error
    } finally {
      this[Symbol.dispose]()
    }
    return read ?? []
  }
}

function toChange(event: WatchEvent): Change {
  return { event, previous: event.previous }
}

function toCacheEvent({ event, previous: before }: Change, bytes: ObjectBytes): CacheEvent[] {
  const { type, key, value, modRevision } = event
  const current =
    type === 'PUT' ? readable(new StoredObject(bytes, key, value, modRevision)) : undefined
  const previous =
    before && readable(new StoredObject(bytes, key, before.value, before.modRevision))
  if (current === undefined && previous === undefined) return []
  return [new CacheEvent(modRevision, key, current, previous)]
}

function readable(stored: StoredObject): StoredObject | undefined {
  return stored.readable() === undefined ? undefined : stored
}
