import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { isSameTemplate, withoutHash } from '../runtime/template-hash.ts'
import {
  lastRevision,
  ROLLBACK_TO,
  revisionOf,
  rollbackTo,
  rolledBackAnnotations,
} from './annotations.ts'
import { createNewest } from './new-replica-set.ts'
import {
  ROLLBACK_DONE,
  ROLLBACK_REVISION_NOT_FOUND,
  ROLLBACK_TEMPLATE_UNCHANGED,
} from './reasons.ts'
import type { Rollout } from './rollout.ts'

/** Does what the deprecated rollback annotation asks for, and takes it away in any case. */
export async function rollback(rollout: Rollout): Promise<void> {
  if (rollout.newest === undefined) await createNewest(rollout)
  const { deployment, newest, old } = rollout
  const all = newest === undefined ? old : [...old, newest]
  const revision = rollbackTo(deployment) || lastRevision(all)
  if (revision === 0n) {
    warn(rollout, ROLLBACK_REVISION_NOT_FOUND, 'Unable to find last revision.')
    return await finish(rollout, undefined)
  }
  const target = all.find((replicaSet) => revisionOf(replicaSet) === revision)
  if (target === undefined) {
    const message = 'Unable to find the revision to rollback to.'
    warn(rollout, ROLLBACK_REVISION_NOT_FOUND, message)
    return await finish(rollout, undefined)
  }
  const { name } = deployment.metadata
  if (isSameTemplate(deployment.spec.template, target.spec.template)) {
    const what = 'The rollback revision contains the same template as current deployment'
    const message = `${what} "${name}"`
    warn(rollout, ROLLBACK_TEMPLATE_UNCHANGED, message)
    return await finish(rollout, undefined)
  }
  await finish(rollout, target)
  const message = `Rolled back deployment "${name}" to revision ${revision}`
  rollout.context.recorder.event(deployment, 'Normal', ROLLBACK_DONE, message)
}

/** Template and annotations come from the target; the next reconciliation gives it a revision. */
async function finish(rollout: Rollout, target: ReplicaSet | undefined): Promise<void> {
  const { deployment } = rollout
  const present =
    target === undefined
      ? (deployment.metadata.annotations ?? {})
      : rolledBackAnnotations(deployment, target)
  const { [ROLLBACK_TO]: _, ...annotations } = present
  await rollout.updateDeployment({
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    ...(target !== undefined && {
      spec: { ...deployment.spec, template: withoutHash(target.spec.template) },
    }),
  })
}

function warn({ deployment, context }: Rollout, reason: string, message: string): void {
  context.recorder.event(deployment, 'Warning', reason, message)
}
