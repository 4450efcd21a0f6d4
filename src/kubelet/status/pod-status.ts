import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  type Container,
  type ContainerStatus,
  ephemeralContainersOf,
  initContainersOf,
  isRestartableInit,
  isTerminalPhase,
  type PodCondition,
  type PodStatus,
} from '../pod-types.ts'
import type { PodFailure } from '../pods/active-deadline.ts'
import { DISRUPTION_TARGET, TERMINATION_BY_KUBELET } from '../reasons.ts'
import type { Resources } from '../resize/allocation.ts'
import { planSandbox } from '../runtime/plan-sandbox.ts'
import { qosClassOf } from '../runtime/qos.ts'
import { findContainer, type RuntimePod } from '../runtime/runtime-pod.ts'
import { OWNED_CONDITIONS, ownedConditions, withTransitionTimes } from './conditions.ts'
import { containerStatuses, type StartFailure } from './container-status.ts'
import { podPhase } from './pod-phase.ts'

/** What probes say of a container that runs. */
export interface Readiness {
  isStarted(container: Container, status: ContainerStatus): boolean
  isReady(container: Container, status: ContainerStatus): boolean
}

export interface PodStatusInput {
  readonly pod: Pod
  readonly runtimePod: RuntimePod
  /** The last status that was set: newer than the one in the pod. */
  readonly previous: PodStatus
  readonly runtimeName: string
  readonly failures: ReadonlyMap<string, StartFailure>
  /** Of the change of resources that is under way, without its times. */
  readonly resizeConditions?: readonly PodCondition[] | undefined
  /** What a container really has; what its specification says where this is absent. */
  readonly actualResources?: ((container: Container) => Resources | undefined) | undefined
  readonly readiness: Readiness
  readonly hostIps: readonly string[]
  /** Nothing of the pod will ever run again. */
  readonly isTerminated: boolean
  /** Why the kubelet itself has failed the pod. */
  readonly failure?: PodFailure | undefined
  /** RFC 3339. */
  readonly now: string
}

/** The status of a pod, all of it that the kubelet owns (upstream's generateAPIPodStatus). Pure. */
export function podStatus(input: PodStatusInput): PodStatus {
  const { pod, runtimePod, previous, failure, now } = input
  const lists = statusLists(input)
  const { initContainerStatuses: init, containerStatuses: regular } = lists
  const statuses = [...init, ...regular]
  const computed = podPhase(pod, statuses, input.isTerminated, hasActiveRegular(pod, runtimePod))
  const phase = failure === undefined ? keepTerminal(pod, previous, computed) : 'Failed'
  const why = failure === undefined ? undefined : reasonOfFailure(failure)
  const told = why ?? (phase === previous.phase ? reasonOf(pod, previous) : {})
  const own = new Set([...OWNED_CONDITIONS, ...disruption(input).map(({ type }) => type)])
  const foreign = (pod.status.conditions ?? []).filter(({ type }) => !own.has(type))
  const hasSandbox = !planSandbox(pod, runtimePod).needsNew
  const conditions = [
    ...ownedConditions({ pod, phase, statuses, hasSandbox, foreign }),
    ...(input.resizeConditions ?? []),
    ...disruption(input),
  ]
  const { generation } = pod.metadata
  return {
    ...(generation !== undefined && { observedGeneration: generation }),
    phase,
    ...told,
    conditions: [...foreign, ...withTransitionTimes(conditions, previous.conditions ?? [], now)],
    ...addresses(input),
    startTime: previous.startTime ?? now,
    ...(init.length > 0 && { initContainerStatuses: init }),
    containerStatuses: regular,
    ...(lists.ephemeralContainerStatuses.length > 0 && {
      ephemeralContainerStatuses: lists.ephemeralContainerStatuses,
    }),
    qosClass: qosClassOf(pod),
  }
}

function statusLists(input: PodStatusInput) {
  const { pod, previous, readiness } = input
  const ready = (spec: Container, status: ContainerStatus): ContainerStatus => {
    const started = status.state.running !== undefined && readiness.isStarted(spec, status)
    return { ...status, started, ready: started && readiness.isReady(spec, status) }
  }
  const isDone = ({ state }: ContainerStatus) => state.terminated?.exitCode === 0
  const initSpecs = initContainersOf(pod)
  const ephemeralSpecs = ephemeralContainersOf(pod) as readonly Container[]
  const of = (specs: readonly Container[], old: PodStatus['containerStatuses'], isInit: boolean) =>
    containerStatuses(input, specs, old ?? [], isInit)
  const byName = new Map([...initSpecs, ...pod.spec.containers].map((spec) => [spec.name, spec]))
  const withReadiness = (status: ContainerStatus): ContainerStatus => {
    const spec = byName.get(status.name)
    return spec === undefined ? status : ready(spec, status)
  }
  return {
    initContainerStatuses: of(initSpecs, previous.initContainerStatuses, true).map((status) => {
      const spec = byName.get(status.name)
      if (spec !== undefined && isRestartableInit(spec)) return ready(spec, status)
      return { ...withReadiness(status), ready: isDone(status) }
    }),
    containerStatuses: of(pod.spec.containers, previous.containerStatuses, false).map(
      withReadiness,
    ),
    ephemeralContainerStatuses: of(ephemeralSpecs, previous.ephemeralContainerStatuses, false),
  }
}

function hasActiveRegular(pod: Pod, runtimePod: RuntimePod): boolean {
  const [newest] = runtimePod.sandboxes
  return pod.spec.containers.some(({ name }) => {
    const container = findContainer(runtimePod, name)
    if (container?.podSandboxId !== newest?.id || container === undefined) return false
    return container.state === 'running' || container.state === 'exited'
  })
}

/** A pod never comes back from its end. */
function keepTerminal(pod: Pod, previous: PodStatus, computed: PodStatus['phase']) {
  if (isTerminalPhase(pod.status.phase)) return pod.status.phase
  return isTerminalPhase(previous.phase) ? previous.phase : computed
}

function reasonOfFailure({ reason, message }: PodFailure) {
  return { reason, message }
}

/** Tells the owner that the pod has not failed by itself. */
function disruption({ pod, failure }: PodStatusInput): readonly PodCondition[] {
  if (failure?.isEviction !== true) return []
  const { generation } = pod.metadata
  return [
    {
      type: DISRUPTION_TARGET,
      ...(generation !== undefined && { observedGeneration: generation }),
      status: 'True',
      reason: TERMINATION_BY_KUBELET,
      message: failure.message,
    },
  ]
}

/** Reason and message belong to the phase and stay with it. */
function reasonOf(pod: Pod, previous: PodStatus) {
  const reason = previous.reason ?? pod.status.reason
  const message = previous.message ?? pod.status.message
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) }
}

function addresses({ pod, runtimePod, hostIps, previous }: PodStatusInput) {
  const isOnHost = pod.spec.hostNetwork === true
  const own = runtimePod.ips.length > 0 ? runtimePod.ips : []
  const kept = own.length === 0 && isTerminalPhase(previous.phase) ? [] : own
  const podIps = isOnHost ? hostIps : kept
  const [hostIP] = hostIps
  const [podIP] = podIps
  return {
    ...(hostIP !== undefined && { hostIP, hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(podIP !== undefined && { podIP, podIPs: podIps.map((ip) => ({ ip })) }),
  }
}
