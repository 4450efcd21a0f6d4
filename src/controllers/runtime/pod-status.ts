import { formatTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodCondition, PodStatus } from '../../kinds/core/v1/pod-status.ts'
import { findCondition } from '../../machinery/conditions.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'

/** A condition of a pod as a controller sets it: times follow from what was there. */
export type PodConditionChange = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>

/** The pod's conditions with one set; the same list where nothing changes. */
export function withPodCondition(
  { metadata, status }: Pod,
  change: PodConditionChange,
  now: number,
): readonly PodCondition[] {
  const conditions = status.conditions ?? []
  const old = findCondition(conditions, change.type)
  const { generation } = metadata
  const lastTransitionTime =
    old?.status === change.status ? old.lastTransitionTime : formatTime(now)
  const next = {
    ...old,
    ...change,
    ...(generation !== undefined && { observedGeneration: generation }),
    lastTransitionTime,
  }
  if (old === undefined) return [...conditions, next]
  return deepEqual(old, next) ? conditions : conditions.map((one) => (one === old ? next : one))
}

/** Writes what differs of a pod's status, with its uid, so that it meets no other pod. */
export async function patchPodStatus(
  client: Client,
  { metadata, status: before }: Pod,
  status: Partial<PodStatus>,
): Promise<void> {
  const { namespace, name, uid } = metadata
  const { conditions, ...others } = status
  const changed = conditions?.filter((one) => !before.conditions?.includes(one))
  const patch = {
    metadata: { uid },
    status: { ...others, ...(changed !== undefined && { conditions: changed }) },
  }
  const type = 'application/strategic-merge-patch+json'
  await client.patch(Pod, { namespace, name }, type, patch, { subresource: 'status' })
}
