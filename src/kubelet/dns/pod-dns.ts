import type { Pod } from '../../kinds/core/v1/pod.ts'
import { formatPod } from '../pod-types.ts'
import { EVENT } from '../reasons.ts'
import { NO_SETTINGS, type ResolverSettings } from './resolv-conf.ts'

/** What the cluster's DNS is, as far as pods must know. */
export interface ClusterDns {
  /** The DNS service's addresses; none where the cluster has no DNS. */
  readonly servers: readonly string[]
  /** Such as `cluster.local`. */
  readonly domain: string
}

export interface PodDns {
  readonly settings: ResolverSettings
  /** Events to write about the pod: what could not be done as asked. */
  readonly warnings: readonly { readonly reason: string; readonly message: string }[]
}

const CLUSTER_OPTIONS = ['ndots:5']
const MOST_SERVERS = 3
const MOST_SEARCHES = 32
const LONGEST_SEARCH_LINE = 2048
const LONGEST_DOMAIN = 253

/** The resolver settings of a pod by its dnsPolicy and dnsConfig (upstream's GetPodDNS). */
export function podDns(pod: Pod, cluster: ClusterDns, host: ResolverSettings): PodDns {
  const warnings: { reason: string; message: string }[] = []
  const warn = (reason: string, message: string) => warnings.push({ reason, message })
  const settings = limit(merge(pod, base(pod, cluster, host, warn)), warn)
  return { settings, warnings }
}

type Warn = (reason: string, message: string) => void

function base(pod: Pod, cluster: ClusterDns, host: ResolverSettings, warn: Warn): ResolverSettings {
  const { dnsPolicy = 'ClusterFirst', hostNetwork = false } = pod.spec
  if (dnsPolicy === 'None') return NO_SETTINGS
  const isForCluster =
    dnsPolicy === 'ClusterFirstWithHostNet' || (dnsPolicy === 'ClusterFirst' && !hostNetwork)
  if (!isForCluster) return host
  if (cluster.servers.length === 0) {
    warn(
      EVENT.missingClusterDns,
      `pod: "${formatPod(pod)}". kubelet does not have ClusterDNS IP configured and cannot ` +
        'create Pod using "ClusterFirst" policy. Falling back to "Default" policy.',
    )
    return host
  }
  const searches = clusterSearches(pod.metadata.namespace, cluster.domain)
  return {
    servers: cluster.servers,
    searches: unique([...searches, ...host.searches]),
    options: CLUSTER_OPTIONS,
  }
}

function clusterSearches(namespace: string, domain: string): readonly string[] {
  if (domain === '') return []
  return [`${namespace}.svc.${domain}`, `svc.${domain}`, domain]
}

function merge({ spec: { dnsConfig } }: Pod, settings: ResolverSettings): ResolverSettings {
  if (dnsConfig === undefined) return settings
  const options = new Map<string, string>()
  for (const option of settings.options) {
    const [name = option, ...value] = option.split(':')
    options.set(name, value.join(':'))
  }
  for (const { name = '', value = '' } of dnsConfig.options ?? []) options.set(name, value)
  return {
    servers: unique([...settings.servers, ...(dnsConfig.nameservers ?? [])]),
    searches: unique([...settings.searches, ...(dnsConfig.searches ?? [])]),
    options: [...options].map(([name, value]) => (value === '' ? name : `${name}:${value}`)),
  }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)]
}

/** Resolvers ignore or choke on more than this. */
function limit({ servers, searches, options }: ResolverSettings, warn: Warn): ResolverSettings {
  const fewServers = servers.slice(0, MOST_SERVERS)
  if (fewServers.length < servers.length) {
    warn(
      EVENT.dnsConfigForming,
      'Nameserver limits were exceeded, some nameservers have been omitted, the applied ' +
        `nameserver line is: ${fewServers.join(' ')}`,
    )
  }
  const fewSearches = searches
    .slice(0, MOST_SEARCHES)
    .filter(({ length }) => length <= LONGEST_DOMAIN)
  while (fewSearches.join(' ').length > LONGEST_SEARCH_LINE) fewSearches.pop()
  if (fewSearches.length < searches.length) {
    warn(
      EVENT.dnsConfigForming,
      'Search Line limits were exceeded, some search paths have been omitted, the applied ' +
        `search line is: ${fewSearches.join(' ')}`,
    )
  }
  return { servers: fewServers, searches: fewSearches, options }
}
