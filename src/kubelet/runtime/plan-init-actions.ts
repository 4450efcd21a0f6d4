import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type Container, initContainersOf, isRestartableInit } from '../pod-types.ts'
import { containerHash } from './container-hash.ts'
import {
  type ContainerToKill,
  type KillReason,
  killResized,
  killUnknown,
  type ProbeVerdicts,
} from './pod-actions.ts'
import { hasInitFailed, restartsAfterKill, shouldStart } from './restart-policy.ts'
import { findContainer, type RuntimeContainer, type RuntimePod } from './runtime-pod.ts'

export interface InitPlan {
  /** All init containers have ended well and all sidecars have started: the others may start. */
  readonly isDone: boolean
  /** One failed for good: so does the pod. */
  readonly hasFailed: boolean
  /** In the order of the specification. */
  readonly toStart: readonly Container[]
  readonly toKill: readonly ContainerToKill[]
}

/**
 * Init containers run one after another; sidecars among them are kept running. They are looked at
 * from the last to the first, since the runtime may have lost the early ones of a pod that has
 * long been initialized (upstream's computeInitContainerActions).
 */
export function planInitActions(
  pod: Pod,
  runtimePod: RuntimePod,
  probes: ProbeVerdicts,
  resized: ReadonlySet<string>,
): InitPlan {
  const specs = initContainersOf(pod)
  const toStart = new Set<Container>()
  const toKill: ContainerToKill[] = []
  let isDone = specs.length === 0 || hasStartedRegular(pod, runtimePod)
  let isPast = isDone // The one looked at comes before one that has run.
  for (let index = specs.length - 1; index >= 0; index--) {
    const spec = specs[index] as Container
    const container = findContainer(runtimePod, spec.name)
    const isSidecar = isRestartableInit(spec)
    if (container === undefined) {
      if (isPast && isSidecar) toStart.add(spec)
      continue
    }
    if (isPast && !isSidecar) continue
    const look = isSidecar ? lookAtSidecar : lookAtInit
    const found = look(pod, spec, container, runtimePod, probes)
    const isResized = resized.has(spec.name) && container.state === 'running'
    const verdict = isResized
      ? { ...found, starts: true, kill: killResized(spec, container) }
      : found
    if (verdict.fails) return { isDone: false, hasFailed: true, toStart: [], toKill: [] }
    if (verdict.starts) toStart.add(spec)
    if (verdict.kill !== undefined) toKill.push(verdict.kill)
    if (verdict.isComplete) {
      const next = specs[index + 1]
      if (next === undefined) isDone = true
      else if (!isPast) toStart.add(next)
    }
    isPast = true
  }
  if (!isPast) toStart.add(specs[0] as Container)
  const inOrder = specs.filter((spec) => toStart.has(spec))
  return { isDone, hasFailed: false, toStart: inOrder, toKill }
}

function hasStartedRegular(pod: Pod, runtimePod: RuntimePod): boolean {
  return pod.spec.containers.some(({ name }) => {
    const state = findContainer(runtimePod, name)?.state
    return state === 'created' || state === 'running'
  })
}

interface Verdict {
  readonly starts?: boolean
  readonly fails?: boolean
  /** The next one may start. */
  readonly isComplete?: boolean
  readonly kill?: ContainerToKill
}

function lookAtInit(
  pod: Pod,
  spec: Container,
  container: RuntimeContainer,
  runtimePod: RuntimePod,
): Verdict {
  switch (container.state) {
    case 'created': // Its start failed.
      return { starts: true }
    case 'running':
      return {}
    case 'exited':
      if (!hasInitFailed(container)) return { isComplete: true }
      return shouldStart(pod, spec, runtimePod) ? { starts: true } : { fails: true }
    case 'unknown':
      if (!restartsAfterKill(pod, spec)) return { fails: true }
      return { starts: true, kill: killUnknown(spec, container, 'Init container') }
  }
}

function lookAtSidecar(
  _pod: Pod,
  spec: Container,
  container: RuntimeContainer,
  _runtimePod: RuntimePod,
  probes: ProbeVerdicts,
): Verdict {
  const { id, state } = container
  if (state === 'created' || state === 'exited') return { starts: true }
  if (state === 'unknown') {
    return { starts: true, kill: killUnknown(spec, container, 'Init container') }
  }
  const restart = (what: string, reason: KillReason): Verdict => {
    const message = `Init container ${spec.name} ${what}`
    return { starts: true, kill: { container, spec, message, reason } }
  }
  if (spec.startupProbe !== undefined) {
    const hasStarted = probes.startup(id)
    if (hasStarted === undefined) return {}
    if (!hasStarted) return restart('failed startup probe', 'startupProbe')
  }
  const complete = { isComplete: true }
  if (container.hash !== containerHash(spec)) {
    return { ...complete, ...restart('definition changed', 'other') }
  }
  if (probes.liveness(id) === false) {
    return { ...complete, ...restart('failed liveness probe', 'livenessProbe') }
  }
  return complete
}
