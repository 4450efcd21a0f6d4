import { createHash } from 'node:crypto'
import type { Endpoint, Family, ServicePort } from '../service-port.ts'

/** The part of the ruleset that one service needs, beside the table's fixed parts. */
export interface Fragment {
  /** Chain name to its rules. */
  readonly chains: ReadonlyMap<string, readonly string[]>
  /** Set name to its declaration. */
  readonly sets: ReadonlyMap<string, string>
  /** `map key` to a verdict, such as `service-ips` and `10.96.0.1 . tcp . 443`. */
  readonly elements: ReadonlyMap<string, Element>
}

export interface Element {
  readonly map: string
  readonly key: string
  /** '' in a set. */
  readonly verdict: string
}

export const NOTHING: Fragment = { chains: new Map(), sets: new Map(), elements: new Map() }

/** The chain of the ranges that services have their addresses from. It is always there. */
export const SERVICE_RANGES = 'service-ranges'

/**
 * What nobody has been given of these ranges (CIDRs of both families) is dropped, as upstream does:
 * it would go out to the default route. A rule for each, since they may overlap.
 */
export function serviceRangesFragment(cidrs: readonly string[], family: Family): Fragment {
  const own = cidrs.filter((cidr) => cidr.includes(':') === (family === 'ip6'))
  const rules = [...new Set(own)].toSorted().map((cidr) => `${family} daddr ${cidr} drop`)
  return { ...NOTHING, chains: new Map([[SERVICE_RANGES, rules]]) }
}

/** What a fragment depends on beside the service. */
export interface FragmentContext {
  readonly family: Family
  /** Connections from elsewhere to a cluster IP are masqueraded; undefined: none is. */
  readonly clusterCIDR: string | undefined
  /** The addresses of this node at which node ports answer. */
  readonly nodeIPs: readonly string[]
}

/** Longer names are refused by the kernel. */
const MAX_NAME = 120

/**
 * The rules for the ports of one service:
 *
 *     service-ips    10.96.3.4 . tcp . 80      : goto service-X     (cluster IP)
 *     service-ips    192.0.2.2 . tcp . 80      : goto external-X    (load balancer, external IP)
 *     node-ports     192.0.2.2 . tcp . 30080   : goto external-X
 *     cluster-ips    10.96.3.4                              (at other ports it is refused)
 *     service-X      masquerade from outside the cluster; random pick of an endpoint-X-n
 *     external-X     masquerade; goto service-X    (policy Local: goto local-X, no masquerade)
 *     endpoint-X-n   masquerade a pod that talks to itself; dnat to 10.244.0.7:8080
 */
export function fragmentOf(ports: readonly ServicePort[], context: FragmentContext): Fragment {
  const chains = new Map<string, readonly string[]>()
  const sets = new Map<string, string>()
  const elements = new Map<string, Element>()
  const point = (map: string, address: string, port: ServicePort, at: number, verdict: string) => {
    const key = `${address} . ${port.protocol} . ${at}`
    elements.set(`${map} ${key}`, { map, key, verdict })
  }
  for (const port of ports) {
    const service = chainName('service', port)
    if (port.clusterIP !== undefined) {
      const element = { map: 'cluster-ips', key: port.clusterIP, verdict: '' }
      elements.set(`cluster-ips ${port.clusterIP}`, element)
      if (port.internal.length > 0) {
        point('service-ips', port.clusterIP, port, port.port, `goto ${service}`)
      } else {
        const verdict = port.hasAnyEndpoint ? 'drop' : 'goto reject-chain'
        point('no-endpoint-services', port.clusterIP, port, port.port, verdict)
      }
    }
    if (port.internal.length > 0) addService(chains, sets, service, port, port.internal, context)
    addExternal(chains, sets, point, port, context)
  }
  return { chains, sets, elements }
}

