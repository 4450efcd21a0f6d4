import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isConditionTrue } from '../../machinery/conditions.ts'
import { isPodFinished } from '../runtime/pods.ts'

const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'

/**
 * The finished pods beyond the threshold: evicted ones first, then the oldest. 0 means no limit.
 */
export function surplusFinishedPods(pods: readonly Pod[], threshold: number): readonly Pod[] {
  if (threshold <= 0) return []
  const finished = pods.filter(isPodFinished)
  const surplus = finished.length - threshold
  return surplus <= 0 ? [] : finished.toSorted(byEvictionAndCreation).slice(0, surplus)
}

/** Pods that nobody will ever finish deleting: their node was taken out of service. */
export function isStuckOnNode({ metadata }: Pod, node: Node | undefined): boolean {
  if (metadata.deletionTimestamp === undefined || node === undefined) return false
  const isOut = (node.spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE)
  return isOut && !isConditionTrue(node.status.conditions, 'Ready')
}

/** Pods that are being deleted and have never been on a node. */
export function isUnscheduledTerminating({ metadata, spec }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined && (spec.nodeName ?? '') === ''
}

function byEvictionAndCreation(a: Pod, b: Pod): number {
  const isEvicted = ({ status }: Pod) => status.phase === 'Failed' && status.reason === 'Evicted'
  if (isEvicted(a) !== isEvicted(b)) return isEvicted(a) ? -1 : 1
  const [timeA, timeB] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (timeA !== timeB) return timeA < timeB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}
