import { internalError, StatusError } from '../../machinery/status-error.ts'
import { CompactedError } from '../../storage/storage.ts'
import type { WatchFrame } from '../response.ts'
import type { CacheEvent } from './cache-event.ts'
import type { History } from './history.ts'
import { type InitialFrames, initialFrames } from './initial-frames.ts'
import { tooOldResourceVersion } from './resource-version.ts'
import { type Candidates, matcherOf, type Selection } from './selection.ts'
import { storageFailure } from './storage-failure.ts'
import type { View } from './view.ts'
import { type BookmarkNames, bookmarkFrame, PresentFrame } from './watch-frame.ts'

export interface CacheWatchOptions {
  readonly selection: Selection
  readonly view: View
  /** Of the first event, where it differs: a Table names its columns once. */
  readonly firstView?: View
  /** Undefined begins with the present state, as ADDED events. */
  readonly afterRevision: number | undefined
  readonly wantsBookmarks: boolean
  /** Follow the present state with a bookmark that says so. */
  readonly marksInitialEventsEnd: boolean
  /** Of the bookmarks' objects, which are those of the view. */
  readonly names: BookmarkNames
}

/** The state that a watch begins with, of this revision; counts what is sent of it. */
export function presentFrames(
  options: CacheWatchOptions,
  { candidates, matches }: Candidates,
  revision: number,
  counts: { initialEvents: number },
): InitialFrames | undefined {
  const { names, marksInitialEventsEnd } = options
  return initialFrames({
    items: candidates,
    frameOf(stored, isFirst) {
      if (matches?.(stored) === false) return undefined
      counts.initialEvents++
      return new PresentFrame(stored, viewOf(options, isFirst))
    },
    last: marksInitialEventsEnd
      ? (isFirst) => bookmarkFrame(names, revision, true, isFirst)
      : undefined,
  })
}

/** The changes that a watch begins with: those that are no more at hand first, if there are any. */
export function historyFrames(
  options: CacheWatchOptions,
  history: History | undefined,
  recent: readonly CacheEvent[],
): InitialFrames | undefined {
  if (history === undefined) return eventFrames(options, recent, false)
  return new FramesOfHistory(options, history, recent)
}

function eventFrames(
  options: CacheWatchOptions,
  events: readonly CacheEvent[],
  hasBegun: boolean,
): InitialFrames | undefined {
  const matches = matcherOf(options.selection)
  return initialFrames({
    items: events,
    frameOf: (event, isFirst) => event.frameFor(matches, viewOf(options, isFirst && !hasBegun)),
  })
}

class FramesOfHistory implements InitialFrames {
  readonly #options: CacheWatchOptions
  readonly #history: History
  readonly #recent: readonly CacheEvent[]
  /** Of the recent changes, once there is no more history. */
  #rest: InitialFrames | undefined
  #hasGivenHistory = false
  isDone = false

  constructor(options: CacheWatchOptions, history: History, recent: readonly CacheEvent[]) {
    this.#options = options
    this.#history = history
    this.#recent = recent
  }

  get hasGiven(): boolean {
    return this.#hasGivenHistory || this.#rest?.hasGiven === true
  }

  take(): readonly WatchFrame[] | Promise<readonly WatchFrame[]> {
    if (this.#rest === undefined) return this.#takeHistory()
    const frames = this.#rest.take()
    this.isDone = this.#rest.isDone
    return frames
  }

  [Symbol.dispose](): void {
    this.#history[Symbol.dispose]()
  }

  async #takeHistory(): Promise<readonly WatchFrame[]> {
    const frames: WatchFrame[] = []
    const matches = matcherOf(this.#options.selection)
    for (const event of await this.#events()) {
      const frame = event.frameFor(matches, viewOf(this.#options, !this.#hasGivenHistory))
      if (frame === undefined) continue
      this.#hasGivenHistory = true
      frames.push(frame)
    }
    if (this.#history.isDone) {
      this.#rest = eventFrames(this.#options, this.#recent, this.#hasGivenHistory)
      this.isDone = this.#rest === undefined
    }
    return frames
  }

  async #events(): Promise<readonly CacheEvent[]> {
    try {
      return await this.#history.take()
    } catch (error) {
      const { afterRevision = 0 } = this.#options
      if (error instanceof CompactedError) {
        throw tooOldResourceVersion(afterRevision, error.compactedRevision)
      }
      if (error instanceof StatusError) throw error
      throw storageFailure(error) ?? internalError(error)
    }
  }
}

function viewOf({ view, firstView = view }: CacheWatchOptions, isFirst: boolean): View {
  return isFirst ? firstView : view
}
