import type { PodSandboxConfig, PortMapping } from '../../cri/messages/sandbox.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { kernelHostname, podHostname } from '../dns/hostname.ts'
import type { ResolverSettings } from '../dns/resolv-conf.ts'
import { allContainersOf } from '../pod-types.ts'
import { sandboxLabels } from './labels.ts'
import { podLogDirectory } from './log-paths.ts'
import { podNamespaces } from './namespaces.ts'
import { supplementalGroups } from './security-context.ts'

/** What a node adds to a pod's own specification. */
export interface SandboxSettings {
  readonly logRoot: string
  readonly clusterDomain: string
  readonly dns: ResolverSettings
  /** Empty where the runtime is left to choose. */
  readonly cgroupParent: string
}

/** How the runtime shall make a pod's sandbox. Throws for a host name that cannot be. */
export function sandboxConfig(
  pod: Pod,
  attempt: number,
  { logRoot, clusterDomain, dns, cgroupParent }: SandboxSettings,
): PodSandboxConfig {
  const { metadata, spec } = pod
  const { name, namespace, uid } = metadata
  const hostname =
    spec.hostNetwork === true ? '' : kernelHostname(pod, podHostname(pod, clusterDomain))
  return {
    metadata: { name, namespace, uid, attempt },
    hostname,
    logDirectory: podLogDirectory(logRoot, pod),
    dnsConfig: dns,
    portMappings: portMappings(pod),
    labels: sandboxLabels(pod),
    annotations: metadata.annotations ?? {},
    linux: {
      cgroupParent,
      sysctls: sysctls(pod),
      securityContext: sandboxSecurity(pod),
    },
  }
}

function portMappings({ spec }: Pod): readonly PortMapping[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ protocol, containerPort, hostPort = 0, hostIP = '' }) => ({
        protocol: protocol as PortMapping['protocol'],
        containerPort,
        hostPort,
        hostIp: hostIP,
      })),
  )
}

/** The kernel separates the parts of a name by dots, also where the pod wrote slashes. */
function sysctls({ spec: { securityContext } }: Pod): Readonly<Record<string, string>> {
  const entries = (securityContext?.sysctls ?? []).map(({ name, value }) => [
    name.replaceAll('/', '.'),
    value,
  ])
  return Object.fromEntries(entries)
}

function sandboxSecurity(pod: Pod) {
  const { runAsUser, runAsGroup, supplementalGroupsPolicy, seLinuxOptions } =
    pod.spec.securityContext ?? {}
  const containers = allContainersOf(pod)
  return {
    namespaceOptions: podNamespaces(pod),
    privileged: containers.some(({ securityContext }) => securityContext?.privileged === true),
    supplementalGroups: supplementalGroups(pod),
    supplementalGroupsPolicy: supplementalGroupsPolicy ?? 'Merge',
    // The sandbox itself runs nothing of the user's: it needs no more than the default.
    seccomp: { profileType: 'RuntimeDefault' },
    ...(runAsUser !== undefined && { runAsUser }),
    ...(runAsGroup !== undefined && { runAsGroup }),
    ...(seLinuxOptions !== undefined && { selinuxOptions: seLinuxOptions }),
  } as const
}
