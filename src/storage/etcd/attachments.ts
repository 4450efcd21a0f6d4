import type { EtcdWatchEvent } from './watch-event.ts'

/** What a writer attached, until its event has passed. */
interface Pending {
  readonly value: Uint8Array | undefined
  readonly attachment: unknown
  /** Once the answer has come. */
  revision: number | undefined
}

/** A write under way; to be told how it ended. */
export interface AttachedWrite {
  done(revision: number): void
  failed(): void
}

/**
 * Brings what the writers of this process attach to the events of their writes. An event often
 * comes before the answer that names its revision: then it is known by its key and equal bytes,
 * which mean the same whoever wrote them.
 */
export class Attachments {
  readonly #pending = new Map<string, Pending[]>()

  /** `value` undefined: a deletion. `passed`: whether the events of a revision were delivered. */
  add(
    key: string,
    value: Uint8Array | undefined,
    attachment: unknown,
    passed: (revision: number) => boolean,
  ): AttachedWrite {
    const entry: Pending = { value, attachment, revision: undefined }
    const entries = this.#pending.get(key)
    if (entries === undefined) this.#pending.set(key, [entry])
    else entries.push(entry)
    return {
      done: (revision) => {
        entry.revision = revision
        if (passed(revision)) this.#remove(key, entry)
      },
      failed: () => this.#remove(key, entry),
    }
  }

  /** Gives an event what belongs to it. */
  attach(event: EtcdWatchEvent): void {
    const entries = this.#pending.get(event.key)
    if (entries === undefined) return
    const entry =
      entries.find(({ revision }) => revision === event.modRevision) ??
      entries.find(({ revision, value }) => revision === undefined && isOf(event, value))
    if (entry === undefined) return
    event.attachment = entry.attachment
    this.#remove(event.key, entry)
  }

  get size(): number {
    return this.#pending.size
  }

  #remove(key: string, entry: Pending): void {
    const rest = this.#pending.get(key)?.filter((each) => each !== entry) ?? []
    if (rest.length === 0) this.#pending.delete(key)
    else this.#pending.set(key, rest)
  }
}

function isOf({ type, value }: EtcdWatchEvent, written: Uint8Array | undefined): boolean {
  if (written === undefined || type === 'DELETE') return written === undefined && type === 'DELETE'
  return Buffer.compare(value, written) === 0
}
