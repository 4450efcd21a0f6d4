import { setMaxListeners } from 'node:events'
import { aborted, type Component, childAbort } from '../base/lifetime.ts'
import type { KindRef, KubeObject } from '../machinery/kind.ts'
import { CachedInformer } from './informer.ts'
import type { Informer, Informers } from './lister.ts'
import { Reflector, type ReflectorContext, type Selection } from './reflector.ts'

interface Entry {
  readonly informer: CachedInformer<KubeObject>
  readonly reflector: Reflector<KubeObject>
  stop?: AbortController & Disposable
}

/**
 * One informer for each kind and selection, shared by all that ask. Informers asked for before
 * `run` start with it, later ones at once.
 */
export class SharedInformers implements Informers, Component {
  readonly name = 'informers'
  readonly #context: ReflectorContext
  readonly #entries = new Map<string, Entry>()
  readonly #running = new Set<Promise<void>>()
  #signal: AbortSignal | undefined

  constructor(context: ReflectorContext) {
    this.#context = context
  }

  for<T extends KubeObject>(kind: KindRef<T>, selection: Selection = {}): Informer<T> {
    const key = `${kind.apiVersion}/${kind.plural}?${JSON.stringify(selection)}`
    let entry = this.#entries.get(key)
    if (entry === undefined) {
      const informer = new CachedInformer<KubeObject>(kind, this.#context.logger)
      const reflector = new Reflector<KubeObject>(kind, selection, informer, this.#context)
      entry = { informer, reflector }
      this.#entries.set(key, entry)
      this.#start(entry)
    }
    return entry.informer as unknown as Informer<T>
  }

  stop(kind: KindRef): void {
    for (const [key, entry] of this.#entries) {
      if (!key.startsWith(`${kind.apiVersion}/${kind.plural}?`)) continue
      entry.stop?.abort()
      this.#entries.delete(key)
    }
  }

  synced(
    signal: AbortSignal,
    informers: Iterable<Informer<KubeObject>> = this.#all(),
  ): Promise<void> {
    const waits = Array.from(
      informers,
      (informer) => new Promise<void>((resolve) => informer.whenSynced(resolve)),
    )
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason)
      if (signal.aborted) return onAbort()
      signal.addEventListener('abort', onAbort, { once: true })
      Promise.all(waits).then(() => {
        signal.removeEventListener('abort', onAbort)
        resolve()
      }, reject)
    })
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    setMaxListeners(0, signal) // One for each informer: no leak.
    for (const entry of this.#entries.values()) this.#start(entry)
    await aborted(signal)
    await Promise.all(this.#running)
  }

  #all(): Informer<KubeObject>[] {
    return Array.from(this.#entries.values(), ({ informer }) => informer)
  }

  #start(entry: Entry): void {
    if (this.#signal === undefined || entry.stop !== undefined) return
    const stop = childAbort(this.#signal)
    entry.stop = stop
    const running = entry.reflector.run(stop.signal).finally(() => {
      stop[Symbol.dispose]()
      this.#running.delete(running)
    })
    this.#running.add(running)
  }
}
