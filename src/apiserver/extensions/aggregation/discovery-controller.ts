import type { Clock } from '../../../base/clock.ts'
import type { Logger } from '../../../base/logger.ts'
import { type QueueMeters, WorkQueue } from '../../../client/work-queue.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { ApiServiceTable, RemoteApiService } from './api-service-table.ts'
import type { RemoteVersion } from './merge-discovery.ts'
import { fetchDiscovery, type ServerDiscovery } from './remote-discovery.ts'
import type { RemoteServers } from './remote-server.ts'
import { withinTime } from './within-time.ts'
import { runWorkers } from './work.ts'

export interface DiscoveryControllerOptions {
  readonly table: ApiServiceTable
  readonly servers: RemoteServers
  readonly clock: Clock
  readonly logger: Logger
  /** Is given all that other servers serve whenever it has changed. */
  readonly publish: (versions: readonly RemoteVersion[]) => void
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

const WORKERS = 2
/** What a server serves changes without telling us. */
const REFRESH_MS = 60_000
const RETRY = { baseDelayMs: 500, maxDelayMs: REFRESH_MS }
const TIMEOUT_MS = 5000

/** Keeps discovery true to what aggregated servers serve; what does not answer is stale. */
export class DiscoveryController {
  readonly #options: DiscoveryControllerOptions
  readonly #queue: WorkQueue
  /** By the name of the APIService. */
  readonly #versions = new Map<string, RemoteVersion>()
  /** By the name of the APIService: what its server has said last. */
  readonly #known = new Map<string, ServerDiscovery>()

  constructor(options: DiscoveryControllerOptions) {
    this.#options = options
    this.#queue = new WorkQueue(options.clock, RETRY, options.queues?.meterOf('discovery-manager'))
    options.table.onChange((name) => this.#onChange(name))
  }

  /** Resolves when the signal has aborted and all is at rest. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#queue.shutDown(), { once: true })
    const sync = (name: string) => this.#sync(name, signal)
    await runWorkers(this.#queue, WORKERS, sync, this.#options.logger)
  }

  /** A group is listed as soon as it is registered: stale until its server has answered. */
  #onChange(name: string): void {
    const remote = this.#options.table.remote(name)
    if (remote === undefined) {
      this.#known.delete(name)
      if (this.#versions.delete(name)) this.#publish()
      return
    }
    const version = remote.object.spec.version ?? ''
    const unknown = { version, resources: [], freshness: 'Stale' as const }
    this.#put(name, remote, this.#versions.get(name)?.discovery ?? unknown)
    this.#queue.add(name)
  }

  async #sync(name: string, signal: AbortSignal): Promise<void> {
    const { table, servers, clock } = this.#options
    const remote = table.remote(name)
    if (remote === undefined) return
    const version = remote.object.spec.version ?? ''
    const none = { version, resources: [] }
    try {
      const found = await withinTime(clock, TIMEOUT_MS, signal, (ending) =>
        fetchDiscovery(servers, remote, this.#known.get(name), ending),
      )
      if (table.remote(name) === undefined) return
      this.#known.set(name, found)
      const discovery = found.versions.get(name) ?? none
      this.#put(name, table.remote(name) ?? remote, { ...discovery, freshness: 'Current' })
      this.#queue.addAfter(name, REFRESH_MS)
    } catch (error) {
      const current = table.remote(name)
      if (current === undefined || signal.aborted) return
      const discovery = this.#known.get(name)?.versions.get(name) ?? none
      this.#put(name, current, { ...discovery, freshness: 'Stale' })
      throw error
    }
  }

  #put(
    name: string,
    { object: { spec } }: RemoteApiService,
    discovery: RemoteVersion['discovery'],
  ): void {
    const version: RemoteVersion = {
      group: spec.group ?? '',
      groupPriority: spec.groupPriorityMinimum,
      versionPriority: spec.versionPriority,
      discovery,
    }
    if (deepEqual(this.#versions.get(name), version)) return
    this.#versions.set(name, version)
    this.#publish()
  }

  #publish(): void {
    this.#options.publish([...this.#versions.values()])
  }
}
