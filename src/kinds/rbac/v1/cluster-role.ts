import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { PolicyRule } from './policy-rule.ts'
import { validateClusterRole } from './role-validation.ts'

/** Roles whose rules a ClusterRole takes over. */
export const AggregationRule = s.struct('rbac.v1.AggregationRule', {
  clusterRoleSelectors: s.list(LabelSelector, { listType: 'atomic' }).optional(),
})
export interface AggregationRule extends Infer<typeof AggregationRule> {}

const fields = {
  rules: s.list(PolicyRule, { listType: 'atomic' }).optional().nullWhenEmpty(),
  aggregationRule: AggregationRule.optional(),
}

/** Rights in all namespaces and on what has none. */
export const ClusterRole = defineKind({
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRole',
  plural: 'clusterroles',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'both' },
  allowsCreateOnUpdate: true,
  fields,
  validateName: pathSegmentErrors,
  columns: [
    {
      name: 'Created At',
      type: 'date',
      isExact: true,
      of: ({ metadata }) => metadata.creationTimestamp,
    },
  ],
  validate: validateClusterRole,
})
export interface ClusterRole extends StoredObject<typeof fields, 'Cluster'> {}
