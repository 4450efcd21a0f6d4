import type { PodCondition, PodStatus } from '../pod-types.ts'
import { OWNED_CONDITIONS } from './conditions.ts'

/** Fields that the kubelet removes where its status has none. */
const REMOVABLE = [
  'reason',
  'message',
  'podIP',
  'podIPs',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const

/**
 * The strategic merge patch that makes a pod's status this one and leaves alone what others own
 * of it. The uid is a precondition: a pod of the same name that came later must not be hit.
 */
export function statusPatch(uid: string, status: PodStatus): unknown {
  const removed = REMOVABLE.filter((field) => status[field] === undefined)
  const { podIPs, hostIPs, conditions = [] } = status
  return {
    metadata: { uid },
    status: {
      ...status,
      ...Object.fromEntries(removed.map((field) => [field, null])),
      conditions: conditions.filter(isOwned),
      // Merged by address otherwise: an old address would stay.
      ...(podIPs !== undefined && { podIPs: [...podIPs, { $patch: 'replace' }] }),
      ...(hostIPs !== undefined && { hostIPs: [...hostIPs, { $patch: 'replace' }] }),
    },
  }
}

/** A reason or message that is gone must be taken away explicitly. */
function isOwned({ type }: PodCondition): boolean {
  return OWNED_CONDITIONS.has(type)
}
