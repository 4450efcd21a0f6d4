import { formatTime } from '../../base/clock.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  type Container,
  type ContainerState,
  type ContainerStatus,
  initContainersOf,
  isRestartableInit,
} from '../pod-types.ts'
import { STATUS_UNKNOWN, WAITING } from '../reasons.ts'
import type { Resources } from '../resize/allocation.ts'
import { shouldStart } from '../runtime/restart-policy.ts'
import { findContainer, type RuntimeContainer, type RuntimePod } from '../runtime/runtime-pod.ts'

/** Why the last attempt to start a container failed: shown while it waits for the next. */
export interface StartFailure {
  readonly reason: string
  readonly message: string
}

export interface ContainerStatusInput {
  readonly pod: Pod
  readonly runtimePod: RuntimePod
  /** Such as `containerd`: the scheme of container ids. */
  readonly runtimeName: string
  readonly failures: ReadonlyMap<string, StartFailure>
  /** What a container really has; what its specification says where this is absent. */
  readonly actualResources?: ((container: Container) => Resources | undefined) | undefined
}

const KILLED_EXIT_CODE = 137

/**
 * The statuses of one sort of a pod's containers (upstream's convertToAPIContainerStatuses): what
 * the runtime has, the state before it, or what can be told where the runtime has nothing.
 * Readiness is the probes' to add. Init containers stay in order, the others go by name.
 */
