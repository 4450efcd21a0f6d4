import type { Random } from '../../../src/base/random.ts'
import {
  type ClientOptions,
  HistoryClient,
  HistoryWatcher,
  TAG,
  versionOf,
  type Wire,
} from './clients.ts'
import { History } from './records.ts'

export interface HistoryRunOptions {
  /** One for each client, and a further one for each of its watches. */
  readonly connect: (index: number) => Wire
  readonly randomOf: (index: number) => Random
  readonly moments: ClientOptions['moments']
  readonly path: string
  readonly kind: string
  readonly apiVersion: string
  readonly keys: readonly string[]
  readonly clients: number
  readonly watchers: number
  readonly thinkMs: number
  readonly isExact: (index: number) => boolean
}

const LABELS = [undefined, undefined, 'a', 'b']

/** Clients and watches at work, and what they are told. */
export class HistoryRun {
  readonly history = new History()
  readonly #options: HistoryRunOptions
  readonly #stopClients = new AbortController()
  readonly #stopWatchers = new AbortController()
  readonly #watchers: readonly HistoryWatcher[]
  readonly #working: Promise<unknown>
  readonly #watching: Promise<unknown>

  constructor(options: HistoryRunOptions) {
    this.#options = options
    const { clients, watchers } = options
    this.#working = Promise.all(
      Array.from({ length: clients }, (_, i) =>
        new HistoryClient(this.#clientOptions(`c${i}`, i)).run(this.#stopClients.signal),
      ),
    )
    this.#watchers = Array.from({ length: watchers }, (_, i) => {
      const label = LABELS[i % LABELS.length]
      return new HistoryWatcher(this.#clientOptions(`w${i}`, clients + i), label)
    })
    this.#watching = Promise.all(
      this.#watchers.map((watcher) => watcher.run(this.#stopWatchers.signal)),
    )
  }

  /** Nobody writes any more. */
  async stopClients(): Promise<void> {
    this.#stopClients.abort()
    await this.#working
  }

  /**
   * Writes a last version for each label, waits until every watch has seen it, and ends them. How
   * many have not seen it in time.
   */
  async finish(withinMs: number): Promise<number> {
    const { moments } = this.#options
    const wire = this.#options.connect(-1)
    const end = moments.now() + withinMs
    let revision = 0
    for (const label of ['b', 'a']) revision = await this.#writeLast(wire, label, end)
    // The last event of b comes before that of a.
    const isBehind = ({ position }: HistoryWatcher) => position < revision - 1
    while (this.#watchers.some(isBehind) && moments.now() < end) await moments.pause(10)
    const behind = this.#watchers.filter(isBehind).length
    this.#stopWatchers.abort()
    await this.#watching
    return behind
  }

  async #writeLast(wire: Wire, label: string, end: number): Promise<number> {
    const { moments, path, apiVersion, kind } = this.#options
    for (let tries = 1; ; tries++) {
      const start = moments.now()
      const name = `z-last-${label}-${tries}`
      const tag = `${name}-${label}`
      const about = { type: 'create', client: 'last', key: name, tag, start } as const
      const annotations = { [TAG]: tag }
      const object = { apiVersion, kind, metadata: { name, labels: { label }, annotations } }
      const reply = await wire.send('POST', path, object).catch(() => undefined)
      const { revision, uid } = versionOf(reply?.code === 201 ? reply.body : {})
      const isDone = reply?.code === 201
      const result = isDone ? { outcome: 'Done' as const, revision, uid } : UNKNOWN
      this.history.writes.push({ ...about, ...result, expected: undefined, end: moments.now() })
      if (isDone) return revision
      if (moments.now() > end) throw new Error(`the last write fails: ${JSON.stringify(reply)}`)
      await moments.pause(100)
    }
  }

  #clientOptions(name: string, index: number): ClientOptions {
    const { connect, randomOf, isExact, ...rest } = this.#options
    return {
      ...rest,
      ...{ name, history: this.history, wire: connect(index), random: randomOf(index) },
      isExact: isExact(index),
    }
  }
}

const UNKNOWN = { outcome: 'Unknown' as const, revision: 0, uid: '' }
