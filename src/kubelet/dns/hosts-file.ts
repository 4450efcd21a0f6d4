import type { PodSpec } from '../pod-types.ts'
import type { PodHostname } from './hostname.ts'

type HostAliases = NonNullable<PodSpec['hostAliases']>

const HEADER = '# Kubernetes-managed hosts file.\n'
const HEADER_ON_HOST = '# Kubernetes-managed hosts file (host network).\n'
const LOCAL = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
]

/** /etc/hosts of a pod with a network of its own. */
export function podHostsFile(
  podIps: readonly string[],
  { hostname, domain }: PodHostname,
  aliases: HostAliases,
): string {
  const names = domain === '' ? hostname : `${hostname}.${domain}\t${hostname}`
  const own = podIps.map((ip) => `${ip}\t${names}`)
  return `${HEADER}${[...LOCAL, ...own].join('\n')}\n${aliasEntries(aliases)}`
}

/** /etc/hosts of a pod on the host's network: the host's own, and the pod's aliases. */
export function hostNetworkHostsFile(hostsOfNode: string, aliases: HostAliases): string {
  return `${HEADER_ON_HOST}${hostsOfNode}${aliasEntries(aliases)}`
}

function aliasEntries(aliases: HostAliases): string {
  if (aliases.length === 0) return ''
  const lines = aliases.map(({ ip, hostnames }) => `${ip}\t${(hostnames ?? []).join('\t')}\n`)
  return `\n# Entries added by HostAliases.\n${lines.join('')}`
}