export function containerStatuses(
  input: ContainerStatusInput,
  specs: readonly Container[],
  previous: readonly ContainerStatus[],
  isInit: boolean,
): readonly ContainerStatus[] {
  const statuses = specs.map((spec) => {
    const old = previous.find(({ name }) => name === spec.name)
    return waitingStatus(input, spec, statusOf(input, spec, old), isInit)
  })
  if (isInit) return statuses
  return statuses.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function statusOf(
  input: ContainerStatusInput,
  spec: Container,
  old: ContainerStatus | undefined,
): ContainerStatus {
  const [latest, before] = input.runtimePod.containers.filter(({ name }) => name === spec.name)
  if (latest === undefined) return absentStatus(input.pod, spec, old)
  const lastState =
    before === undefined
      ? earlierState(latest, old, input.runtimeName)
      : stateOf(before, undefined, input.runtimeName)
  const wasLost = latest.state === 'unknown' && old?.state.running !== undefined
  const containerID = `${input.runtimeName}://${latest.id}`
  const resources = input.actualResources?.(spec) ?? spec.resources
  const isSame = latest.state === 'running' && old?.containerID === containerID
  return {
    name: spec.name,
    state: stateOf(latest, old, input.runtimeName),
    lastState,
    ready: false,
    restartCount: wasLost ? old.restartCount + 1 : latest.restartCount,
    image: latest.image,
    imageID: latest.imageRef,
    containerID,
    ...(isSame && old.started !== undefined && { started: old.started }),
    ...(spec.resources?.requests !== undefined && {
      allocatedResources: spec.resources.requests,
    }),
    ...(resources !== undefined && { resources }),
    ...volumeMounts(spec),
    ...user(latest),
  }
}

/** What came before, where the runtime has removed it: remembered from the last status. */
function earlierState(
  { id }: RuntimeContainer,
  old: ContainerStatus | undefined,
  runtimeName: string,
): ContainerState {
  if (old === undefined) return {}
  const isOther = old.containerID !== `${runtimeName}://${id}`
  if (isOther && old.state.terminated !== undefined) return { terminated: old.state.terminated }
  return old.lastState
}

function stateOf(
  container: RuntimeContainer,
  old: ContainerStatus | undefined,
  runtimeName: string,
): ContainerState {
  const { state, startedMs, finishedMs, exitCode, reason, message, id } = container
  if (state === 'running') return { running: { startedAt: formatTime(startedMs) } }
  if (state === 'exited') {
    return {
      terminated: {
        exitCode,
        ...(reason !== '' && { reason }),
        ...(message !== '' && { message }),
        ...(startedMs > 0 && { startedAt: formatTime(startedMs) }),
        ...(finishedMs > 0 && { finishedAt: formatTime(finishedMs) }),
        containerID: `${runtimeName}://${id}`,
      },
    }
  }
  if (state === 'unknown' && old?.state.running !== undefined) {
    return {
      terminated: {
        exitCode: KILLED_EXIT_CODE,
        reason: STATUS_UNKNOWN,
        message: 'The container could not be located when the pod was terminated',
      },
    }
  }
  return { waiting: {} }
}

/** The runtime has nothing of it: it never ran, or its end went unseen. */
function absentStatus(
  pod: Pod,
  spec: Container,
  old: ContainerStatus | undefined,
): ContainerStatus {
  if (old?.state.terminated !== undefined) return { ...old, ready: false }
  const hasInit = initContainersOf(pod).length > 0
  const reason = hasInit ? WAITING.podInitializing : WAITING.containerCreating
  const status: ContainerStatus = {
    name: spec.name,
    state: { waiting: { reason } },
    lastState: old?.lastState ?? {},
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: spec.image ?? '',
    imageID: '',
    ...volumeMounts(spec),
  }
  if (old?.state.running === undefined || status.lastState.terminated !== undefined) return status
  const wasDeleted = pod.metadata.deletionTimestamp !== undefined
  return {
    ...status,
    restartCount: status.restartCount + (wasDeleted ? 0 : 1),
    lastState: {
      terminated: {
        exitCode: KILLED_EXIT_CODE,
        reason: STATUS_UNKNOWN,
        message:
          'The container could not be located when the pod was deleted.  The container used to ' +
          'be Running',
      },
    },
  }
}

/** A container that is about to start (again) waits, and says why it does not run yet. */
function waitingStatus(
  { pod, runtimePod, failures }: ContainerStatusInput,
  spec: Container,
  status: ContainerStatus,
  isInit: boolean,
): ContainerStatus {
  const latest = findContainer(runtimePod, spec.name)
  if (isInit) {
    if (latest?.state === 'exited' && latest.exitCode === 0 && !isRestartableInit(spec))
      return status
    if (latest === undefined && wasPassed(pod, runtimePod, spec, status)) {
      return { ...status, state: { terminated: PASSED } }
    }
  }
  const failure = failures.get(spec.name)
  if (failure === undefined || !shouldStart(pod, spec, runtimePod)) return status
  const { reason, message } = failure
  const waiting = { reason, ...(message !== '' && { message }) }
  return {
    ...status,
    state: { waiting },
    lastState: status.state.terminated === undefined ? status.lastState : status.state,
  }
}

const PASSED = {
  exitCode: 0,
  reason: 'Completed',
  message:
    'Unable to get init container status from container runtime and pod has been initialized, ' +
    'treat it as exited normally',
}

/** Regular containers exist, so this init container has done its work long ago. */
function wasPassed(
  pod: Pod,
  runtimePod: RuntimePod,
  spec: Container,
  status: ContainerStatus,
): boolean {
  if (isRestartableInit(spec) || status.state.waiting === undefined) return false
  return pod.spec.containers.some(({ name }) => {
    const state = findContainer(runtimePod, name)?.state
    return state !== undefined && state !== 'unknown'
  })
}

function volumeMounts({ volumeMounts: mounts = [] }: Container) {
  if (mounts.length === 0) return {}
  return {
    volumeMounts: mounts.map(({ name, mountPath, readOnly }) => ({
      name,
      mountPath,
      ...(readOnly === true && { readOnly, recursiveReadOnly: 'Disabled' }),
    })),
  }
}

function user({ status }: RuntimeContainer) {
  const linux = status.user?.linux
  if (linux === undefined) return {}
  const { uid, gid, supplementalGroups } = linux
  return { user: { linux: { uid, gid, supplementalGroups } } }
}
