import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { withFields } from '../../../machinery/map-shared.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { resourceQuotaColumns } from './resource-quota-columns.ts'
import {
  validateResourceQuota,
  validateResourceQuotaStatusUpdate,
  validateResourceQuotaUpdate,
} from './resource-quota-validation.ts'
import { roundUp } from './rounded-quantities.ts'

/** A condition on one scope, such as the priority class. */
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

/** Objects by scope; all of the requirements must match. */
export const ScopeSelector = s.struct(
  'core.v1.ScopeSelector',
  {
    matchExpressions: s.list(ScopedResourceSelectorRequirement, { listType: 'atomic' }).optional(),
  },
  { mapType: 'atomic' },
)
export interface ScopeSelector extends Infer<typeof ScopeSelector> {}

/** The bounds, and to which objects they apply. */
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

/** The bounds in force, and what is used of them. */
export const ResourceQuotaStatus = s.struct('core.v1.ResourceQuotaStatus', {
  hard: s.map(s.quantity()).optional(),
  used: s.map(s.quantity()).optional(),
})
export interface ResourceQuotaStatus extends Infer<typeof ResourceQuotaStatus> {}

const fields = {
  spec: ResourceQuotaSpec.default({}),
  status: ResourceQuotaStatus.default({}),
}

/** What all objects of a namespace together may use. */
export const ResourceQuota = defineKind({
  group: '',
  version: 'v1',
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  scope: 'Namespaced',
  shortNames: ['quota'],
  fields,
  returnsDeletedObject: true,
  hasGeneration: false,
  setDefaults: ({ spec, status, ...rest }) => ({
    ...rest,
    spec: withFields(spec, spec.hard ? { hard: roundUp(spec.hard) } : {}),
    status: withFields(status, {
      ...(status.hard && { hard: roundUp(status.hard) }),
      ...(status.used && { used: roundUp(status.used) }),
    }),
  }),
  columns: resourceQuotaColumns,
  validate: validateResourceQuota,
  validateUpdate: validateResourceQuotaUpdate,
  validateStatusUpdate: validateResourceQuotaStatusUpdate,
})
export interface ResourceQuota extends StoredObject<typeof fields, 'Namespaced'> {}
