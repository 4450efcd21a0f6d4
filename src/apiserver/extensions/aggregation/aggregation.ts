import type { Registry } from 'prom-client'
import type { Clock } from '../../../base/clock.ts'
import type { OpenPool } from '../../../base/https-pool.ts'
import type { Logger } from '../../../base/logger.ts'
import type { Client } from '../../../client/client.ts'
import { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import type { Kind } from '../../../machinery/kind.ts'
import { followObjects } from '../../authorization/follow-objects.ts'
import type { HealthCheck } from '../../endpoints/health-endpoints.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { Filter } from '../../request.ts'
import { ApiServiceTable, type ProxyIdentity } from './api-service-table.ts'
import { AvailabilityController } from './availability-controller.ts'
import { AvailabilityMetrics } from './availability-metrics.ts'
import { DiscoveryController } from './discovery-controller.ts'
import type { RemoteVersion } from './merge-discovery.ts'
import { type ProxyOptions, proxyRequest } from './proxy-request.ts'
import { RegistrationController } from './registration-controller.ts'
import { RemoteServers, type ResolveService } from './remote-server.ts'

export interface AggregationOptions {
  readonly resources: ResourceTable
  /** Those that are built in. */
  readonly kinds: readonly Kind[]
  readonly registry: Registry
  readonly resolve: ResolveService
  readonly openPool: OpenPool
  /** Nothing is proved to aggregated servers when absent. */
  readonly identity?: ProxyIdentity | undefined
  /** Upstream's `--aggregator-reject-forwarding-redirect`; true when absent. */
  readonly rejectsRedirects?: boolean | undefined
  /** Is given all that other servers serve whenever it has changed. */
  readonly publish: (versions: readonly RemoteVersion[]) => void
  readonly clock: Clock
  readonly logger: Logger
}

/** Groups and versions of the API that other servers serve behind this one: kube-aggregator. */
export class Aggregation {
  readonly table: ApiServiceTable
  readonly #options: AggregationOptions
  readonly #proxy: ProxyOptions
  readonly #availability: AvailabilityController
  readonly #registration: RegistrationController
  readonly #discovery: DiscoveryController

  constructor(options: AggregationOptions) {
    const { clock, logger, resources, kinds, registry, publish } = options
    this.#options = options
    const servers = new RemoteServers(options.resolve, clock)
    const table = new ApiServiceTable(options.openPool, options.identity)
    const ports = { table, clock, logger }
    const metrics = new AvailabilityMetrics(registry)
    this.table = table
    this.#proxy = { servers, clock, logger, rejectsRedirects: options.rejectsRedirects ?? true }
    this.#availability = new AvailabilityController({ ...ports, servers, resources, metrics })
    this.#registration = new RegistrationController({ ...ports, resources, kinds })
    this.#discovery = new DiscoveryController({ ...ports, servers, publish })
  }

  /** The last filter: sends a request on where another server serves its group and version. */
  readonly filter: Filter = (request, next) => {
    const remote = this.table.remoteFor(request.info)
    return remote === undefined ? next(request) : proxyRequest(request, remote, this.#proxy)
  }

  /** Whether all that is built in has been registered. */
  readonly check: HealthCheck = {
    name: 'autoregister-completion',
    paths: ['healthz', 'readyz'],
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
      ])
    } finally {
      this.table.close()
    }
  }
}
