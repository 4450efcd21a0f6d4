import type { WatchFrame } from '../request.ts'
import { JUDGED_AT_ONCE } from './in-portions.ts'

/** So many frames are made before others may go on; their bytes are made as they are written. */
const MADE_AT_ONCE = 200

/**
 * What a watch begins with, from a list that it shares with others: each frame is made when it is
 * about to be sent, so that a watch whose client does not read costs neither time nor memory.
 */
export interface InitialFrames {
  readonly isDone: boolean
  /** Whether there is a frame at all, which may take until the first that is found. */
  readonly isAny: boolean
  /** The next frames; none where so many objects were not among those that are asked for. */
  take(): readonly WatchFrame[]
}

/** `frameOf` gives none for what the watch is not told of; it is told what is its first frame. */
export function initialFrames<T>(options: {
  /** It must not change. */
  readonly items: readonly T[]
  frameOf(item: T, isFirst: boolean): WatchFrame | undefined
  /** Follows all others. */
  last?: ((isFirst: boolean) => WatchFrame) | undefined
}): InitialFrames | undefined {
  const isNone = options.items.length === 0 && options.last === undefined
  return isNone ? undefined : new FramesOfList(options)
}

class FramesOfList<T> implements InitialFrames {
  readonly #options: Parameters<typeof initialFrames<T>>[0]
  #at = 0
  #isFirst = true
  #isDone = false
  /** Found by who asked whether there is any. */
  #found: WatchFrame | undefined

  constructor(options: Parameters<typeof initialFrames<T>>[0]) {
    this.#options = options
  }

  get isDone(): boolean {
    return this.#isDone && this.#found === undefined
  }

  get isAny(): boolean {
    while (this.#isFirst && !this.#isDone) this.#found = this.#next()
    return !this.#isFirst
  }

  take(): readonly WatchFrame[] {
    const frames: WatchFrame[] = []
    if (this.#found !== undefined) frames.push(this.#found)
    this.#found = undefined
    for (let judged = 0; judged < JUDGED_AT_ONCE && !this.#isDone; judged++) {
      const frame = this.#next()
      if (frame !== undefined && frames.push(frame) >= MADE_AT_ONCE) break
    }
    return frames
  }

  #next(): WatchFrame | undefined {
    const { items, last } = this.#options
    const at = this.#at++
    const isLast = at >= items.length
    this.#isDone = last === undefined ? at + 1 >= items.length : isLast
    const frame = isLast
      ? last?.(this.#isFirst)
      : this.#options.frameOf(items[at] as T, this.#isFirst)
    if (frame !== undefined) this.#isFirst = false
    return frame
  }
}
