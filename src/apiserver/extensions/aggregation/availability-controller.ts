import type { Clock } from '../../../base/clock.ts'
import { childAbort } from '../../../base/lifetime.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Client } from '../../../client/client.ts'
import { type QueueMeters, WorkQueue } from '../../../client/work-queue.ts'
import { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import { LOCAL } from '../../../kinds/apiregistration/v1/api-service-strategy.ts'
import { Service } from '../../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../../kinds/discovery/v1/endpoint-slice.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { isReason } from '../../../machinery/status-error.ts'
import { followObjects } from '../../authorization/follow-objects.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ApiServiceTable, RemoteApiService } from './api-service-table.ts'
import {
  failedDiscovery,
  judgeByObjects,
  PASSED,
  type Verdict,
  withVerdict,
} from './availability.ts'
import type { AvailabilityMetrics } from './availability-metrics.ts'
import type { RemoteServers } from './remote-server.ts'
import { runWorkers } from './work.ts'

export interface AvailabilityOptions {
  readonly table: ApiServiceTable
  readonly servers: RemoteServers
  readonly resources: ResourceTable
  readonly metrics: AvailabilityMetrics
  readonly clock: Clock
  readonly logger: Logger
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

const WORKERS = 5
/** A route that broke shows in no object: only asking the server again finds it out. */
const RESYNC_MS = 30_000
const RETRY = { baseDelayMs: 5, maxDelayMs: 30_000 }
/** Each may go to another of the servers; one that answers is enough. */
const ATTEMPTS = 5
const ATTEMPT_TIMEOUT_MS = 5000
const SERVICE_NAME = 'kubernetes.io/service-name'

/**
 * Keeps the condition `Available` of all APIServices true to what their servers do. Services and
 * their endpoints are followed only once somebody has registered a server.
 */
export class AvailabilityController {
  readonly #options: AvailabilityOptions
  readonly #queue: WorkQueue
  #following: Promise<void> | undefined
  #signal = new AbortController().signal

  constructor(options: AvailabilityOptions) {
    this.#options = options
    this.#queue = new WorkQueue(
      options.clock,
      RETRY,
      options.queues?.meterOf('RemoteAvailabilityController'),
    )
    options.table.onChange((name) => this.#queue.add(name))
  }

  /** Resolves when the signal has aborted and all is at rest. */
  async run(client: Client, signal: AbortSignal): Promise<void> {
    const { logger } = this.#options
    this.#signal = signal
    signal.addEventListener('abort', () => this.#queue.shutDown(), { once: true })
    await runWorkers(this.#queue, WORKERS, (name) => this.#sync(name, client), logger)
  }

  async #sync(name: string, client: Client): Promise<void> {
    const { table, metrics } = this.#options
    const apiService = table.get(name)
    if (apiService === undefined) {
      metrics.forget(name)
      return
    }
    const remote = table.remote(name)
    if (remote === undefined) return this.#write(apiService, LOCAL, client)
    this.#queue.addAfter(name, RESYNC_MS)
    const verdict = (await this.#judge(remote)) ?? (await this.#ask(remote))
    if (this.#signal.aborted || table.get(name) === undefined) return
    await this.#write(remote.object, verdict, client)
    if (verdict.reason === 'FailedDiscoveryCheck') throw new Error(verdict.message ?? '')
  }

  async #judge({ object, service: { namespace, name } }: RemoteApiService) {
    const { resources } = this.#options
    this.#following ??= this.#follow().catch((error) => {
      this.#following = undefined
      throw error
    })
    await this.#following
    const service = resources.store(Service).cache.get(namespace, name)?.object
    const predicate = ({ metadata }: KubeObject) => metadata.labels?.[SERVICE_NAME] === name
    const slices = resources.store(EndpointSlice).cache.list({ namespace, name: '', predicate })
    return judgeByObjects(
      object,
      service as Service | undefined,
      slices.map((one) => one.object as EndpointSlice),
    )
  }

  /** Asks for what every aggregated server must serve; the first good answer decides. */
  async #ask(remote: RemoteApiService): Promise<Verdict> {
    const { clock } = this.#options
    const ending = new AbortController()
    const timer = clock.after(ATTEMPT_TIMEOUT_MS, () =>
      ending.abort(
        new Error('context deadline exceeded (Client.Timeout exceeded while awaiting headers)'),
      ),
    )
    const onAbort = () => ending.abort(this.#signal.reason)
    this.#signal.addEventListener('abort', onAbort, { once: true })
    const attempts = Array.from({ length: ATTEMPTS }, () => this.#attempt(remote, ending.signal))
    // The others are read to their ends too, so that their connections can be used again.
    void Promise.allSettled(attempts).then(() => {
      timer[Symbol.dispose]()
      this.#signal.removeEventListener('abort', onAbort)
    })
    try {
      await Promise.any(attempts)
      return PASSED
    } catch (error) {
      const last = (error as AggregateError).errors.at(-1) as Error
      return failedDiscovery(last.message)
    }
  }

  async #attempt(remote: RemoteApiService, signal: AbortSignal): Promise<void> {
    const { group = '', version = '' } = remote.object.spec
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
    const { code, url } = await this.#options.servers.get(remote, path, {}, signal)
    if (code >= 200 && code < 300) return
    throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${code}`)
  }

  async #write(apiService: APIService, verdict: Verdict, client: Client): Promise<void> {
    const { metrics, clock } = this.#options
    const { name } = apiService.metadata
    const updated = withVerdict(apiService, verdict, clock.now())
    metrics.observe(name, verdict, statusOf(updated) !== statusOf(apiService))
    if (updated === apiService) return
    try {
      await client.updateStatus(APIService, updated)
    } catch (error) {
      // It has changed or gone: the change itself brings it here again.
      if (!isReason(error, 'Conflict') && !isReason(error, 'NotFound')) throw error
    }
  }

  async #follow(): Promise<void> {
    const { resources, clock, logger } = this.#options
    const ending = childAbort(this.#signal)
    const following = { signal: ending.signal, clock, logger }
    const byService = (serviceOf: (object: KubeObject) => string | undefined) => {
      const enqueue = (object: KubeObject) =>
        this.#enqueueOf(object.metadata.namespace ?? '', serviceOf(object))
      return { clear: () => {}, set: enqueue, delete: enqueue }
    }
    const services = byService(({ metadata }) => metadata.name)
    const slices = byService(({ metadata }) => metadata.labels?.[SERVICE_NAME])
    try {
      await Promise.all([
        followObjects(resources.store(Service), following, services),
        followObjects(resources.store(EndpointSlice), following, slices),
      ])
    } catch (error) {
      // The next try follows both: the one that was followed must not be so twice.
      ending.abort(error)
      ending[Symbol.dispose]()
      throw error
    }
  }

  #enqueueOf(namespace: string, serviceName: string | undefined): void {
    for (const { object, service } of this.#options.table.remotes()) {
      if (service.namespace === namespace && service.name === serviceName) {
        this.#queue.add(object.metadata.name)
      }
    }
  }
}

function statusOf({ status }: APIService): string | undefined {
  return status.conditions?.find(({ type }) => type === 'Available')?.status
}
