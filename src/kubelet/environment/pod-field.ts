import type { Pod } from '../../kinds/core/v1/pod.ts'

/** The addresses that only the kubelet knows. */
export interface PodAddresses {
  readonly hostIps: readonly string[]
  readonly podIps: readonly string[]
}

const SUBSCRIPT = /^(.+?)\['(.*)'\]$/

/** The text of a `fieldRef`, in upstream's form. Throws for a path that is not supported. */
export function podField(pod: Pod, fieldPath: string, addresses: PodAddresses): string {
  const [, path, key] = SUBSCRIPT.exec(fieldPath) ?? []
  if (path !== undefined && key !== undefined) return mapEntry(pod, path, key, fieldPath)
  const { metadata, spec } = pod
  const { hostIps, podIps } = addresses
  switch (fieldPath) {
    case 'metadata.name':
      return metadata.name
    case 'metadata.namespace':
      return metadata.namespace
    case 'metadata.uid':
      return metadata.uid
    case 'metadata.labels':
      return formatMap(metadata.labels ?? {})
    case 'metadata.annotations':
      return formatMap(metadata.annotations ?? {})
    case 'spec.nodeName':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
      return hostIps[0] ?? ''
    case 'status.hostIPs':
      return hostIps.join(',')
    case 'status.podIP':
      return podIps[0] ?? ''
    case 'status.podIPs':
      return podIps.join(',')
    default:
      throw new Error(`unsupported fieldPath: ${fieldPath}`)
  }
}

function mapEntry({ metadata }: Pod, path: string, key: string, fieldPath: string): string {
  if (path === 'metadata.labels') return metadata.labels?.[key] ?? ''
  if (path === 'metadata.annotations') return metadata.annotations?.[key] ?? ''
  throw new Error(`fieldPath "${fieldPath}" does not support subscript`)
}

/** One `key="value"` a line, sorted by key. */
export function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .toSorted()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n')
}
