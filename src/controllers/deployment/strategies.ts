import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isPodFinished } from '../runtime/pods.ts'
import { isComplete } from './deployment-status.ts'
import { createNewest } from './new-replica-set.ts'
import { planNewReplicaSet, planOldReplicaSets } from './plan-rolling-update.ts'
import { activeOf, actualReplicas } from './replica-set-list.ts'
import type { Rollout } from './rollout.ts'

/** One step of a rolling update: up where the surge allows it, else down where enough are left. */
export async function rollingUpdate(rollout: Rollout): Promise<void> {
  if (rollout.newest === undefined) await createNewest(rollout)
  const { deployment, newest, old } = rollout
  if (newest === undefined) return
  if (await rollout.resize(planNewReplicaSet(deployment, newest, old))) return
  if (await rollout.resize(planOldReplicaSets(deployment, newest, old))) return
  if (isComplete(deployment, deployment.status)) await rollout.cleanUp()
}

/** One step of a replacement: all old pods must be gone before the first new one is made. */
export async function recreate(rollout: Rollout, pods: readonly Pod[]): Promise<void> {
  const down = activeOf(rollout.old).map((replicaSet) => ({
    replicaSet,
    replicas: 0,
    isForced: false,
  }))
  if (await rollout.resize(down)) return
  if (hasOldPods(rollout, pods)) return
  if (rollout.newest === undefined) await createNewest(rollout)
  const { deployment, newest } = rollout
  if (newest === undefined) return
  const { replicas } = deployment.spec
  await rollout.resize([{ replicaSet: newest, replicas, isForced: false }])
  if (isComplete(deployment, deployment.status)) await rollout.cleanUp()
}

/** A pod that is being deleted still runs. */
function hasOldPods({ newest, old }: Rollout, pods: readonly Pod[]): boolean {
  if (actualReplicas(old) > 0) return true
  const isNew = ({ metadata }: Pod) =>
    newest !== undefined &&
    metadata.ownerReferences?.some(({ uid }) => uid === newest.metadata.uid) === true
  return pods.some((pod) => !isNew(pod) && !isPodFinished(pod))
}
