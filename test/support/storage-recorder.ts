import assert from 'node:assert/strict'
import type { KeyValue, Storage, Watch, WatchEvent } from '../../src/storage/storage.ts'

/** A watch that keeps what it got, and fails at once where an event is out of order. */
export interface Recorder {
  readonly watch: Watch
  readonly prefixOrKey: string
  readonly after: number
  readonly events: WatchEvent[]
  readonly previous: (KeyValue | undefined)[]
  readonly errors: unknown[]
}

export function recordWatch(storage: Storage, prefixOrKey: string, after: number): Recorder {
  const events: WatchEvent[] = []
  const previous: (KeyValue | undefined)[] = []
  const errors: unknown[] = []
  let last = after
  const watch = storage.watch(prefixOrKey, after, {
    onEvents(batch) {
      assert.ok(batch.length > 0, 'no empty batch')
      assert.equal(errors.length, 0, 'no event after the end')
      for (const event of batch) {
        assert.ok(event.modRevision > last, `revision ${event.modRevision} after ${last}`)
        assert.ok(event.modRevision <= storage.revision(), 'no event before it is visible')
        last = event.modRevision
        events.push(event)
        previous.push(event.previous)
      }
    },
    onError: (error) => errors.push(error),
  })
  return { watch, prefixOrKey, after, events, previous, errors }
}
