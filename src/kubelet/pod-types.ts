import type { Pod } from '../kinds/core/v1/pod.ts'

// The parts of a pod under the words that the kubelet uses, derived from the kind itself.

export type PodSpec = Pod['spec']
export type PodStatus = NonNullable<Pod['status']>
export type Container = PodSpec['containers'][number]
export type EphemeralContainer = NonNullable<PodSpec['ephemeralContainers']>[number]
export type ContainerStatus = NonNullable<PodStatus['containerStatuses']>[number]
export type ContainerState = NonNullable<ContainerStatus['state']>
export type PodCondition = NonNullable<PodStatus['conditions']>[number]
export type PodPhase = NonNullable<PodStatus['phase']>
export type Volume = NonNullable<PodSpec['volumes']>[number]
export type VolumeMount = NonNullable<Container['volumeMounts']>[number]
export type EnvironmentVariable = NonNullable<Container['env']>[number]
export type Probe = NonNullable<Container['livenessProbe']>
export type Lifecycle = NonNullable<Container['lifecycle']>
export type LifecycleHandler = NonNullable<Lifecycle['preStop']>
export type HttpGetAction = NonNullable<Probe['httpGet']>
export type SecurityContext = NonNullable<Container['securityContext']>
export type PodSecurityContext = NonNullable<PodSpec['securityContext']>
export type SeccompProfile = NonNullable<SecurityContext['seccompProfile']>

/** An init container that keeps running beside the others (`restartPolicy: Always`): a sidecar. */
export function isRestartableInit(container: Container): boolean {
  return container.restartPolicy === 'Always'
}

export function initContainersOf(pod: Pod): readonly Container[] {
  return pod.spec.initContainers ?? []
}

export function ephemeralContainersOf(pod: Pod): readonly EphemeralContainer[] {
  return pod.spec.ephemeralContainers ?? []
}

/** All containers of a pod, whatever their sort: init, regular, ephemeral. */
export function allContainersOf(pod: Pod): readonly (Container | EphemeralContainer)[] {
  return [...initContainersOf(pod), ...pod.spec.containers, ...ephemeralContainersOf(pod)]
}

export function isTerminalPhase(phase: string | undefined): boolean {
  return phase === 'Succeeded' || phase === 'Failed'
}

/** `name_namespace(uid)`: how the kubelet's messages name a pod. */
export function formatPod({ metadata: { name, namespace, uid } }: Pod): string {
  return `${name}_${namespace}(${uid})`
}
