import type { DaemonSetStatus } from '../../kinds/apps/v1/daemon-set.ts'
import { omitZero } from '../runtime/omit-zero.ts'
import { isPodAvailable, isPodReady } from '../runtime/pods.ts'
import { byNodeAndAge, isUpdated, nodeFit } from './daemon-pod.ts'
import type { DaemonState } from './plan-daemon-pods.ts'

/** What to say of the pods on the nodes: of several on one node the oldest counts. */
export function daemonSetStatus(
  { set, hash, nodes, podsByNode, now }: DaemonState,
  observesGeneration: boolean,
): DaemonSetStatus {
  const counts = { desired: 0, current: 0, misscheduled: 0, ready: 0, available: 0, updated: 0 }
  for (const node of nodes) {
    const [pod] = (podsByNode.get(node.metadata.name) ?? []).toSorted(byNodeAndAge)
    if (!nodeFit(set, node).shouldRun) {
      counts.misscheduled += Number(pod !== undefined)
      continue
    }
    counts.desired++
    if (pod === undefined) continue
    counts.current++
    counts.ready += Number(isPodReady(pod))
    counts.available += Number(isPodAvailable(pod, set.spec.minReadySeconds ?? 0, now))
    counts.updated += Number(isUpdated(pod, set, hash))
  }
  const { observedGeneration, collisionCount, conditions } = set.status
  return {
    currentNumberScheduled: counts.current,
    numberMisscheduled: counts.misscheduled,
    desiredNumberScheduled: counts.desired,
    numberReady: counts.ready,
    ...omitZero({
      observedGeneration: observesGeneration ? set.metadata.generation : observedGeneration,
      updatedNumberScheduled: counts.updated,
      numberAvailable: counts.available,
      numberUnavailable: counts.desired - counts.available,
      conditions,
    }),
    ...(collisionCount !== undefined && { collisionCount }),
  }
}
