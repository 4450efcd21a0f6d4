import type { WatchFrame } from '../request.ts'
import type { CacheWatcher } from './cache-watcher.ts'
import { bookmarkFrame } from './watch-frame.ts'

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
