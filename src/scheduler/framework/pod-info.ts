import type { Pod } from '../../kinds/core/v1/pod.ts'
import { NO_TERMS, type PodAffinityTerms, podAffinityTerms } from './affinity-terms.ts'
import { nonZeroRequests, podRequests, type ResourceAmounts } from './pod-requests.ts'

/** A port that a pod takes on its node. */
export interface HostPort {
  readonly ip: string
  readonly protocol: string
  readonly port: number
}

/** A pod with what plugins ask of it again and again, computed once. */
export interface PodInfo {
  readonly pod: Pod
  readonly uid: string
  readonly namespace: string
  /** `namespace/name`. */
  readonly key: string
  readonly priority: number
  readonly requests: ResourceAmounts
  readonly nonZero: { readonly cpu: number; readonly memory: number }
  readonly hostPorts: readonly HostPort[]
  readonly affinity: PodAffinityTerms
}

const infos = new WeakMap<Pod, PodInfo>()

/** The same for the same object: objects never change. */
export function podInfoOf(pod: Pod): PodInfo {
  let info = infos.get(pod)
  if (info === undefined) {
    const { name, namespace, uid } = pod.metadata
    const { affinity } = pod.spec
    const hasTerms = affinity?.podAffinity !== undefined || affinity?.podAntiAffinity !== undefined
    info = {
      pod,
      uid,
      namespace,
      key: `${namespace}/${name}`,
      priority: priorityOf(pod),
      requests: podRequests(pod),
      nonZero: nonZeroRequests(pod),
      hostPorts: hostPortsOf(pod),
      affinity: hasTerms ? podAffinityTerms(pod) : NO_TERMS,
    }
    infos.set(pod, info)
  }
  return info
}

export function priorityOf({ spec }: Pod): number {
  return spec.priority ?? 0
}

/** Sidecars hold ports as long as containers do; other init containers are gone by then. */
function hostPortsOf({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(
    ({ restartPolicy }) => restartPolicy === 'Always',
  )
  return [...spec.containers, ...sidecars].flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ hostPort, hostIP, protocol, containerPort }) => {
      const port = spec.hostNetwork === true ? (hostPort ?? containerPort) : (hostPort ?? 0)
      const ip = hostIP === undefined || hostIP === '' ? '0.0.0.0' : hostIP
      return port === 0 ? [] : [{ ip, protocol: protocol ?? 'TCP', port }]
    }),
  )
}
