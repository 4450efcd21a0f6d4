import type { ServiceRanges } from '../apiserver/compose.ts'
import { parseDuration } from '../machinery/duration.ts'
import { SERVICE_CIDR } from './cluster-options.ts'
import type { MetricFlags } from './metric-flags.ts'

/** Upstream's flags of how the API is served; the defaults where they are absent. */
export interface ServingFlags extends MetricFlags {
  readonly aggregatorRejectForwardingRedirect?: boolean
  readonly apiserverCount?: number
  readonly clientCaFile?: string
  readonly corsAllowedOrigins?: readonly string[]
  readonly disableHttp2Serving?: boolean
  readonly egressSelectorConfigFile?: string
  readonly endpointReconcilerType?: string
  readonly etcdCompactionInterval?: string
  /** A duration. */
  readonly eventTtl?: string
  readonly goawayChance?: number
  readonly http2MaxStreamsPerConnection?: number
  readonly kubeletCertificateAuthority?: string
  readonly kubeletClientCertificate?: string
  readonly kubeletClientKey?: string
  /** Types of addresses of nodes, the best first. */
  readonly kubeletPreferredAddressTypes?: readonly string[]
  /** Seconds. */
  readonly minRequestTimeout?: number
  readonly profiling?: boolean
  /** A duration such as `1m0s`, as are the others. */
  readonly requestTimeout?: string
  /** Such as `api/alpha=false`. */
  readonly runtimeConfig?: readonly string[]
  readonly serviceAccountSigningKeyFile?: string
  /** One range, or two of different families with a comma. */
  readonly serviceClusterIpRange?: string
  /** Such as `30000-32767`. */
  readonly serviceNodePortRange?: string
  readonly shutdownDelayDuration?: string
  readonly strictTransportSecurityDirectives?: readonly string[]
  readonly tlsCertFile?: string
  readonly tlsCipherSuites?: readonly string[]
  /** Numbers of TLS, as Go's CurveID. */
  readonly tlsCurvePreferences?: readonly string[]
  readonly tlsMinVersion?: string
  readonly tlsPrivateKeyFile?: string
  /** Each `certificate,key` with names after a colon. */
  readonly tlsSniCertKey?: readonly string[]
  readonly tracingConfigFile?: string
}

/** The ranges of the cluster addresses of services. Throws where upstream would. */
function serviceCidrsOf({ serviceClusterIpRange: text }: ServingFlags): readonly string[] {
  if (text === undefined || text === '') return [SERVICE_CIDR]
  const ranges = text.split(',')
  if (ranges.length > 2) {
    throw new Error('--service-cluster-ip-range must not hold more than two entries')
  }
  const isIpv6 = ranges.map((range) => range.includes(':'))
  if (ranges.length === 2 && isIpv6[0] === isIpv6[1]) {
    const families = 'must be of different IP family'
    throw new Error(`--service-cluster-ip-range[0] and --service-cluster-ip-range[1] ${families}`)
  }
  return ranges
}

/** The ports that services get on nodes; undefined for the usual ones. */
function nodePortsOf({
  serviceNodePortRange: text,
}: ServingFlags): { readonly first: number; readonly last: number } | undefined {
  if (text === undefined || text === '') return undefined
  const match = /^(\d+)(?:-(\d+)|\+(\d+))?$/.exec(text)
  const first = Number(match?.[1])
  const last = match?.[3] === undefined ? Number(match?.[2] ?? first) : first + Number(match[3])
  if (match === null || last < first || last > 65_535) {
    throw new Error(`--service-node-port-range: ${JSON.stringify(text)} is no range of ports`)
  }
  return { first, last }
}

/** Milliseconds of a flag's duration; undefined where it is not given. Throws for another text. */
export function durationOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  try {
    return parseDuration(text)
  } catch (cause) {
    throw new Error(`--${flag}: ${(cause as Error).message}`, { cause })
  }
}

/** Whole seconds for which events are kept, 0 for ever; undefined where nothing is said. */
export function eventTtlOf({ eventTtl }: ServingFlags = {}): number | undefined {
  const ttlMs = durationOf('event-ttl', eventTtl)
  return ttlMs === undefined ? undefined : Math.max(0, Math.trunc(ttlMs / 1000))
}

/** Where services get their addresses and ports from. */
export function rangesOf({ serving = {} }: { readonly serving?: ServingFlags }): ServiceRanges {
  const nodePorts = nodePortsOf(serving)
  return { serviceCidrs: serviceCidrsOf(serving), ...(nodePorts && { nodePorts }) }
}
