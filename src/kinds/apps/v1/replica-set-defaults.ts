import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { ReplicaSet } from './replica-set.ts'

export function setReplicaSetDefaults(replicaSet: ReplicaSet): ReplicaSet {
  const { spec } = replicaSet
  return withFields(replicaSet, {
    spec: withFields(spec, { template: setTemplateDefaults(spec.template) }),
  })
}
