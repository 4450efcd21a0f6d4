import { formatError } from '../../base/logger.ts'
import { Deployment, type DeploymentCondition } from '../../kinds/apps/v1/deployment.ts'
import { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { findCondition } from '../../machinery/conditions.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isControlledBy, ownerReferenceTo } from '../../machinery/owner-references.ts'
import { isReason } from '../../machinery/status-error.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'
import { isSameTemplate, POD_TEMPLATE_HASH, templateHash } from '../runtime/template-hash.ts'
import {
  maxRevision,
  newReplicaSetAnnotations,
  REVISION,
  replicasAnnotations,
} from './annotations.ts'
import { newCondition, withCondition } from './conditions.ts'
import { hasProgressDeadline } from './fenceposts.ts'
import { newReplicaSetSize } from './plan-rolling-update.ts'
import {
  FOUND_NEW_REPLICA_SET,
  NEW_REPLICA_SET_CREATED,
  REPLICA_SET_CREATE_ERROR,
  SCALING_REPLICA_SET,
} from './reasons.ts'
import { byCreation } from './replica-set-list.ts'
import type { Rollout } from './rollout.ts'

const MAX_NAME_LENGTH = 253

/** The replica set of the deployment's present template; the oldest, should there be several. */
export function findNewest(
  { spec }: Deployment,
  replicaSets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const same = replicaSets.filter((one) => isSameTemplate(one.spec.template, spec.template))
  return same.toSorted(byCreation)[0]
}

/** Brings the newest replica set's annotations up to date, and the deployment's revision. */
export async function syncRevision(rollout: Rollout): Promise<void> {
  const { deployment, newest, old } = rollout
  if (newest === undefined) return
  const { metadata, spec } = newest
  const { minReadySeconds } = deployment.spec
  const present = metadata.annotations ?? {}
  const annotations = newReplicaSetAnnotations(deployment, present, maxRevision(old) + 1n)
  const hasNewSeconds = (spec.minReadySeconds ?? 0) !== (minReadySeconds ?? 0)
  if (!deepEqual(annotations, present) || hasNewSeconds) {
    await rollout.updateReplicaSet({
      ...newest,
      metadata: { ...metadata, annotations },
      spec: { ...spec, minReadySeconds },
    })
  }
  const revision = annotations[REVISION]
  if (revision !== undefined) await rollout.setRevision(revision)
  if (findCondition(rollout.deployment.status.conditions, 'Progressing') !== undefined) return
  await tellProgress(
    rollout,
    'True',
    FOUND_NEW_REPLICA_SET,
    `Found new replica set "${metadata.name}"`,
  )
}

/** Creates the replica set of the present template, where there is none yet. */
export async function createNewest(rollout: Rollout): Promise<void> {
  const { deployment, old, context } = rollout
  const revision = maxRevision(old) + 1n
  const draft = newReplicaSet(rollout, revision)
  const { name } = draft.metadata
  let created: ReplicaSet | undefined
  try {
    created = await context.client.create(ReplicaSet, draft)
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) {
      await tellFailure(rollout, name, error)
      throw error
    }
    rollout.adopt(await ownOrCollision(rollout, name, error))
  }
  if (created !== undefined) {
    rollout.adopt(created)
    const { replicas } = created.spec
    if (replicas > 0) {
      const message = `Scaled up replica set ${name} from 0 to ${replicas}`
      context.recorder.event(deployment, 'Normal', SCALING_REPLICA_SET, message)
    }
  }
  await rollout.setRevision(`${revision}`)
  if (created === undefined) return
  await tellProgress(rollout, 'True', NEW_REPLICA_SET_CREATED, `Created new replica set "${name}"`)
}

function newReplicaSet({ deployment, old }: Rollout, revision: bigint) {
  const { metadata, spec, status } = deployment
  const hash = templateHash(spec.template, status.collisionCount)
  const labels = { ...spec.template.metadata.labels, [POD_TEMPLATE_HASH]: hash }
  const { matchLabels } = spec.selector
  return {
    metadata: {
      name: replicaSetName(metadata.name, hash),
      namespace: metadata.namespace,
      labels,
      annotations: {
        ...newReplicaSetAnnotations(deployment, {}, revision),
        ...replicasAnnotations(deployment),
      },
      ownerReferences: [ownerReferenceTo(deployment, Deployment)],
    },
    spec: {
      replicas: newReplicaSetSize(deployment, old, 0),
      ...(spec.minReadySeconds !== undefined && { minReadySeconds: spec.minReadySeconds }),
      selector: { ...spec.selector, matchLabels: { ...matchLabels, [POD_TEMPLATE_HASH]: hash } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  }
}

/** The same name for the same template, so that a second creation cannot succeed. */
function replicaSetName(deploymentName: string, hash: string): string {
  return `${deploymentName.slice(0, MAX_NAME_LENGTH - 1 - hash.length)}-${hash}`
}

/**
 * What has the name of the new replica set: our own, which the cache did not show yet, or another
 * one. Then two templates have one hash, and counting that up gives the next try another name.
 */
async function ownOrCollision(rollout: Rollout, name: string, error: unknown): Promise<ReplicaSet> {
  const { deployment, context } = rollout
  const { namespace } = deployment.metadata
  const present = await context.client.get(ReplicaSet, { namespace, name })
  const isOwn = isControlledBy(present, deployment)
  if (isOwn && isSameTemplate(present.spec.template, deployment.spec.template)) return present
  const { status } = deployment
  await rollout.writeStatus({ ...status, collisionCount: (status.collisionCount ?? 0) + 1 })
  throw error
}

async function tellFailure(rollout: Rollout, name: string, error: unknown): Promise<void> {
  if (isNamespaceTerminating(error)) return
  const message = `Failed to create new replica set "${name}": ${formatError(error)}`
  const { deployment, context } = rollout
  context.recorder.event(deployment, 'Warning', REPLICA_SET_CREATE_ERROR, message)
  try {
    await tellProgress(rollout, 'False', REPLICA_SET_CREATE_ERROR, message)
  } catch {
    // The failed creation is the one to report; the retry writes the condition.
  }
}

async function tellProgress(
  rollout: Rollout,
  status: DeploymentCondition['status'],
  reason: string,
  message: string,
): Promise<void> {
  const { deployment, context } = rollout
  if (!hasProgressDeadline(deployment)) return
  const condition = newCondition('Progressing', status, reason, message, context.clock.now())
  const conditions = withCondition(deployment.status.conditions, condition)
  await rollout.writeStatus({ ...deployment.status, conditions })
}
