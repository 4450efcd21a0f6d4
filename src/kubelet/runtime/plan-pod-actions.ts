import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type Container, ephemeralContainersOf, initContainersOf } from '../pod-types.ts'
import { containerHash } from './container-hash.ts'
import { planInitActions } from './plan-init-actions.ts'
import { planSandbox, type SandboxPlan } from './plan-sandbox.ts'
import {
  type ContainerToKill,
  type KillReason,
  killResized,
  killUnknown,
  type PodActions,
  type ProbeVerdicts,
} from './pod-actions.ts'
import { restartsAfterKill, shouldStart } from './restart-policy.ts'
import { findContainer, type RuntimeContainer, type RuntimePod } from './runtime-pod.ts'

const NONE: ReadonlySet<string> = new Set()

/**
 * What separates a pod that shall run from what the runtime has of it (upstream's
 * computePodActions). Pure: the same arguments give the same plan. `resized`: the names of running
 * containers whose new resources take a new start.
 */
export function planPodActions(
  pod: Pod,
  runtimePod: RuntimePod,
  probes: ProbeVerdicts,
  resized: ReadonlySet<string> = NONE,
): PodActions {
  const sandbox = planSandbox(pod, runtimePod)
  if (sandbox.needsNew) return planNewSandbox(pod, runtimePod, sandbox)
  const none = nothing(sandbox)
  const ephemeralContainersToStart = ephemeralContainersOf(pod).filter(
    ({ name }) => findContainer(runtimePod, name) === undefined,
  )
  const init = planInitActions(pod, runtimePod, probes, resized)
  if (init.hasFailed) return { ...none, ephemeralContainersToStart, killsPod: true }
  const actions = {
    ...none,
    ephemeralContainersToStart,
    initContainersToStart: init.toStart,
    containersToKill: init.toKill,
  }
  if (!init.isDone) return actions
  const regular = planRegular(pod, runtimePod, probes, resized)
  // Sidecars alone do not keep a pod alive.
  if (regular.keepsNone) return { ...actions, initContainersToStart: [], killsPod: true }
  return {
    ...actions,
    containersToStart: regular.toStart,
    containersToKill: [...init.toKill, ...regular.toKill],
  }
}

function nothing({ attempt, sandboxId }: SandboxPlan): PodActions {
  return {
    killsPod: false,
    createsSandbox: false,
    sandboxId,
    attempt,
    containersToKill: [],
    ephemeralContainersToStart: [],
    initContainersToStart: [],
    containersToStart: [],
  }
}

/** Everything starts afresh in a new sandbox, but for what has done its work already. */
function planNewSandbox(pod: Pod, runtimePod: RuntimePod, sandbox: SandboxPlan): PodActions {
  const stop = { ...nothing(sandbox), killsPod: true }
  const hasRun = sandbox.attempt !== 0 && runtimePod.containers.length > 0
  if (pod.spec.restartPolicy === 'Never' && hasRun) return stop
  const containersToStart = pod.spec.containers.filter(
    (container) => !hasDoneItsWork(pod, container, runtimePod),
  )
  if (containersToStart.length === 0 && hasRegularContainer(pod, runtimePod)) return stop
  const start = { ...stop, createsSandbox: true }
  const [firstInit] = initContainersOf(pod)
  return firstInit === undefined
    ? { ...start, containersToStart }
    : { ...start, initContainersToStart: [firstInit] }
}

function hasDoneItsWork(pod: Pod, container: Container, runtimePod: RuntimePod): boolean {
  if ((container.restartPolicy ?? pod.spec.restartPolicy) !== 'OnFailure') return false
  const latest = findContainer(runtimePod, container.name)
  return latest?.state === 'exited' && latest.exitCode === 0
}

function hasRegularContainer(pod: Pod, runtimePod: RuntimePod): boolean {
  return pod.spec.containers.some(({ name }) => {
    const state = findContainer(runtimePod, name)?.state
    return state !== undefined && state !== 'unknown'
  })
}

interface RegularPlan {
  readonly toStart: readonly Container[]
  readonly toKill: readonly ContainerToKill[]
  readonly keepsNone: boolean
}

function planRegular(
  pod: Pod,
  runtimePod: RuntimePod,
  probes: ProbeVerdicts,
  resized: ReadonlySet<string>,
): RegularPlan {
  const toStart: Container[] = []
  const toKill: ContainerToKill[] = []
  let kept = 0
  for (const spec of pod.spec.containers) {
    const container = findContainer(runtimePod, spec.name)
    if (container?.state !== 'running') {
      if (!shouldStart(pod, spec, runtimePod)) continue
      toStart.push(spec)
      if (container?.state === 'unknown') toKill.push(killUnknown(spec, container, 'Container'))
      continue
    }
    if (resized.has(spec.name)) {
      toStart.push(spec)
      toKill.push(killResized(spec, container))
      continue
    }
    const fault = faultOf(spec, container, probes)
    if (fault === undefined) {
      kept++
      continue
    }
    const restarts = fault.isChange || restartsAfterKill(pod, spec)
    if (restarts) toStart.push(spec)
    const message = restarts ? `${fault.message}, will be restarted` : fault.message
    toKill.push({ container, spec, message, reason: fault.reason })
  }
  return { toStart, toKill, keepsNone: kept === 0 && toStart.length === 0 }
}

interface Fault {
  readonly message: string
  readonly reason: KillReason
  /** A new specification restarts the container whatever its policy. */
  readonly isChange: boolean
}

function faultOf(
  spec: Container,
  { id, hash }: RuntimeContainer,
  probes: ProbeVerdicts,
): Fault | undefined {
  const of = (what: string, reason: KillReason, isChange = false) => ({
    message: `Container ${spec.name} ${what}`,
    reason,
    isChange,
  })
  if (hash !== containerHash(spec)) return of('definition changed', 'other', true)
  if (probes.liveness(id) === false) return of('failed liveness probe', 'livenessProbe')
  if (probes.startup(id) === false) return of('failed startup probe', 'startupProbe')
  return undefined
}
