import type { WatchFormat, WatchFrame } from '../response.ts'

/** Longer runs are not joined: what a watch begins with is its own, and made while it is sent. */
const MOST_FRAMES = 128
/** Nor are larger ones: every watch that is behind would hold one. */
const MOST_BYTES = 128 * 1024
/** Watches of a few selections and formats take turns. */
const MOST_RUNS = 4

interface Run {
  readonly frames: readonly WatchFrame[]
  readonly format: WatchFormat
  readonly bytes: Uint8Array
  readonly lengths: readonly number[]
}

/**
 * Joins the events of one commit into one buffer, the same for all watches that are told of them:
 * a write to a stream costs more than the bytes of an event, and a copy for each watch as much.
 *
 *     commit: 1 2 3 4     watch a  [1 2 3 4]   watch b  [1 2 3 4] (the same)   watch c  [2 4]
 */
export class SharedFrames {
  readonly #runs: Run[] = []
  #next = 0
  /** Of the events that were joined last, where they were more than one. */
  lengths: readonly number[] = []

  /** Undefined for what is too much to be held in one piece. */
  join(frames: readonly WatchFrame[], format: WatchFormat): Uint8Array | undefined {
    const [first] = frames
    if (first !== undefined && frames.length === 1) return first.bytes(format)
    if (frames.length > MOST_FRAMES) return undefined
    for (const run of this.#runs) {
      if (run.format !== format || !areSame(run.frames, frames)) continue
      this.lengths = run.lengths
      return run.bytes
    }
    const lengths: number[] = []
    const bytes = joined(frames, format, lengths)
    if (bytes === undefined) return undefined
    this.lengths = lengths
    this.#runs[this.#next] = { frames, format, bytes, lengths }
    this.#next = (this.#next + 1) % MOST_RUNS
    return bytes
  }
}

function areSame(some: readonly WatchFrame[], others: readonly WatchFrame[]): boolean {
  if (some.length !== others.length) return false
  for (let index = 0; index < some.length; index++) {
    if (some[index] !== others[index]) return false
  }
  return true
}

/** Notes the length of each. */
function joined(
  frames: readonly WatchFrame[],
  format: WatchFormat,
  lengths: number[],
): Uint8Array | undefined {
  const parts: Uint8Array[] = []
  let length = 0
  for (const frame of frames) {
    const part = frame.bytes(format)
    length += part.length
    if (length > MOST_BYTES) return undefined
    parts.push(part)
    lengths.push(part.length)
  }
  // Not of the pool of small buffers: what is held of it shall be no more than this.
  const bytes = Buffer.allocUnsafeSlow(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
