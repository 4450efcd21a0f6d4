import type { Node } from '../../kinds/core/v1/node.ts'
import { EVENT } from '../reasons.ts'
import type { MachineRoom } from './machine.ts'

export type NodeCondition = NonNullable<NonNullable<Node['status']['conditions']>[number]>

/** Below which a node is under pressure; of its disk, where both the share and the bytes are. */
export interface PressureThresholds {
  readonly memoryBytes: number
  readonly diskFraction: number
  readonly diskBytes: number
  readonly inodesFraction: number
}

/** Upstream's hard eviction thresholds; a tenth of a large disk is more than a node needs. */
export const DEFAULT_THRESHOLDS: PressureThresholds = {
  memoryBytes: 100 * 2 ** 20,
  diskFraction: 0.1,
  diskBytes: 2 * 2 ** 30,
  inodesFraction: 0.05,
}

export interface ConditionInput {
  readonly room: MachineRoom
  readonly thresholds: PressureThresholds
  /** Why the node cannot run pods; none when it can. */
  readonly problems: readonly string[]
  readonly old: readonly NodeCondition[]
  /** RFC 3339. */
  readonly now: string
}

interface Wording {
  readonly type: string
  readonly pressed: readonly [reason: string, message: string]
  readonly free: readonly [reason: string, message: string]
}

const MEMORY: Wording = {
  type: 'MemoryPressure',
  pressed: ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
  free: ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
}
const DISK: Wording = {
  type: 'DiskPressure',
  pressed: ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
  free: ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
}
const PROCESSES: Wording = {
  type: 'PIDPressure',
  pressed: ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
  free: ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
}

/** A node's conditions in upstream's words and order: Ready is the last one. */
export function nodeConditions(input: ConditionInput): readonly NodeCondition[] {
  const { room, thresholds } = input
  const isMemoryShort = room.availableMemoryBytes < thresholds.memoryBytes
  const isDiskShort =
    (room.availableDiskFraction < thresholds.diskFraction &&
      room.availableDiskBytes < thresholds.diskBytes) ||
    room.availableInodesFraction < thresholds.inodesFraction
  return [
    pressure(input, MEMORY, isMemoryShort),
    pressure(input, DISK, isDiskShort),
    pressure(input, PROCESSES, false),
    readiness(input),
  ]
}

function pressure(input: ConditionInput, { type, pressed, free }: Wording, isPressed: boolean) {
  const [reason, message] = isPressed ? pressed : free
  return since(input, { type, status: isPressed ? 'True' : 'False', reason, message })
}

function readiness(input: ConditionInput): NodeCondition {
  const { problems } = input
  const type = 'Ready'
  if (problems.length === 0) {
    const message = 'kubelet is posting ready status'
    return since(input, { type, status: 'True', reason: 'KubeletReady', message })
  }
  const message = problems.length === 1 ? (problems[0] as string) : `[${problems.join(', ')}]`
  return since(input, { type, status: 'False', reason: 'KubeletNotReady', message })
}

function since({ old, now }: ConditionInput, condition: NodeCondition): NodeCondition {
  const before = old.find(({ type }) => type === condition.type)
  const isSame = before?.status === condition.status
  const lastTransitionTime = isSame ? (before?.lastTransitionTime ?? now) : now
  return { ...condition, lastHeartbeatTime: now, lastTransitionTime }
}

const EVENTS: Readonly<Record<string, readonly [whenTrue: string, whenFalse: string]>> = {
  Ready: [EVENT.nodeReady, EVENT.nodeNotReady],
  MemoryPressure: ['NodeHasInsufficientMemory', 'NodeHasSufficientMemory'],
  DiskPressure: ['NodeHasDiskPressure', 'NodeHasNoDiskPressure'],
  PIDPressure: ['NodeHasInsufficientPID', 'NodeHasSufficientPID'],
}

/** The events that a change of conditions is worth, by their reasons. */
export function conditionEvents(
  old: readonly NodeCondition[],
  conditions: readonly NodeCondition[],
): readonly string[] {
  return conditions.flatMap(({ type, status }) => {
    const before = old.find((one) => one.type === type)
    const names = EVENTS[type]
    // A new node that is ready says so when it becomes it.
    const isNews = before?.status !== status && !(before === undefined && type === 'Ready')
    if (names === undefined || !isNews) return []
    return [status === 'True' ? names[0] : names[1]]
  })
}