function addExternal(
  chains: Map<string, readonly string[]>,
  sets: Map<string, string>,
  point: (map: string, address: string, port: ServicePort, at: number, verdict: string) => void,
  port: ServicePort,
  context: FragmentContext,
): void {
  const addresses = [...port.externalIPs, ...port.loadBalancerIPs]
  if (addresses.length === 0 && port.nodePort === undefined) return
  const external = chainName('external', port)
  const isServed = port.hasAnyEndpoint
  // A node without an endpoint of its own must not answer for policy Local, nor refuse.
  const unserved = 'goto reject-chain'
  for (const address of addresses) {
    if (isServed) point('service-ips', address, port, port.port, `goto ${external}`)
    else point('no-endpoint-services', address, port, port.port, unserved)
  }
  for (const address of port.nodePort === undefined ? [] : context.nodeIPs) {
    const at = port.nodePort ?? 0
    if (isServed) point('node-ports', address, port, at, `goto ${external}`)
    else point('no-endpoint-services', address, port, at, unserved)
  }
  if (port.sourceRanges.length > 0) {
    const firewall = chainName('firewall', port)
    const ranges = port.sourceRanges.join(', ')
    chains.set(firewall, [`${context.family} saddr { ${ranges} } return`, 'drop'])
    for (const address of port.loadBalancerIPs) {
      point('firewall-ips', address, port, port.port, `goto ${firewall}`)
    }
  }
  if (!isServed) return
  const cluster = chainName(port.internal.length > 0 ? 'service' : 'cluster', port)
  if (!port.isExternalLocal) {
    const target = port.internal.length > 0 ? cluster : chainName('cluster', port)
    if (port.internal.length === 0) {
      addService(chains, sets, target, port, port.external, context)
    }
    chains.set(external, ['jump mark-for-masquerade', `goto ${target}`])
    return
  }
  const local = chainName('local', port)
  const rules: string[] = []
  if (port.internal.length > 0) {
    if (context.clusterCIDR !== undefined) {
      rules.push(`${context.family} saddr ${context.clusterCIDR} goto ${cluster}`)
    }
    rules.push('fib saddr type local jump mark-for-masquerade')
    rules.push(`fib saddr type local goto ${cluster}`)
  }
  if (port.external.length > 0) {
    addService(chains, sets, local, port, port.external, { ...context, clusterCIDR: undefined })
    rules.push(`goto ${local}`)
  } else {
    rules.push('drop')
  }
  chains.set(external, rules)
}

/** The chain that picks an endpoint, and a chain for each endpoint. */
function addService(
  chains: Map<string, readonly string[]>,
  sets: Map<string, string>,
  name: string,
  port: ServicePort,
  endpoints: readonly Endpoint[],
  { family, clusterCIDR }: FragmentContext,
): void {
  const rules: string[] = []
  if (clusterCIDR !== undefined && port.clusterIP !== undefined) {
    const to = `${family} daddr ${port.clusterIP}`
    rules.push(`${to} ${family} saddr != ${clusterCIDR} jump mark-for-masquerade`)
  }
  const targets = endpoints.map((endpoint) => {
    const chain = endpointChain(port, endpoint)
    const { address, port: at } = endpoint
    const to = address.includes(':') ? `[${address}]:${at}` : `${address}:${at}`
    const dnat = `meta l4proto ${port.protocol} dnat ${family} to ${to}`
    const hairpin = `${family} saddr ${address} jump mark-for-masquerade`
    if (port.affinitySeconds === undefined) {
      chains.set(chain, [hairpin, dnat])
      return chain
    }
    const timeout = `${port.affinitySeconds}s`
    // The time-out is part of the name, so that a change of it changes the rules as well.
    const set = chain.replace(/^endpoint-/, `affinity-${timeout}-`)
    const type = family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr'
    sets.set(set, `type ${type}; flags dynamic,timeout; timeout ${timeout};`)
    chains.set(chain, [hairpin, `update @${set} { ${family} saddr }`, dnat])
    rules.push(`${family} saddr @${set} goto ${chain}`)
    return chain
  })
  const choices = targets.map((chain, index) => `${index} : goto ${chain}`).join(', ')
  rules.push(
    targets.length === 1
      ? `goto ${targets[0]}`
      : `numgen random mod ${targets.length} vmap { ${choices} }`,
  )
  chains.set(name, rules)
}

function endpointChain(port: ServicePort, { address, port: at }: Endpoint): string {
  return chainName('endpoint', port, `__${address.replaceAll(':', '.')}/${at}`)
}

/** Readable, unique by its hash, and made of characters that nft takes in a name. */
function chainName(kind: string, { name }: ServicePort, suffix = ''): string {
  const hash = createHash('sha256').update(`${name}${suffix}`).digest('hex').slice(0, 8)
  return `${kind}-${hash.toUpperCase()}-${name}${suffix}`.slice(0, MAX_NAME)
}
