import { type Random, randomInt } from '../../base/random.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { ResourceCache } from '../registry/resource-cache.ts'
import type { ResourceTable } from '../registry/resource-table.ts'

/** Where a server listens: an IP address or a DNS name, and a port. */
export interface Location {
  readonly host: string
  readonly port: number
}

type ServicePort = NonNullable<Service['spec']['ports']>[number]

const SERVICE_NAME = 'kubernetes.io/service-name'
const ROUTED_TYPES = ['ClusterIP', 'LoadBalancer', 'NodePort']
/** Of the index of slices by the service whose they are. */
const INDEX = 'service'

/**
 * Finds a server behind a Service, for callers inside the API server: webhooks, conversion and
 * aggregated APIs. It chooses among the ready endpoints by chance, those of the service's first
 * address family before others, so that it needs no kube-proxy on this machine (upstream's
 * `--enable-aggregator-routing`). A service without slices is looked up in its Endpoints; one of
 * type ExternalName is its DNS name. Everything is read from the resources' own caches.
 */
export class ServiceResolver {
  readonly #resources: ResourceTable
  readonly #random: Random

  constructor(resources: ResourceTable, random: Random) {
    this.#resources = resources
    this.#random = random
  }

  /**
   * An address that serves `port` of the service. Rejects with upstream's errors: 404 without the
   * service, 503 where it has no such port or nobody is ready.
   */
  async resolve(namespace: string, name: string, port: number): Promise<Location> {
    const services = await loaded(this.#resources.store(Service).cache)
    const service = services.get(namespace, name)?.object as Service | undefined
    if (service === undefined) {
      throw new StatusError('NotFound', `service ${JSON.stringify(name)} not found`)
    }
    const { type = 'ClusterIP', externalName = '' } = service.spec
    if (type === 'ExternalName') return { host: externalName, port }
    if (!ROUTED_TYPES.includes(type)) {
      throw new Error(`unsupported service type ${JSON.stringify(type)}`)
    }
    const servicePort = (service.spec.ports ?? []).find((one) => one.port === port)
    if (servicePort === undefined) {
      throw unavailable(`no service port ${port} found for service ${JSON.stringify(name)}`)
    }
    const slices = await this.#slicesOf(service)
    const found =
      slices.length > 0
        ? this.#fromSlices(slices, servicePort)
        : await this.#fromEndpoints(namespace, name, servicePort)
    if (found === undefined) {
      throw unavailable(`no endpoints available for service ${JSON.stringify(name)}`)
    }
    return found
  }

  async #slicesOf({ metadata, spec }: Service): Promise<readonly EndpointSlice[]> {
    const { namespace, name } = metadata
    const cache = await loaded(this.#resources.store(EndpointSlice).cache)
    cache.ensureIndex(INDEX, serviceOf)
    const slices = cache
      .list({
        namespace,
        name: '',
        predicate: (slice) => slice.metadata.labels?.[SERVICE_NAME] === name,
        indexKey: { index: INDEX, value: `${namespace}/${name}` },
      })
      .map(({ object }) => object as EndpointSlice)
    const [family] = spec.ipFamilies ?? []
    const shuffled = this.#shuffled(slices)
    if (family === undefined) return shuffled
    const isPreferred = ({ addressType }: EndpointSlice) => addressType === family
    return [...shuffled.filter(isPreferred), ...shuffled.filter((slice) => !isPreferred(slice))]
  }

  #fromSlices(slices: readonly EndpointSlice[], wanted: ServicePort): Location | undefined {
    for (const { ports, endpoints } of slices) {
      const port = ports?.find((one) => one.name === (wanted.name ?? ''))?.port
      if (port === undefined || endpoints == null || endpoints.length === 0) continue
      const start = randomInt(this.#random, endpoints.length)
      for (let index = 0; index < endpoints.length; index++) {
        const endpoint = endpoints[(start + index) % endpoints.length]
        const [host] = endpoint?.addresses ?? []
        if (host !== undefined && endpoint?.conditions.ready !== false) return { host, port }
      }
    }
    return undefined
  }

  async #fromEndpoints(
    namespace: string,
    name: string,
    wanted: ServicePort,
  ): Promise<Location | undefined> {
    const cache = await loaded(this.#resources.store(Endpoints).cache)
    const endpoints = cache.get(namespace, name)?.object as Endpoints | undefined
    const locations = (endpoints?.subsets ?? []).flatMap(({ addresses = [], ports = [] }) => {
      const port = ports.find((one) => (one.name ?? '') === (wanted.name ?? ''))?.port
      return port === undefined ? [] : addresses.map(({ ip }) => ({ host: ip, port }))
    })
    return locations[randomInt(this.#random, Math.max(1, locations.length))]
  }

  #shuffled<T>(items: readonly T[]): T[] {
    const result = items.slice()
    for (let last = result.length - 1; last > 0; last--) {
      const other = randomInt(this.#random, last + 1)
      const held = result[last] as T
      result[last] = result[other] as T
      result[other] = held
    }
    return result
  }
}

function serviceOf({ metadata: { labels, namespace } }: KubeObject): readonly string[] {
  const name = labels?.[SERVICE_NAME]
  return name === undefined ? [] : [`${namespace}/${name}`]
}

/** What the store has told so far is good enough, as it is for upstream's listers. */
async function loaded(cache: ResourceCache): Promise<ResourceCache> {
  await cache.notOlderThan(0)
  return cache
}

function unavailable(message: string): StatusError {
  return new StatusError('ServiceUnavailable', message)
}
