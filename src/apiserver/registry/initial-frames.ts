import type { WatchFrame } from '../response.ts'
import { JUDGED_AT_ONCE } from './in-portions.ts'

/** So many frames are made before others may go on; their bytes are made as they are written. */
const MADE_AT_ONCE = 200

/**
 * What a watch begins with, from a list that it shares with others or from the storage's history:
 * each frame is made when it is about to be sent, so that a watch whose client does not read costs
 * neither time nor memory.
 */
export interface InitialFrames extends Disposable {
  readonly isDone: boolean
  /** Whether it has given any. */
  readonly hasGiven: boolean
  /**
   * The next frames; none where so many objects were not among those that are asked for. A promise
   * where they are read, which rejects with a StatusError that the watch ends with.
   */
  take(): readonly WatchFrame[] | Promise<readonly WatchFrame[]>
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
  hasGiven = false
  isDone = false

  constructor(options: Parameters<typeof initialFrames<T>>[0]) {
    this.#options = options
  }

  take(): readonly WatchFrame[] {
    const frames: WatchFrame[] = []
    for (let judged = 0; judged < JUDGED_AT_ONCE && !this.isDone; judged++) {
      const frame = this.#next()
      if (frame !== undefined && frames.push(frame) >= MADE_AT_ONCE) break
    }
    return frames
  }

  [Symbol.dispose](): void {}

  #next(): WatchFrame | undefined {
    const { items, last } = this.#options
    const at = this.#at++
    const isLast = at >= items.length
    this.isDone = last === undefined ? at + 1 >= items.length : isLast
    const frame = isLast
      ? last?.(!this.hasGiven)
      : this.#options.frameOf(items[at] as T, !this.hasGiven)
    if (frame !== undefined) this.hasGiven = true
    return frame
  }
}
