import type { Registry } from 'prom-client'
import type { Clock } from '../../../base/clock.ts'
import type { OpenPool } from '../../../base/https-pool.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Client } from '../../../client/client.ts'
import type { QueueMeters } from '../../../client/work-queue.ts'
import { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import type { Kind } from '../../../machinery/kind.ts'
import { followObjects } from '../../authorization/follow-objects.ts'
import type { HealthCheck } from '../../endpoints/health-endpoints.ts'
import type { Filter } from '../../handler.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import { ApiServiceTable, type ProxyIdentity, type RemoteApiService } from './api-service-table.ts'
import { AvailabilityController } from './availability-controller.ts'
import { AvailabilityMetrics } from './availability-metrics.ts'
import { DiscoveryController } from './discovery-controller.ts'
import type { RemoteVersion } from './merge-discovery.ts'
import type { RemoteOpenApi } from './merged-open-api.ts'
import { OpenApiController } from './open-api-controller.ts'
import { type ProxyOptions, proxyRequest } from './proxy-request.ts'
import { RegistrationController } from './registration-controller.ts'
import { RemoteServers, type ResolveService } from './remote-server.ts'

export interface AggregationOptions {
  readonly resources: ResourceTable
  /** Those that are built in. */
  readonly kinds: readonly Kind[]
  readonly registry: Registry
  readonly queues?: QueueMeters
  readonly resolve: ResolveService
  readonly openPool: OpenPool
  /** Nothing is proved to aggregated servers when absent. */
  readonly identity?: ProxyIdentity | undefined
  /** Upstream's `--aggregator-reject-forwarding-redirect`; true when absent. */
  readonly rejectsRedirects?: boolean | undefined
  /** Are told what other servers serve whenever that has changed. */
  readonly discovery: { updateRemote(versions: readonly RemoteVersion[]): void }
  readonly openApi: { updateRemote(remote: RemoteOpenApi): void; has(path: string): boolean }
  readonly clock: Clock
  readonly logger: Logger
}

const OPENAPI = '/openapi/v3/'

/** Groups and versions of the API that other servers serve behind this one: kube-aggregator. */
export class Aggregation {
  readonly name = 'aggregation'
  readonly table: ApiServiceTable
  readonly #options: AggregationOptions
  readonly #proxy: ProxyOptions
  readonly #availability: AvailabilityController
  readonly #registration: RegistrationController
  readonly #discovery: DiscoveryController
  readonly #openApi: OpenApiController

  constructor(options: AggregationOptions) {
    const { clock, logger, resources, kinds, registry, discovery, openApi } = options
    this.#options = options
    const servers = new RemoteServers(options.resolve, clock)
    const table = new ApiServiceTable(options.openPool, options.identity)
    const ports = { table, clock, logger, queues: options.queues }
    const metrics = new AvailabilityMetrics(registry)
    this.table = table
    this.#proxy = { servers, clock, logger, rejectsRedirects: options.rejectsRedirects ?? true }
    this.#availability = new AvailabilityController({ ...ports, servers, resources, metrics })
    this.#registration = new RegistrationController({ ...ports, resources, kinds })
    this.#discovery = new DiscoveryController({
      ...{ ...ports, servers },
      publish: (versions) => discovery.updateRemote(versions),
    })
    this.#openApi = new OpenApiController({
      ...{ ...ports, servers },
      publish: (remote) => openApi.updateRemote(remote),
    })
  }

  /** The last filter: sends a request on where another server serves its group and version. */
  readonly filter: Filter = (request, next) => {
    const { hasRemotes } = this.table
    if (!hasRemotes) return next(request)
    const remote = this.table.remoteFor(request.info) ?? this.#ownerOf(request.path)
    return remote === undefined ? next(request) : proxyRequest(request, remote, this.#proxy)
  }

  /** The documents of a server's types stay with it. */
  #ownerOf(path: string): RemoteApiService | undefined {
    if (!path.startsWith(OPENAPI)) return undefined
    const document = path.slice(OPENAPI.length)
    return this.#options.openApi.has(document) ? undefined : this.#openApi.ownerOf(document)
  }

  /** Whether all that is built in has been registered. */
  readonly check: HealthCheck = {
    name: 'autoregister-completion',
    paths: ['healthz', 'livez', 'readyz'],
    check: () => {
      const { missing } = this.#registration
      if (missing.length > 0) throw new Error(`missing APIService: [${missing.join(' ')}]`)
    },
  }

  /** Resolves once requests are sent on; what keeps it so ends with the signal (`run`). */
  async follow(signal: AbortSignal): Promise<void> {
    const { resources, clock, logger } = this.#options
    await followObjects(resources.store(APIService), { signal, clock, logger }, this.table)
  }

  /** Keeps APIServices in order; resolves when the signal has aborted and all is at rest. */
  async run(client: Client, signal: AbortSignal): Promise<void> {
    try {
      await Promise.all([
        this.#registration.run(client, signal),
        this.#availability.run(client, signal),
        this.#discovery.run(signal),
        this.#openApi.run(signal),
      ])
    } finally {
      this.table.close()
    }
  }
}
