import { childAbort } from '../../base/lifetime.ts'
import type { Client } from '../../client/client.ts'
import { Reflector, type ReflectorContext, type ReflectorTarget } from '../../client/reflector.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'

interface Entry<T extends KubeObject> {
  references: number
  object: T | undefined
  readonly synced: Promise<void>
  readonly stop: AbortController & Disposable
}

/**
 * The objects of one kind that pods of this node refer to, each watched by its own name: a node
 * may read no others. Kept for as long as somebody refers to them.
 */
export class ReferencedObjects<T extends KubeObject> {
  readonly #kind: KindRef<T>
  readonly #context: ReflectorContext
  readonly #client: Client
  readonly #onChange: (key: string) => void
  readonly #entries = new Map<string, Entry<T>>()
  readonly #running = new Set<Promise<void>>()
  readonly #signal: AbortSignal

  constructor(
    kind: KindRef<T>,
    context: ReflectorContext,
    signal: AbortSignal,
    onChange: (key: string) => void,
  ) {
    this.#kind = kind
    this.#context = context
    this.#client = context.client
    this.#signal = signal
    this.#onChange = onChange
  }

  acquire(namespace: string, name: string): void {
    const key = `${namespace}/${name}`
    const entry = this.#entries.get(key)
    if (entry === undefined) this.#entries.set(key, this.#start(key, namespace, name))
    else entry.references++
  }

  release(namespace: string, name: string): void {
    const key = `${namespace}/${name}`
    const entry = this.#entries.get(key)
    if (entry === undefined || --entry.references > 0) return
    this.#entries.delete(key)
    entry.stop.abort()
  }

  /** Undefined where there is none. */
  async get(namespace: string, name: string): Promise<T | undefined> {
    const entry = this.#entries.get(`${namespace}/${name}`)
    if (entry === undefined) return this.#read(namespace, name)
    await entry.synced
    return entry.object
  }

  /** Resolves when no watch is left; the signal must have aborted. */
  async stopped(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #read(namespace: string, name: string): Promise<T | undefined> {
    try {
      return await this.#client.get(this.#kind, { namespace, name })
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  #start(key: string, namespace: string, name: string): Entry<T> {
    const stop = childAbort(this.#signal)
    let onSynced = () => {}
    const synced = new Promise<void>((resolve) => {
      onSynced = resolve
    })
    const entry: Entry<T> = { references: 1, object: undefined, synced, stop }
    const change = (object: T | undefined) => {
      const isNews = entry.object?.metadata.resourceVersion !== object?.metadata.resourceVersion
      entry.object = object
      if (isNews) this.#onChange(key)
    }
    const target: ReflectorTarget<T> = {
      replace: ([object]) => {
        change(object)
        onSynced()
      },
      reached: () => {},
      apply: (type, object) => change(type === 'DELETED' ? undefined : object),
    }
    const fieldSelector = `metadata.name=${name}`
    const reflector = new Reflector(this.#kind, { namespace, fieldSelector }, target, this.#context)
    const running = reflector.run(stop.signal).finally(() => {
      onSynced() // Nobody shall wait for what will not come.
      stop[Symbol.dispose]()
      this.#running.delete(running)
    })
    this.#running.add(running)
    return entry
  }
}
