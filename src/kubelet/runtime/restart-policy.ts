import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Container } from '../pod-types.ts'
import { findContainer, type RuntimeContainer, type RuntimePod } from './runtime-pod.ts'

/**
 * Whether a container that exited with this code starts again: the first matching rule of the
 * container, then its own policy, then the pod's.
 */
export function restartsAfterExit(pod: Pod, container: Container, exitCode: number): boolean {
  if (container.restartPolicy !== undefined && matchesRestartRule(container, exitCode)) return true
  switch (container.restartPolicy ?? pod.spec.restartPolicy) {
    case 'Never':
      return false
    case 'OnFailure':
      return exitCode !== 0
    default:
      return true
  }
}

function matchesRestartRule(container: Container, exitCode: number): boolean {
  return (container.restartPolicyRules ?? []).some(({ exitCodes }) => {
    if (exitCodes === undefined) return false
    const isListed = (exitCodes.values ?? []).includes(exitCode)
    return exitCodes.operator === 'In' ? isListed : exitCodes.operator === 'NotIn' && !isListed
  })
}

/** Whether a container that is killed for a failed probe starts again; rules do not count here. */
export function restartsAfterKill(pod: Pod, container: Container): boolean {
  return (container.restartPolicy ?? pod.spec.restartPolicy) !== 'Never'
}

/** Whether a container that does not run is to be started (again). Never in a deleted pod. */
export function shouldStart(pod: Pod, container: Container, runtimePod: RuntimePod): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false
  const latest = findContainer(runtimePod, container.name)
  if (latest === undefined) return true
  switch (latest.state) {
    case 'running':
      return false
    case 'exited':
      return restartsAfterExit(pod, container, latest.exitCode)
    default:
      return true
  }
}

/** An init container that must run again or fails its pod. */
export function hasInitFailed({ state, reason, exitCode }: RuntimeContainer): boolean {
  if (reason === 'OOMKilled' || state === 'unknown') return true
  return state === 'exited' && exitCode !== 0
}
