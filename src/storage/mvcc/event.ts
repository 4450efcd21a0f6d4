import type { KeyValue, WatchEvent } from '../storage.ts'
import type { Version } from './version.ts'

/** A version as an event. What was before is read only by those who ask for it. */
export class VersionEvent implements WatchEvent {
  readonly type: 'PUT' | 'DELETE'
  readonly key: string
  readonly value: Uint8Array
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  readonly attachment: unknown
  readonly #read: (version: Version) => KeyValue
  readonly #before: Version | undefined

  constructor(
    version: Version,
    value: Uint8Array,
    attachment: unknown,
    read: (version: Version) => KeyValue,
  ) {
    this.type = version.isDeleted ? 'DELETE' : 'PUT'
    this.key = version.key
    this.value = value
    this.createRevision = version.createRevision
    this.modRevision = version.modRevision
    this.version = version.version
    this.attachment = attachment
    this.#read = read
    this.#before = version.previous
  }

  get previous(): KeyValue | undefined {
    const before = this.#before
    return before === undefined || before.isDeleted ? undefined : this.#read(before)
  }
}
