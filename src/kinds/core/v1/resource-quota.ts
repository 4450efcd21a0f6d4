import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

export const ScopedResourceSelectorRequirement = s.struct(
  'core.v1.ScopedResourceSelectorRequirement',
  {
    scopeName: s.oneOf(
      'BestEffort',
      'CrossNamespacePodAffinity',
      'NotBestEffort',
      'NotTerminating',
      'PriorityClass',
      'Terminating',
      'VolumeAttributesClass',
    ),
    operator: s.oneOf('DoesNotExist', 'Exists', 'In', 'NotIn'),
    values: s.list(s.string(), { listType: 'atomic' }).optional(),
  },
)
export interface ScopedResourceSelectorRequirement
  extends Infer<typeof ScopedResourceSelectorRequirement> {}

export const ScopeSelector = s.struct(
  'core.v1.ScopeSelector',
  {
    matchExpressions: s.list(ScopedResourceSelectorRequirement, { listType: 'atomic' }).optional(),
  },
  { mapType: 'atomic' },
)
export interface ScopeSelector extends Infer<typeof ScopeSelector> {}

export const ResourceQuotaSpec = s.struct('core.v1.ResourceQuotaSpec', {
  hard: s.map(s.quantity()).optional(),
  scopes: s
    .list(
      s.oneOf(
        'BestEffort',
        'CrossNamespacePodAffinity',
        'NotBestEffort',
        'NotTerminating',
        'PriorityClass',
        'Terminating',
        'VolumeAttributesClass',
      ),
      { listType: 'atomic' },
    )
    .optional(),
  scopeSelector: ScopeSelector.optional(),
})
export interface ResourceQuotaSpec extends Infer<typeof ResourceQuotaSpec> {}

export const ResourceQuotaStatus = s.struct('core.v1.ResourceQuotaStatus', {
  hard: s.map(s.quantity()).optional(),
  used: s.map(s.quantity()).optional(),
})
export interface ResourceQuotaStatus extends Infer<typeof ResourceQuotaStatus> {}

export const ResourceQuota = defineKind({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
  shortNames: ['quota'],
  fields: {
    spec: ResourceQuotaSpec.default({}),
    status: ResourceQuotaStatus.default({}),
  },
})
export interface ResourceQuota extends ObjectOfKind<typeof ResourceQuota> {}
