import type { CacheEvent } from './cache-event.ts'
import { type InitialFrames, initialFrames } from './initial-frames.ts'
import { type Candidates, matcherOf, type Selection } from './selection.ts'
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

/** The changes that a watch begins with. */
export function historyFrames(
  options: CacheWatchOptions,
  events: readonly CacheEvent[],
): InitialFrames | undefined {
  const matches = matcherOf(options.selection)
  return initialFrames({
    items: events,
    frameOf: (event, isFirst) => event.frameFor(matches, viewOf(options, isFirst)),
  })
}

function viewOf({ view, firstView = view }: CacheWatchOptions, isFirst: boolean): View {
  return isFirst ? firstView : view
}
