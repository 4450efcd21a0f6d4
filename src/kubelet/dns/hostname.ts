import type { Pod } from '../../kinds/core/v1/pod.ts'

export interface PodHostname {
  readonly hostname: string
  /** `{subdomain}.{namespace}.svc.{cluster domain}`; empty where the pod names no subdomain. */
  readonly domain: string
}

const LONGEST_HOSTNAME = 63
const LONGEST_KERNEL_NAME = 64

/** What a pod is called inside: its hostname or name, cut to a DNS label's length. */
export function podHostname({ metadata, spec }: Pod, clusterDomain: string): PodHostname {
  const { hostnameOverride, hostname = '', subdomain = '' } = spec
  if (hostnameOverride !== undefined) return { hostname: truncate(hostnameOverride), domain: '' }
  return {
    hostname: truncate(hostname === '' ? metadata.name : hostname),
    domain: subdomain === '' ? '' : `${subdomain}.${metadata.namespace}.svc.${clusterDomain}`,
  }
}

function truncate(hostname: string): string {
  if (hostname.length <= LONGEST_HOSTNAME) return hostname
  return hostname.slice(0, LONGEST_HOSTNAME).replace(/[-.]+$/, '')
}

/** The name that the kernel holds: the fully qualified one where the pod asks for it. */
export function kernelHostname(pod: Pod, { hostname, domain }: PodHostname): string {
  if (pod.spec.setHostnameAsFQDN !== true || domain === '') return hostname
  const full = `${hostname}.${domain}`
  if (full.length <= LONGEST_KERNEL_NAME) return full
  throw new Error(
    `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long ` +
      `(${LONGEST_KERNEL_NAME} characters is the max, ${full.length} characters requested)`,
  )
}
