import type { PropagationPolicy } from '../../client/client.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'
import {
  FOREGROUND,
  hasFinalizer,
  isBeingDeleted,
  isWaitingForDependents,
  ORPHAN,
  ownersOf,
} from './ownership-graph.ts'

/** What is known of an owner: it stays, it is gone, or it waits for its dependents to go. */
export type OwnerState = 'solid' | 'dangling' | 'waiting'

export type Decision =
  | { readonly action: 'keep' }
  /** Takes away references to owners that are gone or going, since another one stays. */
  | { readonly action: 'drop-owners'; readonly ownerReferences: readonly OwnerReference[] }
  | {
      readonly action: 'delete'
      readonly propagationPolicy: PropagationPolicy
      /** Two objects that wait for each other: this one must not block its owners. */
      readonly unblocks: boolean
    }

/** What becomes of an object whose owners are in these states (in the order of its references). */
export function decide(
  object: KubeObject,
  states: readonly OwnerState[],
  dependents: readonly KubeObject[],
): Decision {
  const references = ownersOf(object)
  if (isBeingDeleted(object) || references.length === 0) return { action: 'keep' }
  const solid = references.filter((_, index) => states[index] === 'solid')
  if (solid.length === references.length) return { action: 'keep' }
  if (solid.length > 0) return { action: 'drop-owners', ownerReferences: solid }
  if (states.includes('waiting') && dependents.length > 0) {
    const isBlocking = references.some(({ blockOwnerDeletion }) => blockOwnerDeletion === true)
    const unblocks = isBlocking && dependents.some(isWaitingForDependents)
    return { action: 'delete', propagationPolicy: 'Foreground', unblocks }
  }
  return { action: 'delete', propagationPolicy: ownPolicy(object), unblocks: false }
}

/** The policy that its owner, or somebody else, has already written into the object. */
function ownPolicy(object: KubeObject): PropagationPolicy {
  if (hasFinalizer(object, ORPHAN)) return 'Orphan'
  return hasFinalizer(object, FOREGROUND) ? 'Foreground' : 'Background'
}

/** The dependents for which an owner in foreground deletion must wait. */
export function blockingDependents(
  owner: KubeObject,
  dependents: readonly KubeObject[],
): readonly KubeObject[] {
  return dependents.filter((dependent) =>
    ownersOf(dependent).some(
      ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
    ),
  )
}
