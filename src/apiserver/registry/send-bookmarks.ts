import type { Clock } from '../../base/clock.ts'
import type { WatchFrame } from '../response.ts'
import type { CacheWatcher } from './cache-watcher.ts'
import { bookmarkFrame } from './watch-frame.ts'
import type { WatcherSet } from './watcher-set.ts'

const INTERVAL_MS = 60_000

/** Tells all watches that want it how far they are; those that are alike share one frame. */
export function sendBookmarks(watchers: Iterable<CacheWatcher>, revision: number): void {
  const frames = new Map<string, WatchFrame>()
  for (const watcher of watchers) {
    if (!watcher.wantsBookmarks) continue
    const { names } = watcher
    if (names.show !== undefined) {
      watcher.push(bookmarkFrame(names, revision))
      continue
    }
    const id = `${names.apiVersion} ${names.kind}`
    let frame = frames.get(id)
    if (frame === undefined) {
      frame = bookmarkFrame(names, revision)
      frames.set(id, frame)
    }
    watcher.push(frame)
  }
}

/** Tells the watches of a resource how far they are, as long as there are any. */
export class PeriodicBookmarks {
  readonly #clock: Clock
  readonly #watchers: Pick<WatcherSet, 'all' | 'size'>
  readonly #revision: () => number
  #timer: Disposable | undefined

  constructor(clock: Clock, watchers: Pick<WatcherSet, 'all' | 'size'>, revision: () => number) {
    this.#clock = clock
    this.#watchers = watchers
    this.#revision = revision
  }

  /** Does nothing where it goes on already. */
  start(): void {
    this.#timer ??= this.#clock.after(INTERVAL_MS, () => {
      this.#timer = undefined
      sendBookmarks(this.#watchers.all(), this.#revision())
      if (this.#watchers.size > 0) this.start()
    })
  }

  stop(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }
}
