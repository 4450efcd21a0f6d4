import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  type ContainerStatus,
  initContainersOf,
  isRestartableInit,
  type PodCondition,
  type PodPhase,
} from '../pod-types.ts'
import { CONDITION } from '../reasons.ts'

/** The conditions that the kubelet owns; all others on a pod are left as they are. */
export const OWNED_CONDITIONS: ReadonlySet<string> = new Set([
  'PodScheduled',
  'Ready',
  'Initialized',
  'ContainersReady',
  'PodReadyToStartContainers',
  'PodResizePending',
  'PodResizeInProgress',
])

/** A condition before it is known since when it holds. */
interface Verdict {
  readonly status: 'True' | 'False'
  readonly reason?: string
  readonly message?: string
}

const TRUE: Verdict = { status: 'True' }

export interface ConditionInput {
  readonly pod: Pod
  readonly phase: PodPhase
  /** Init containers first, as they stand in the status, with their readiness. */
  readonly statuses: readonly ContainerStatus[]
  readonly hasSandbox: boolean
  /** What stands on the pod now: for readiness gates. */
  readonly foreign: readonly PodCondition[]
}

/** The kubelet's conditions of a pod, in upstream's order, without their times. */
export function ownedConditions(input: ConditionInput): readonly PodCondition[] {
  const containersReady = containersReadiness(input)
  const observedGeneration = input.pod.metadata.generation
  const condition = (type: string, verdict: Verdict): PodCondition => ({
    type,
    ...(observedGeneration !== undefined && { observedGeneration }),
    ...verdict,
  })
  return [
    condition('PodReadyToStartContainers', { status: input.hasSandbox ? 'True' : 'False' }),
    condition('Initialized', initialization(input)),
    condition('Ready', readiness(input, containersReady)),
    condition('ContainersReady', containersReady),
    condition('PodScheduled', TRUE),
  ]
}

function containersReadiness({ pod, phase, statuses }: ConditionInput): Verdict {
  const names = [...initContainersOf(pod).filter(isRestartableInit), ...pod.spec.containers].map(
    ({ name }) => name,
  )
  const unknown = names.filter((name) => find(statuses, name) === undefined)
  const unready = names.filter((name) => find(statuses, name)?.ready === false)
  if (phase === 'Succeeded' && unknown.length === 0) {
    return { status: 'False', reason: CONDITION.podCompleted }
  }
  if (phase === 'Failed') return { status: 'False', reason: CONDITION.podFailed }
  const messages = [
    ...listed('containers with unknown status', unknown),
    ...listed('containers with unready status', unready),
  ]
  if (messages.length === 0) return TRUE
  const reason = CONDITION.containersNotReady
  return { status: 'False', reason, message: messages.join(', ') }
}

function readiness({ pod, foreign }: ConditionInput, containersReady: Verdict): Verdict {
  if (containersReady.status !== 'True') return containersReady
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const gate = foreign.find(({ type }) => type === conditionType)
    if (gate === undefined) {
      return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
    }
    if (gate.status === 'True') return []
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${gate.status}`]
  })
  if (messages.length === 0) return TRUE
  const reason = CONDITION.readinessGatesNotReady
  return { status: 'False', reason, message: messages.join(', ') }
}

function initialization({ pod, phase, statuses }: ConditionInput): Verdict {
  const specs = initContainersOf(pod)
  const unknown = specs.filter(({ name }) => find(statuses, name) === undefined)
  if (phase === 'Succeeded' && unknown.length === 0) {
    return { status: 'True', reason: CONDITION.podCompleted }
  }
  if (pod.spec.containers.some(({ name }) => hasStarted(find(statuses, name)))) return TRUE
  const incomplete = specs.filter((spec) => {
    const status = find(statuses, spec.name)
    if (status === undefined) return false
    return isRestartableInit(spec) ? status.started !== true : !status.ready
  })
  const namesOf = (some: typeof specs) => some.map(({ name }) => name)
  const messages = [
    ...listed('containers with unknown status', namesOf(unknown)),
    ...listed('containers with incomplete status', namesOf(incomplete)),
  ]
  if (messages.length === 0) return TRUE
  const reason = CONDITION.containersNotInitialized
  return { status: 'False', reason, message: messages.join(', ') }
}

function hasStarted(status: ContainerStatus | undefined): boolean {
  if (status === undefined) return false
  const { state, lastState } = status
  return [state, lastState].some((one) => one.running !== undefined || one.terminated !== undefined)
}

function find(
  statuses: readonly ContainerStatus[],
  containerName: string,
): ContainerStatus | undefined {
  return statuses.find(({ name }) => name === containerName)
}

function listed(what: string, names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [`${what}: [${names.join(' ')}]`]
}

/** Since when each condition holds: the old time where its status is the old one. */
export function withTransitionTimes(
  conditions: readonly PodCondition[],
  old: readonly PodCondition[],
  now: string,
): readonly PodCondition[] {
  return conditions.map((condition) => {
    const before = old.find(({ type }) => type === condition.type)
    const lastTransitionTime =
      before?.status === condition.status ? (before.lastTransitionTime ?? now) : now
    return { ...condition, lastTransitionTime }
  })
}
