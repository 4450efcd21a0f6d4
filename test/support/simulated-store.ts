import type { WatchEvent } from '../../src/client/client.ts'
import { deepFreeze } from '../../src/machinery/json-value.ts'
import type { KubeObject } from '../../src/machinery/kind.ts'
import { StatusError } from '../../src/machinery/status-error.ts'

/** One write, as a checker sees it. */
export interface Commit {
  readonly revision: number
  /** `group/plural`; the core group's name is empty. */
  readonly resource: string
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  readonly old: KubeObject | undefined
}

/** Objects by resource and key with one revision a write, and the history that watches resume. */
export class SimulatedStore {
  readonly #objects = new Map<string, Map<string, KubeObject>>()
  readonly #history: Commit[] = []
  readonly #listeners = new Set<(commit: Commit) => void>()
  #revision = 1
  #compactedRevision = 0

  get revision(): number {
    return this.#revision
  }

  get(resource: string, key: string): KubeObject | undefined {
    return this.#objects.get(resource)?.get(key)
  }

  list(resource: string): readonly KubeObject[] {
    return [...(this.#objects.get(resource)?.values() ?? [])].toSorted((a, b) =>
      keyText(a) < keyText(b) ? -1 : 1,
    )
  }

  /** Writes one object, or deletes it, and tells every listener before it returns. */
  commit(type: Commit['type'], resource: string, key: string, draft: KubeObject): KubeObject {
    const revision = ++this.#revision
    const object = deepFreeze({
      ...draft,
      metadata: { ...draft.metadata, resourceVersion: `${revision}` },
    })
    let objects = this.#objects.get(resource)
    if (objects === undefined) {
      objects = new Map()
      this.#objects.set(resource, objects)
    }
    const old = objects.get(key)
    if (type === 'DELETED') objects.delete(key)
    else objects.set(key, object)
    const commit = { revision, resource, type, object, old }
    this.#history.push(commit)
    for (const listener of [...this.#listeners]) listener(commit)
    return object
  }

  onCommit(listener: (commit: Commit) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  /** Forgets history: watches from before now get 410. */
  compact(): void {
    this.#compactedRevision = this.#revision
    this.#history.length = 0
  }

  /** What was written after a revision; throws `Expired` when that is forgotten. */
  since(revision: number): readonly Commit[] {
    if (revision < this.#compactedRevision) {
      throw new StatusError('Expired', `too old resource version: ${revision}`)
    }
    return this.#history.filter((commit) => commit.revision > revision)
  }
}

/** The events of a watch: what is pushed is read in order; `end` finishes the iteration. */
export class EventStream implements AsyncIterableIterator<WatchEvent> {
  readonly #events: WatchEvent[] = []
  #wake: (() => void) | undefined
  #isEnded = false
  #error: unknown
  /** Called once the reader or the writer has ended the stream. */
  onEnd: () => void = () => {}

  push(event: WatchEvent): void {
    if (this.#isEnded) return
    this.#events.push(event)
    this.#wake?.()
  }

  end(error?: unknown): void {
    this.#isEnded = true
    this.#error = error
    this.onEnd()
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<WatchEvent>> {
    for (;;) {
      const value = this.#events.shift()
      if (value !== undefined) return { done: false, value }
      if (this.#isEnded && this.#error !== undefined) throw this.#error
      if (this.#isEnded) return { done: true, value: undefined }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<WatchEvent>> {
    this.#isEnded = true
    this.#events.length = 0
    this.onEnd()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}

function keyText({ metadata: { namespace = '', name } }: KubeObject): string {
  return `${namespace}/${name}`
}
