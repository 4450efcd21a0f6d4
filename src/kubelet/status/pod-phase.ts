import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  type Container,
  type ContainerStatus,
  initContainersOf,
  isRestartableInit,
  type PodPhase,
} from '../pod-types.ts'
import { restartsAfterExit } from '../runtime/restart-policy.ts'

/**
 * The phase that the states of a pod's containers add up to (upstream's getPhase). `isTerminated`:
 * nothing of it will ever run again. `hasStarted`: a regular container has been created already, so
 * that a restarting sidecar does not make the pod pending again.
 */
export function podPhase(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  isTerminated: boolean,
  hasStarted: boolean,
): PodPhase {
  const byName = new Map(statuses.map((status) => [status.name, status]))
  const init = countInit(pod, byName)
  if (init.failed > 0) return 'Failed'
  const sidecars = countSidecars(pod, byName)
  const regular = countRegular(pod, byName)
  const waiting = sidecars.waiting + regular.waiting
  const running = sidecars.running + regular.running
  const unknown = sidecars.unknown + regular.unknown
  if (init.pending > 0 || (sidecars.pending > 0 && !hasStarted)) return 'Pending'
  if (waiting > 0) return 'Pending'
  if (running > 0 && unknown === 0) return 'Running'
  if (running === 0 && regular.stopped > 0 && unknown === 0) {
    if (!isTerminated && regular.stopped !== regular.stoppedForGood) return 'Running'
    return regular.stopped === regular.succeeded ? 'Succeeded' : 'Failed'
  }
  return 'Pending'
}

type Statuses = ReadonlyMap<string, ContainerStatus>

/** How it ended last, also where it waits to start again. */
function lastEnd({ state, lastState }: ContainerStatus) {
  return state.terminated ?? (state.waiting === undefined ? undefined : lastState.terminated)
}

function countInit(pod: Pod, byName: Statuses) {
  let pending = 0
  let failed = 0
  for (const spec of initContainersOf(pod)) {
    if (isRestartableInit(spec)) continue
    const status = byName.get(spec.name)
    const end = status === undefined ? undefined : lastEnd(status)
    if (end === undefined) pending++
    else if (end.exitCode !== 0 && !restartsAfterExit(pod, spec, end.exitCode)) failed++
  }
  return { pending, failed }
}

function countSidecars(pod: Pod, byName: Statuses) {
  const counts = { pending: 0, running: 0, waiting: 0, unknown: 0 }
  for (const spec of initContainersOf(pod)) {
    if (!isRestartableInit(spec)) continue
    const status = byName.get(spec.name)
    if (status === undefined) counts.unknown++
    else if (status.state.running !== undefined) {
      counts.running++
      if (status.started !== true) counts.pending++
    } else if (status.state.waiting !== undefined && status.lastState.terminated === undefined) {
      counts.pending++
      counts.waiting++
    }
  }
  return counts
}

function countRegular(pod: Pod, byName: Statuses) {
  const counts = { running: 0, waiting: 0, unknown: 0, stopped: 0, stoppedForGood: 0, succeeded: 0 }
  const stop = (spec: Container, exitCode: number) => {
    counts.stopped++
    if (!restartsAfterExit(pod, spec, exitCode)) counts.stoppedForGood++
  }
  for (const spec of pod.spec.containers) {
    const { state, lastState } = byName.get(spec.name) ?? { state: {}, lastState: {} }
    if (state.running !== undefined) counts.running++
    else if (state.terminated !== undefined) {
      stop(spec, state.terminated.exitCode)
      if (state.terminated.exitCode === 0) counts.succeeded++
    } else if (state.waiting === undefined) counts.unknown++
    else if (lastState.terminated !== undefined) stop(spec, lastState.terminated.exitCode)
    else counts.waiting++
  }
  return counts
}
