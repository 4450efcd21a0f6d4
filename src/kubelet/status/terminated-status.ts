import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  type ContainerStatus,
  initContainersOf,
  isTerminalPhase,
  type PodStatus,
} from '../pod-types.ts'
import { STATUS_UNKNOWN } from '../reasons.ts'

/**
 * The last status of a pod: every container that may have run has ended. One whose end nobody has
 * seen counts as failed, so that a pod is never called successful by mistake.
 */
export function terminatedStatus(pod: Pod, status: PodStatus): PodStatus {
  const { containerStatuses = [], initContainerStatuses = [], phase } = status
  const attempted = lastAttempted(initContainerStatuses)
  const isInitialized = hasInitialized(pod, status)
  return {
    ...status,
    phase: isTerminalPhase(phase) ? phase : 'Failed',
    ...(initContainerStatuses.length > 0 && {
      initContainerStatuses: initContainerStatuses.map((one, index) =>
        index <= attempted ? ended(one) : one,
      ),
    }),
    containerStatuses: isInitialized ? containerStatuses.map(ended) : containerStatuses,
  }
}

function ended(status: ContainerStatus): ContainerStatus {
  if (status.state.terminated !== undefined) return status
  const terminated = {
    exitCode: 137,
    reason: STATUS_UNKNOWN,
    message: 'The container could not be located when the pod was terminated',
  }
  return { ...status, ready: false, started: false, state: { terminated } }
}

/** The index of the last init container that has started at least once; the first one counts. */
function lastAttempted(statuses: readonly ContainerStatus[]): number {
  const last = statuses.findLastIndex(
    ({ state, lastState }) => state.waiting === undefined || lastState.terminated !== undefined,
  )
  return Math.max(last, 0)
}

function hasInitialized(pod: Pod, status: PodStatus): boolean {
  if (initContainersOf(pod).length === 0) return true
  const hasRun = (status.containerStatuses ?? []).some(
    ({ state, lastState }) => lastState.terminated !== undefined || state.waiting === undefined,
  )
  if (hasRun) return true
  const last = status.initContainerStatuses?.at(-1)
  if (last === undefined) return false
  const ends = [last.state.terminated, last.lastState.terminated]
  const isRunningSidecar = last.state.running !== undefined && last.started === true
  return isRunningSidecar || ends.some((end) => end?.exitCode === 0)
}
