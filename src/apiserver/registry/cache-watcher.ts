import { setImmediate } from 'node:timers/promises'
import { StatusError } from '../../machinery/status-error.ts'
import type { WatchFrame } from '../response.ts'
import type { CacheEvent, Matches } from './cache-event.ts'
import type { InitialFrames } from './initial-frames.ts'
import { matcherOf, type Selection } from './selection.ts'
import type { View } from './view.ts'
import { type BookmarkNames, errorFrame } from './watch-frame.ts'

/** How many events a client may be behind before its watch is ended. */
const MOST_QUEUED_EVENTS = 4096
/** How large their objects may be together: few large objects are as much as many small ones. */
const MOST_QUEUED_BYTES = 64 * 1024 * 1024

type Batch = readonly WatchFrame[]

/**
 * One watch of one client: a queue between the cache, which never waits, and the client, which may
 * be slow. Ends after `end`, when its client is too far behind, or when its reader returns.
 */
export class CacheWatcher implements AsyncIterableIterator<Batch> {
  readonly selection: Selection
  /** Of its bookmarks' objects. */
  readonly names: BookmarkNames
  readonly #view: View
  /** Of the first event, as long as that is not known and where it differs. */
  #firstView: View | undefined
  /** What may turn out to be the first event: seen when the initial ones have been taken. */
  #early: { readonly event: CacheEvent; readonly frame: WatchFrame } | undefined
  /** Whether it wants to be told of progress without events. */
  readonly wantsBookmarks: boolean
  readonly #matches: Matches | undefined
  readonly #afterRevision: number
  #onBegun: (() => void)[] = []
  readonly #onEnd: ((watcher: CacheWatcher) => void)[]
  /** What is left of what the watch begins with. */
  #initial: InitialFrames | undefined
  #hasTaken = false
  #queue: WatchFrame[] = []
  #queuedBytes = 0
  #isEnded = false
  /** It was ended since its client was too far behind. */
  isTooSlow = false
  #waiting: (() => void) | undefined

  /** `initial` is sent first, however much it is; undefined where there is nothing. */
  constructor(options: {
    readonly selection: Selection
    readonly names: BookmarkNames
    readonly view: View
    readonly firstView?: View
    readonly wantsBookmarks: boolean
    readonly initial: InitialFrames | undefined
    /** Of no interest are changes up to this one, which may lie in the future. */
    readonly afterRevision: number | undefined
    readonly onEnd: (watcher: CacheWatcher) => void
  }) {
    this.selection = options.selection
    this.names = options.names
    this.#view = options.view
    this.#firstView = options.firstView
    this.wantsBookmarks = options.wantsBookmarks
    this.#matches = matcherOf(options.selection)
    this.#afterRevision = options.afterRevision ?? 0
    this.#onEnd = [options.onEnd]
    this.#initial = options.initial
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  /** Calls `onEnd` when the watch ends, or at once if it has. */
  onEnded(onEnd: () => void): void {
    if (this.#isEnded) onEnd()
    else this.#onEnd.push(onEnd)
  }

  /** Calls `onBegun` when the initial events have been taken, or it ends; at once if that was. */
  onBegun(onBegun: () => void): void {
    if (this.#isEnded || this.#initial === undefined) onBegun()
    else this.#onBegun.push(onBegun)
  }

  /** A change of an object that this watch may be about. */
  onEvent(event: CacheEvent): void {
    if (event.revision <= this.#afterRevision) return
    const isFirst = this.#firstView !== undefined && this.#early === undefined
    const view = isFirst && this.#initial === undefined ? this.#firstView : this.#view
    const frame = event.frameFor(this.#matches, view ?? this.#view)
    if (frame === undefined) return
    if (this.#initial === undefined) this.#firstView = undefined
    else if (isFirst) this.#early = { event, frame }
    this.push(frame, event.subject.storedLength)
  }

  /** `bytes` is what it keeps in memory. */
  push(frame: WatchFrame, bytes = 0): void {
    if (this.#isEnded) return
    this.#queue.push(frame)
    this.#queuedBytes += bytes
    if (this.#queue.length > MOST_QUEUED_EVENTS || this.#queuedBytes > MOST_QUEUED_BYTES) {
      // It can resume after the last event that it was sent: nothing is lost but its patience.
      this.isTooSlow = true
      this.#drop()
      this.end()
      return
    }
    this.#wake()
  }

  /** Sends what is queued, then the error if there is one, and ends. */
  end(error?: StatusError): void {
    if (this.#isEnded) return
    if (error !== undefined) this.#queue.push(errorFrame(error))
    this.#isEnded = true
    this.#tellBegun()
    for (const onEnd of this.#onEnd) onEnd(this)
    this.#wake()
  }

  next(): Promise<IteratorResult<Batch>> {
    if (this.#initial !== undefined) return this.#nextOfInitial(this.#initial)
    return this.#nextOfQueue()
  }

  /** A portion in a turn, so that others are served meanwhile. */
  async #nextOfInitial(initial: InitialFrames): Promise<IteratorResult<Batch>> {
    if (this.#hasTaken) await setImmediate()
    this.#hasTaken = true
    while (this.#initial !== undefined) {
      const taken = initial.take()
      const frames = taken instanceof Promise ? await this.#readInitial(taken) : taken
      if (initial.isDone) this.#noteBegun(initial)
      if (frames.length > 0) return { done: false, value: frames }
      if (this.#initial !== undefined) await setImmediate()
    }
    return this.#nextOfQueue()
  }

  /** What cannot be read ends the watch: what came meanwhile must not follow the gap. */
  async #readInitial(reading: Promise<Batch>): Promise<Batch> {
    try {
      const frames = await reading
      return this.#initial === undefined ? [] : frames
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (this.#initial === undefined) return []
      this.#drop()
      this.end(error)
      return []
    }
  }

  #noteBegun(initial: InitialFrames): void {
    const early = this.#early
    if (early !== undefined && this.#firstView !== undefined && !initial.hasGiven) {
      const first = early.event.frameFor(this.#matches, this.#firstView)
      if (first !== undefined) this.#queue[this.#queue.indexOf(early.frame)] = first
    }
    if (early !== undefined || initial.hasGiven) this.#firstView = undefined
    this.#early = undefined
    this.#initial = undefined
    this.#tellBegun()
  }

  #tellBegun(): void {
    for (const onBegun of this.#onBegun.splice(0)) onBegun()
  }

  #drop(): void {
    this.#initial?.[Symbol.dispose]()
    this.#initial = undefined
    this.#early = undefined
    this.#queue = []
  }

  /** All events of the commit that ends the waiting come together: they are taken after it. */
  async #nextOfQueue(): Promise<IteratorResult<Batch>> {
    if (this.#queue.length === 0 && !this.#isEnded) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve
      })
    }
    if (this.#queue.length === 0) return { done: true, value: undefined }
    return { done: false, value: this.#take() }
  }

  async return(): Promise<IteratorResult<Batch>> {
    this.#drop()
    this.end()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  #wake(): void {
    this.#waiting?.()
    this.#waiting = undefined
  }

  #take(): Batch {
    const batch = this.#queue
    this.#queue = []
    this.#queuedBytes = 0
    return batch
  }
}
