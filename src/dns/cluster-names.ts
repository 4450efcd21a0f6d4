import type { Lister } from '../client/lister.ts'
import type { Service } from '../kinds/core/v1/service.ts'
import type { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'

/** One resource record of an answer, without its owner's name. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA' | 'CNAME' | 'PTR'; readonly data: string }
  | { readonly type: 'TXT'; readonly data: string }
  | { readonly type: 'SRV'; readonly data: SrvData }

export interface SrvData {
  readonly priority: number
  readonly weight: number
  readonly port: number
  readonly target: string
}

/**
 * What the cluster knows of a name: all its records, whatever type was asked for. An empty list is
 * a name that exists without records (NODATA); undefined is a name that does not exist (NXDOMAIN).
 */
export type Records = readonly RecordData[] | undefined

/** The label by which an EndpointSlice names its service. */
const SERVICE_NAME = 'kubernetes.io/service-name'
/** The index of both listers that files objects under their IP addresses. */
export const BY_ADDRESS = 'address'
/** The index of the EndpointSlice lister: `namespace/name` of the service. */
export const BY_SERVICE = 'service'
/** As upstream's DNS specification, which this follows. */
const SPECIFICATION_VERSION = '1.1.0'

export function serviceAddresses({ spec }: Service): readonly string[] {
  const addresses = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])
  return addresses.filter((address) => address !== '' && address !== 'None')
}

export function sliceAddresses({ endpoints }: EndpointSlice): readonly string[] {
  return (endpoints ?? []).flatMap(({ addresses }) => addresses)
}

