import { formatTime } from '../../base/clock.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { Taint } from '../../kinds/core/v1/toleration.ts'
import { isSameTaint } from '../runtime/taints.ts'

export const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Which status of which condition keeps new pods away, and under which taint. */
const BY_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}

const OWN_KEYS: ReadonlySet<string> = new Set([
  UNSCHEDULABLE,
  ...Object.values(BY_CONDITION).flatMap((keys) => Object.values(keys)),
])

/** The taint by which pods are driven off a node in this state; undefined for a ready one. */
export function evictionTaintKey(status: string | undefined): string | undefined {
  return status === 'True' || status === undefined ? undefined : BY_CONDITION['Ready']?.[status]
}

/** What of a node's taints follows from its conditions, with effect NoSchedule. */
function scheduleTaintKeys({ spec, status }: Node): ReadonlySet<string> {
  const keys = (status.conditions ?? []).flatMap(
    (condition) => BY_CONDITION[condition.type]?.[condition.status] ?? [],
  )
  return new Set(spec.unschedulable === true ? [...keys, UNSCHEDULABLE] : keys)
}

/**
 * The node's taints as they should be: those against scheduling follow the conditions, and of
 * those against running none stays but `evictionKey`. Others' taints are kept. The same list
 * where nothing changes.
 */
export function wantedTaints(
  node: Node,
  evictionKey: string | undefined,
  now: number,
): readonly Taint[] {
  const present = node.spec.taints ?? []
  const wanted: Taint[] = Array.from(scheduleTaintKeys(node), (key) => ({
    key,
    effect: 'NoSchedule' as const,
  }))
  if (evictionKey !== undefined) wanted.push({ key: evictionKey, effect: 'NoExecute' })
  const kept = present.filter(
    (taint) => !isOwn(taint) || wanted.some((one) => isSameTaint(one, taint)),
  )
  const added = wanted.filter((taint) => !present.some((one) => isSameTaint(one, taint)))
  if (added.length === 0 && kept.length === present.length) return present
  const timeAdded = formatTime(now)
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded }))]
}

export function hasEvictionTaint({ spec }: Node, key: string): boolean {
  return (spec.taints ?? []).some((taint) => taint.key === key && taint.effect === 'NoExecute')
}

function isOwn({ key, effect }: Taint): boolean {
  if (effect === 'NoSchedule') return OWN_KEYS.has(key)
  return effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE)
}
