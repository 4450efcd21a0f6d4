import type { Pod } from '../../kinds/core/v1/pod.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { type Container, initContainersOf, isRestartableInit } from '../pod-types.ts'
import { amountOf } from '../pods/pod-requests.ts'
import type { RuntimePod } from '../runtime/runtime-pod.ts'

export type Resources = NonNullable<Container['resources']>
export type ResourcesByName = ReadonlyMap<string, Resources>

/** Those whose resources can change while they run. */
export function resizableContainers(pod: Pod): readonly Container[] {
  return [...pod.spec.containers, ...initContainersOf(pod).filter(isRestartableInit)]
}

export function resourcesOf(pod: Pod): ResourcesByName {
  return new Map(resizableContainers(pod).map(({ name, resources = {} }) => [name, resources]))
}

/** The pod with other resources for its containers; itself where there is no difference. */
export function withResources(pod: Pod, byName: ResourcesByName): Pod {
  const isSame = (container: Container) => {
    const other = byName.get(container.name)
    return other === undefined || deepEqual(other, container.resources ?? {})
  }
  if (resizableContainers(pod).every(isSame)) return pod
  const adapt = (container: Container): Container =>
    isSame(container) ? container : { ...container, resources: byName.get(container.name) ?? {} }
  const { initContainers, containers } = pod.spec
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.map(adapt),
      ...(initContainers !== undefined && { initContainers: initContainers.map(adapt) }),
    },
  }
}

export interface ComputeChange {
  readonly cpu: boolean
  readonly memory: boolean
}

/** What the runtime has to be told of. */
export function computeChange(from: Resources, to: Resources): ComputeChange {
  const differs = (name: 'cpu' | 'memory', list: 'requests' | 'limits') =>
    amountOf(name, from[list]) !== amountOf(name, to[list])
  return {
    cpu: differs('cpu', 'limits') || differs('cpu', 'requests'),
    memory: differs('memory', 'limits'),
  }
}

/** Whether a change of these takes a new start. */
export function needsRestart({ resizePolicy = [] }: Container, change: ComputeChange): boolean {
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      ((resourceName === 'cpu' && change.cpu) || (resourceName === 'memory' && change.memory)),
  )
}

/** What a kubelet before this one has granted to the containers that run, as far as it said so. */
export function allocationInStatus(pod: Pod): ResourcesByName {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status
  const specs = new Map(resizableContainers(pod).map((container) => [container.name, container]))
  const found = new Map<string, Resources>()
  for (const status of [...containerStatuses, ...initContainerStatuses]) {
    const spec = specs.get(status.name)
    if (spec === undefined || status.state.running === undefined) continue
    const { allocatedResources: requests, resources } = status
    if (resources === undefined) continue
    const { requests: _requests, limits: _limits, ...rest } = spec.resources ?? {}
    const allocated = {
      ...rest,
      ...(resources.limits !== undefined && { limits: resources.limits }),
      ...(requests !== undefined && { requests }),
    }
    const change = computeChange(allocated, spec.resources ?? {})
    const hasOtherMemory =
      amountOf('memory', requests) !== amountOf('memory', spec.resources?.requests)
    if (change.cpu || change.memory || hasOtherMemory) found.set(status.name, allocated)
  }
  return found
}

/** The id of the container of a name that runs now. */
export function runningId({ containers }: RuntimePod, name: string): string | undefined {
  return containers.find((one) => one.name === name && one.state === 'running')?.id
}
