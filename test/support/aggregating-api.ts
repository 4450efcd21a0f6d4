import { setMaxListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { ApiServer } from '../../src/apiserver/api-server.ts'
import { privilegedGroupAuthorizer } from '../../src/apiserver/authorization/authorizer.ts'
import { DiscoveryEndpoints } from '../../src/apiserver/endpoints/discovery-endpoints.ts'
import { OpenApiEndpoints } from '../../src/apiserver/endpoints/openapi-endpoints.ts'
import { Aggregation } from '../../src/apiserver/extensions/aggregation/aggregation.ts'
import { InProcessTransport } from '../../src/apiserver/in-process-transport.ts'
import { ResourceTable } from '../../src/apiserver/registry/resource-table.ts'
import type { UserInfo } from '../../src/apiserver/request.ts'
import { noSuchPath } from '../../src/apiserver/verbs/routes.ts'
import { ServiceResolver } from '../../src/apiserver/webhooks/service-resolver.ts'
import { systemClock } from '../../src/base/clock.ts'
import { openHttpsPool } from '../../src/base/https-pool.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { subresourceOptions } from '../../src/kinds/subresource-options.ts'
import { OpenApi } from '../../src/machinery/openapi/open-api.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { ADMIN } from './api-server.ts'
import { TestListener } from './test-listener.ts'
import { VirtualClock } from './virtual-clock.ts'

interface Parts {
  readonly clock: VirtualClock
  readonly metrics: Registry
  readonly listener: TestListener
  readonly server: ApiServer
  readonly aggregation: Aggregation
  readonly stop: AbortController
}

/** An API server on the wire that aggregates others; its controllers run on virtual time. */
export class AggregatingApi {
  readonly clock: VirtualClock
  readonly metrics: Registry
  readonly listener: TestListener
  readonly client: ApiClient
  /** As whom requests on the wire come in. */
  user: UserInfo = ADMIN
  readonly #parts: Parts
  readonly #running: Promise<void>

  private constructor(parts: Parts) {
    const { clock, metrics, listener, server, aggregation, stop } = parts
    this.clock = clock
    this.metrics = metrics
    this.listener = listener
    this.#parts = parts
    const transport = new InProcessTransport((request) => server.handle(request), ADMIN)
    this.client = new ApiClient(transport)
    this.#running = aggregation.run(this.client, stop.signal)
    listener.handler = (request) => {
      Object.assign(request, { user: request.user ?? this.user })
      return server.handle(request)
    }
  }

  /** Services lead to the port that their endpoints have, but always on loopback. */
  static async start(identity: KeyPair): Promise<AggregatingApi> {
    const clock = new VirtualClock()
    const metrics = new Registry()
    const [random, logger] = [seededRandom(1), silentLogger]
    const storage = MemoryStorage.create({ clock, logger })
    const resources = new ResourceTable({ kinds: builtInKinds, storage, clock, logger })
    const discovery = new DiscoveryEndpoints(builtInKinds, () => '127.0.0.1:6443')
    const source = { kinds: builtInKinds, options: subresourceOptions, describe: () => undefined }
    const openApi = new OpenApiEndpoints(new OpenApi(source), clock)
    const resolver = new ServiceResolver(resources, random)
    const aggregation = new Aggregation({
      ...{ resources, discovery, openApi, clock, logger, identity },
      kinds: builtInKinds,
      registry: metrics,
      resolve: async (namespace, name, port) => ({
        ...(await resolver.resolve(namespace, name, port)),
        host: '127.0.0.1',
      }),
      openPool: openHttpsPool,
    })
    const server = new ApiServer({
      ...{ clock, random, logger, resources },
      authorizer: privilegedGroupAuthorizer,
      filters: [aggregation.filter],
      admissionPlugins: [],
      others: async (request) => {
        const answer = discovery.answer(request) ?? (await openApi.answer(request))
        if (answer === undefined) throw noSuchPath()
        return answer
      },
    })
    const stop = new AbortController()
    setMaxListeners(0, stop.signal)
    await aggregation.follow(stop.signal)
    const listener = await TestListener.start(systemClock)
    return new AggregatingApi({ clock, metrics, listener, server, aggregation, stop })
  }

  /** Throws as long as `/readyz` says that something is not registered. */
  checkRegistration(): void {
    this.#parts.aggregation.check.check()
  }

  /** Waits for something that the network brings; fails after five seconds. */
  async until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const giveUpAt = systemClock.monotonic() + 5000
    while (!(await isTrue())) {
      if (systemClock.monotonic() > giveUpAt) throw new Error(`never: ${what}`)
      await setImmediate()
    }
  }

  async close(): Promise<void> {
    const { listener, server, stop } = this.#parts
    listener.session.close()
    await listener.listener.close()
    stop.abort()
    await this.#running
    server.close()
  }
}
