import { ConfigMap } from '../core/v1/config-map.ts'
import { ReplicationController } from '../core/v1/replication-controller.ts'
import { ResourceQuota } from '../core/v1/resource-quota.ts'
import { Secret } from '../core/v1/secret.ts'
import { countEvaluator, type QuotaEvaluator } from './evaluator.ts'
import { persistentVolumeClaimEvaluator } from './persistent-volume-claim-evaluator.ts'
import { podEvaluator } from './pod-evaluator.ts'
import { resourceClaimEvaluator } from './resource-claim-evaluator.ts'
import { serviceEvaluator } from './service-evaluator.ts'

/** Kinds whose use of quotas is more than their number, or whose number has a name of its own. */
const quotaEvaluators: readonly QuotaEvaluator[] = [
  podEvaluator,
  serviceEvaluator,
  persistentVolumeClaimEvaluator,
  resourceClaimEvaluator,
  countEvaluator(ConfigMap, 'configmaps'),
  countEvaluator(ResourceQuota, 'resourcequotas'),
  countEvaluator(ReplicationController, 'replicationcontrollers'),
  countEvaluator(Secret, 'secrets'),
]

/** Events are many, and go by themselves. */
const IGNORED: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events'])

/** Others are made when they are first asked for: as many as there are kinds. */
const byKind = new Map(quotaEvaluators.map((one) => [`${one.kind.group}/${one.kind.plural}`, one]))

/** How objects of a kind are counted; undefined for those that no quota bounds. */
export function quotaEvaluatorOf(kind: QuotaEvaluator['kind']): QuotaEvaluator | undefined {
  const id = `${kind.group}/${kind.plural}`
  if (IGNORED.has(id)) return undefined
  let evaluator = byKind.get(id)
  if (evaluator === undefined) {
    evaluator = countEvaluator({ group: kind.group, plural: kind.plural })
    byKind.set(id, evaluator)
  }
  return evaluator
}
