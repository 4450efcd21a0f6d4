import { assert } from '../../base/assert.ts'
import type { WatchFrame } from '../response.ts'
import type { StoredObject } from './stored-object.ts'
import type { View } from './view.ts'
import { ChangeFrame, type ChangeType } from './watch-frame.ts'

/** Decides whether an object is among those that a client asked for. */
export type Matches = (stored: StoredObject) => boolean

/** One change of one object, with the frames that its watchers share. */
export class CacheEvent {
  readonly revision: number
  readonly key: string
  /** Absent for a deletion. */
  readonly current: StoredObject | undefined
  /** Absent for a creation. */
  readonly previous: StoredObject | undefined
  /** The object as it is, or was before its deletion. */
  readonly subject: StoredObject
  readonly #frames: { readonly type: ChangeType; readonly view: string; frame: WatchFrame }[] = []
  #deleted: StoredObject | undefined

  constructor(
    revision: number,
    key: string,
    current: StoredObject | undefined,
    previous: StoredObject | undefined,
  ) {
    this.revision = revision
    this.key = key
    this.current = current
    this.previous = previous
    const subject = current ?? previous
    assert(subject !== undefined, 'an event is about an object')
    this.subject = subject
  }

  /** How many bytes of values it keeps from being freed. */
  get weight(): number {
    return (this.current?.storedLength ?? 0) + (this.previous?.storedLength ?? 0)
  }

  /**
   * What a client with this selection is told, if anything: an object that comes into the selection
   * is ADDED, one that leaves it is DELETED, whatever happened to the object itself.
   */
  frameFor(matches: Matches | undefined, view: View): WatchFrame | undefined {
    const { current, previous } = this
    const isIn = current !== undefined && (matches === undefined || matches(current))
    const wasIn = previous !== undefined && (matches === undefined || matches(previous))
    if (isIn) return this.#frame(wasIn ? 'MODIFIED' : 'ADDED', current, view)
    if (!wasIn) return undefined
    // As it was while it matched, with the revision of the change.
    this.#deleted ??= previous.at(this.revision)
    return this.#frame('DELETED', this.#deleted, view)
  }

  #frame(type: ChangeType, stored: StoredObject, view: View): WatchFrame {
    for (const made of this.#frames) {
      if (made.type === type && made.view === view.id) return made.frame
    }
    const frame = new ChangeFrame(type, stored, view)
    this.#frames.push({ type, view: view.id, frame })
    return frame
  }
}
