import { keyOf } from '../../client/client.ts'
import type { Informer, InformerEvent } from '../../client/lister.ts'
import type { Deployment } from '../../kinds/apps/v1/deployment.ts'
import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { controllerOf } from '../../machinery/owner-references.ts'
import { type Watch, watch } from '../runtime/controller.ts'
import { areSameStrings, hasNewController } from '../runtime/owner.ts'
import { podsControlledBy } from '../runtime/pods.ts'
import { selects } from '../runtime/selectors.ts'

const BY_CONTROLLER = 'controllerUid'

/** Files replica sets under their controller, and those without one under their namespace. */
export function indexByDeployment(replicaSets: Informer<ReplicaSet>): void {
  replicaSets.addIndex(BY_CONTROLLER, (replicaSet) => {
    const owner = controllerOf(replicaSet)
    return [owner === undefined ? `orphans/${replicaSet.metadata.namespace}` : owner.uid]
  })
}

/** The replica sets that a deployment controls or might adopt. */
export function candidatesFor(
  replicaSets: Informer<ReplicaSet>,
  { metadata: { namespace, uid } }: Deployment,
): readonly ReplicaSet[] {
  return [
    ...replicaSets.byIndex(BY_CONTROLLER, uid),
    ...replicaSets.byIndex(BY_CONTROLLER, `orphans/${namespace}`),
  ]
}

/** The deployments that a changed replica set concerns. */
export function watchReplicaSets(
  replicaSets: Informer<ReplicaSet>,
  deployments: Informer<Deployment>,
): Watch {
  return watch(replicaSets, (event) => concerned(event, deployments))
}

/** A Recreate deployment goes on when the last of its pods is gone. */
export function watchDeletedPods(
  pods: Informer<Pod>,
  replicaSets: Informer<ReplicaSet>,
  deployments: Informer<Deployment>,
): Watch {
  return watch(pods, ({ type, object, old }) => {
    const hasEnded = object.status.phase !== old?.status.phase
    if (type !== 'DELETED' && !hasEnded) return []
    const reference = controllerOf(object)
    if (reference?.kind !== 'ReplicaSet') return []
    const replicaSet = replicaSets.get(`${object.metadata.namespace}/${reference.name}`)
    if (replicaSet?.metadata.uid !== reference.uid) return []
    const deployment = ownerOf(replicaSet, deployments)
    if (deployment?.spec.strategy.type !== 'Recreate') return []
    const all = candidatesFor(replicaSets, deployment)
    const isLast = all.every((one) => podsControlledBy(pods, one).length === 0)
    return isLast || hasEnded ? [keyOf(deployment)] : []
  })
}

function concerned(
  event: InformerEvent<ReplicaSet>,
  deployments: Informer<Deployment>,
): readonly string[] {
  const { type, object, old } = event
  const keys: string[] = []
  const owner = ownerOf(object, deployments)
  if (owner !== undefined) keys.push(keyOf(owner))
  if (old !== undefined && hasNewController(event)) {
    const before = ownerOf(old, deployments)
    if (before !== undefined) keys.push(keyOf(before))
  }
  if (controllerOf(object) !== undefined || type === 'DELETED') return keys
  const hasNewLabels = !areSameStrings(object.metadata.labels, old?.metadata.labels)
  const mayBeAdopted = old === undefined || hasNewLabels || hasNewController(event)
  return mayBeAdopted ? [...keys, ...adoptersOf(object, deployments)] : keys
}

function ownerOf(
  replicaSet: ReplicaSet,
  deployments: Informer<Deployment>,
): Deployment | undefined {
  const reference = controllerOf(replicaSet)
  if (reference?.kind !== 'Deployment') return undefined
  const deployment = deployments.get(`${replicaSet.metadata.namespace}/${reference.name}`)
  return deployment?.metadata.uid === reference.uid ? deployment : undefined
}

function adoptersOf({ metadata }: ReplicaSet, deployments: Informer<Deployment>): string[] {
  return deployments
    .list(metadata.namespace)
    .filter(({ spec }) => selects(spec.selector, metadata))
    .map(keyOf)
}