export function serviceOfSlice({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[SERVICE_NAME]
  return name === undefined ? [] : [`${metadata.namespace}/${name}`]
}

/**
 * Answers for the names of Kubernetes' DNS specification 1.1 from the caches: services, headless
 * services with their endpoints, named ports, addresses of pods, and reverse look-ups.
 */
export class ClusterNames {
  readonly zone: string
  readonly #services: Lister<Service>
  readonly #slices: Lister<EndpointSlice>

  constructor(zone: string, services: Lister<Service>, slices: Lister<EndpointSlice>) {
    this.zone = zone
    this.#services = services
    this.#slices = slices
  }

  /** Whether this server is the authority for a lower-case name without its final dot. */
  owns(name: string): boolean {
    return name === this.zone || name.endsWith(`.${this.zone}`)
  }

  /** The records of a lower-case name inside the zone. */
  lookup(name: string): Records {
    if (name === this.zone) return []
    const labels = name.slice(0, -this.zone.length - 1).split('.')
    const kind = labels.pop()
    if (kind === 'dns-version' && labels.length === 0) {
      return [{ type: 'TXT', data: SPECIFICATION_VERSION }]
    }
    if (kind === 'svc') return this.#serviceName(labels)
    if (kind === 'pod') return this.#podName(labels)
    return undefined
  }

  /** The names of an address, as PTR records; undefined where the cluster has no such address. */
  reverse(address: string): Records {
    const services = this.#services.byIndex(BY_ADDRESS, address)
    if (services.length > 0) {
      return services.map((service) => ({ type: 'PTR', data: this.#nameOf(service) }))
    }
    const names = new Set<string>()
    for (const slice of this.#slices.byIndex(BY_ADDRESS, address)) {
      const [service] = serviceOfSlice(slice).map((key) => this.#services.get(key))
      if (service === undefined || !isHeadless(service)) continue
      for (const endpoint of slice.endpoints ?? []) {
        if (!endpoint.addresses.includes(address)) continue
        names.add(`${hostnameOf(endpoint.hostname, address)}.${this.#nameOf(service)}`)
      }
    }
    if (names.size === 0) return undefined
    return [...names].map((data) => ({ type: 'PTR', data }))
  }

  /** `[...prefix, service, namespace]` below `svc`. */
  #serviceName(labels: string[]): Records {
    const namespace = labels.pop()
    if (namespace === undefined) return []
    const name = labels.pop()
    if (name === undefined) return this.#services.list(namespace).length > 0 ? [] : undefined
    const service = this.#services.get(`${namespace}/${name}`)
    if (service === undefined) return undefined
    if (service.spec.type === 'ExternalName') {
      if (labels.length > 0) return undefined
      return [{ type: 'CNAME', data: (service.spec.externalName ?? '').replace(/\.$/, '') }]
    }
    if (labels.length === 0) return this.#addresses(service)
    const [first = '', second = ''] = labels
    if (labels.length === 2 && first.startsWith('_') && second.startsWith('_')) {
      return this.#ports(service, first.slice(1), second.slice(1))
    }
    if (labels.length === 1 && isHeadless(service)) return this.#endpoint(service, first)
    return undefined
  }

  #addresses(service: Service): Records {
    if (!isHeadless(service)) return serviceAddresses(service).map(addressRecord)
    const addresses = new Set(this.#readyEndpoints(service).map(({ address }) => address))
    return addresses.size === 0 ? undefined : [...addresses].map(addressRecord)
  }

  #endpoint(service: Service, hostname: string): Records {
    const found = this.#readyEndpoints(service).filter((endpoint) => endpoint.hostname === hostname)
    return found.length === 0 ? undefined : found.map(({ address }) => addressRecord(address))
  }

  #ports(service: Service, port: string, protocol: string): Records {
    const target = this.#nameOf(service)
    if (!isHeadless(service)) {
      const records = (service.spec.ports ?? [])
        .filter((one) => matches(one, port, protocol))
        .map((one) => srv(one.port, target, 1))
      return records.length === 0 ? undefined : records
    }
    const endpoints = this.#readyEndpoints(service)
    const records = endpoints.flatMap(({ hostname, ports }) =>
      ports
        .filter((one) => matches(one, port, protocol))
        .map((one) => srv(one.port ?? 0, `${hostname}.${target}`, endpoints.length)),
    )
    return records.length === 0 ? undefined : records
  }

  /** `10-1-2-3.namespace` below `pod`: the address itself, where the namespace is in use. */
  #podName(labels: readonly string[]): Records {
    if (labels.length < 2) return []
    if (labels.length > 2) return undefined
    const [dashed = ''] = labels
    const isV4 = /^(\d{1,3}-){3}\d{1,3}$/.test(dashed)
    if (isV4) return [{ type: 'A', data: dashed.replaceAll('-', '.') }]
    const isV6 = /^[0-9a-f-]*--?[0-9a-f-]*$/.test(dashed) && dashed.split('-').length > 2
    return isV6 ? [{ type: 'AAAA', data: dashed.replaceAll('-', ':') }] : undefined
  }

  #readyEndpoints(service: Service) {
    const key = `${service.metadata.namespace}/${service.metadata.name}`
    const takesAll = service.spec.publishNotReadyAddresses === true
    return this.#slices.byIndex(BY_SERVICE, key).flatMap(({ endpoints, ports }) =>
      (endpoints ?? [])
        .filter(({ conditions }) => takesAll || conditions?.ready !== false)
        .flatMap(({ addresses, hostname }) =>
          addresses.map((address) => ({
            address,
            hostname: hostnameOf(hostname, address),
            ports: ports ?? [],
          })),
        ),
    )
  }

  #nameOf({ metadata: { name, namespace } }: Service): string {
    return `${name}.${namespace}.svc.${this.zone}`
  }
}

function isHeadless({ spec }: Service): boolean {
  return spec.clusterIP === 'None'
}

function hostnameOf(hostname: string | undefined, address: string): string {
  return hostname === undefined || hostname === '' ? address.replaceAll(/[.:]/g, '-') : hostname
}

function addressRecord(address: string): RecordData {
  return { type: address.includes(':') ? 'AAAA' : 'A', data: address }
}

interface PortName {
  readonly name?: string | undefined
  readonly protocol?: string | undefined
}

function matches(port: PortName, name: string, protocol: string): boolean {
  return port.name === name && (port.protocol ?? 'TCP').toLowerCase() === protocol
}

/** Weights share 100 evenly, as CoreDNS does. */
function srv(port: number, target: string, count: number): RecordData {
  const weight = Math.max(1, Math.floor(100 / count))
  return { type: 'SRV', data: { priority: 0, weight, port, target } }
}
