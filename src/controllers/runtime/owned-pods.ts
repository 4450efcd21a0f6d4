import { keyOf } from '../../client/client.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { Selector } from '../../machinery/label-selector.ts'
import { controllerOf } from '../../machinery/owner-references.ts'
import { type Enqueue, type Watch, watchEvents } from './controller.ts'
import { areSameStrings, hasNewController } from './owner.ts'
import { isPodReady } from './pods.ts'

/** An object that controls pods which its selector chooses. */
export interface PodOwner extends KubeObject {
  /** May say `minReadySeconds`. */
  readonly spec: object
}

export interface PodOwnerKind<T extends PodOwner> {
  readonly kind: KindRef<T>
  /** Throws for a selector that is not valid. */
  selectorOf(owner: T): Selector
}

/**
 * Which owners a changed pod concerns: the one that controls it, the one that did, and for an
 * orphan all that might adopt it.
 */
export function watchOwnedPods<T extends PodOwner>(
  pods: Informer<Pod>,
  owners: Informer<T>,
  ownerKind: PodOwnerKind<T>,
): Watch {
  const ownerOf = (pod: Pod): T | undefined => {
    const reference = controllerOf(pod)
    if (reference?.kind !== ownerKind.kind.kind) return undefined
    const owner = owners.get(`${pod.metadata.namespace}/${reference.name}`)
    return owner?.metadata.uid === reference.uid ? owner : undefined
  }

  const enqueueAdopters = (pod: Pod, enqueue: Enqueue): void => {
    for (const owner of owners.list(pod.metadata.namespace)) {
      if (selects(ownerKind, owner, pod)) enqueue(keyOf(owner))
    }
  }

  const enqueueOwner = (pod: Pod, enqueue: Enqueue): void => {
    const owner = ownerOf(pod)
    if (owner === undefined) return
    enqueue(keyOf(owner))
  }

  const added = (pod: Pod, enqueue: Enqueue): void => {
    if (controllerOf(pod) !== undefined) enqueueOwner(pod, enqueue)
    else if (pod.metadata.deletionTimestamp === undefined) enqueueAdopters(pod, enqueue)
  }

  const modified = (event: InformerEvent<Pod>, pod: Pod, old: Pod, enqueue: Enqueue): void => {
    const hasNewLabels = !areSameStrings(pod.metadata.labels, old.metadata.labels)
    // A deletion counts from its beginning: another pod takes the place at once.
    if (pod.metadata.deletionTimestamp !== undefined) {
      enqueueOwner(pod, enqueue)
      if (hasNewLabels) enqueueOwner(old, enqueue)
      return
    }
    const changedHands = hasNewController(event)
    const before = ownerOf(old)
    if (changedHands && before !== undefined) enqueue(keyOf(before))
    if (controllerOf(pod) === undefined) {
      if (hasNewLabels || changedHands) enqueueAdopters(pod, enqueue)
      return
    }
    const owner = ownerOf(pod)
    if (owner === undefined) return
    enqueue(keyOf(owner))
    const { minReadySeconds = 0 }: { readonly minReadySeconds?: number } = owner.spec
    if (minReadySeconds > 0 && isPodReady(pod) && !isPodReady(old)) {
      enqueue(keyOf(owner), minReadySeconds * 1000)
    }
  }

  return watchEvents(pods, (event, enqueue) => {
    const { type, object, old } = event
    if (type === 'DELETED') enqueueOwner(object, enqueue)
    else if (type === 'ADDED' || old === undefined) added(object, enqueue)
    else modified(event, object, old, enqueue)
  })
}

/** An object whose selector is wrong selects nothing; its own reconciliation says so. */
function selects<T extends PodOwner>(ownerKind: PodOwnerKind<T>, owner: T, pod: Pod): boolean {
  try {
    return ownerKind.selectorOf(owner).matches(pod.metadata.labels)
  } catch {
    return false
  }
}
