import type { PodCondition, PodStatus } from '../pod-types.ts'
import { DISRUPTION_TARGET, TERMINATION_BY_KUBELET } from '../reasons.ts'
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
 * of it. `known`: what the API last had. The uid is a precondition: a pod of the same name that
 * came later must not be hit.
 */
export function statusPatch(uid: string, status: PodStatus, known: PodStatus): unknown {
  const removed = REMOVABLE.filter((field) => status[field] === undefined)
  const { podIPs, hostIPs, conditions = [] } = status
  return {
    metadata: { uid },
    status: {
      ...status,
      ...Object.fromEntries(removed.map((field) => [field, null])),
      conditions: ownedConditionsPatch(conditions, known.conditions ?? []),
      ...(podIPs !== undefined && { podIPs: withDeletions(podIPs, known.podIPs) }),
      ...(hostIPs !== undefined && { hostIPs: withDeletions(hostIPs, known.hostIPs) }),
    },
  }
}

/** Conditions are merged by type: one that holds no longer goes only when that is said. */
function ownedConditionsPatch(wanted: readonly PodCondition[], known: readonly PodCondition[]) {
  const isOwned = ({ type }: PodCondition) => OWNED_CONDITIONS.has(type)
  const gone = known.filter((old) => isOwned(old) && !wanted.some(({ type }) => type === old.type))
  return [
    ...gone.map(({ type }) => ({ type, $patch: 'delete' })),
    ...wanted
      .filter((one) => isOwned(one) || isOwnDisruption(one))
      .map((condition) => withRemovals(condition, known)),
  ]
}

/** Others set this condition too: theirs is left alone. */
function isOwnDisruption({ type, reason }: PodCondition): boolean {
  return type === DISRUPTION_TARGET && reason === TERMINATION_BY_KUBELET
}

/** A reason or message that holds no longer would stay in the merged condition. */
function withRemovals(condition: PodCondition, known: readonly PodCondition[]) {
  const before = known.find(({ type }) => type === condition.type)
  const gone = (['reason', 'message'] as const).filter(
    (field) => condition[field] === undefined && before?.[field] !== undefined,
  )
  return { ...condition, ...Object.fromEntries(gone.map((field) => [field, null])) }
}

interface Address {
  readonly ip: string
}

/** Lists of addresses are merged by address: an old one goes only when that is said. */
function withDeletions(wanted: readonly Address[], known: readonly Address[] = []) {
  const gone = known.filter(({ ip }) => !wanted.some((one) => one.ip === ip))
  return [...gone.map(({ ip }) => ({ ip, $patch: 'delete' })), ...wanted]
}
