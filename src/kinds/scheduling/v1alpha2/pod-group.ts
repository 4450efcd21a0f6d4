import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { groupState } from './group-state.ts'
import {
  PodGroupResourceClaim,
  PodGroupSchedulingConstraints,
  PodGroupSchedulingPolicy,
} from './pod-group-scheduling.ts'
import {
  validatePodGroup,
  validatePodGroupStatusUpdate,
  validatePodGroupUpdate,
} from './pod-group-validation.ts'

/** A template of a workload, by name. */
export const WorkloadPodGroupTemplateReference = s.struct(
  'scheduling.v1alpha2.WorkloadPodGroupTemplateReference',
  {
    workloadName: s.string(),
    podGroupTemplateName: s.string(),
  },
)
export interface WorkloadPodGroupTemplateReference
  extends Infer<typeof WorkloadPodGroupTemplateReference> {}

/** The template from which a group was made. */
export const PodGroupTemplateReference = s.struct(
  'scheduling.v1alpha2.PodGroupTemplateReference',
  {
    workload: WorkloadPodGroupTemplateReference.orNull(),
  },
  { union: { fields: { workload: 'Workload' } } },
)
export interface PodGroupTemplateReference extends Infer<typeof PodGroupTemplateReference> {}

/** How a group is scheduled, and what it shares. */
export const PodGroupSpec = s.struct('scheduling.v1alpha2.PodGroupSpec', {
  podGroupTemplateRef: PodGroupTemplateReference.orNull(),
  schedulingPolicy: PodGroupSchedulingPolicy,
  schedulingConstraints: PodGroupSchedulingConstraints.optional(),
  resourceClaims: s
    .list(PodGroupResourceClaim, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    })
    .optional(),
  disruptionMode: s.oneOf('Pod', 'PodGroup').publishedDefault('Pod').pointer(),
  priorityClassName: s.string().optional(),
  priority: s.int32().optional().pointer(),
})
export interface PodGroupSpec extends Infer<typeof PodGroupSpec> {}

/** The claim that was made for an entry of a group's claims. */
export const PodGroupResourceClaimStatus = s.struct(
  'scheduling.v1alpha2.PodGroupResourceClaimStatus',
  {
    name: s.string(),
    resourceClaimName: s.string().optional().pointer(),
  },
)
export interface PodGroupResourceClaimStatus extends Infer<typeof PodGroupResourceClaimStatus> {}

/** How far the scheduling of a group is. */
export const PodGroupStatus = s.struct('scheduling.v1alpha2.PodGroupStatus', {
  conditions: s
    .list(Condition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  resourceClaimStatuses: s
    .list(PodGroupResourceClaimStatus, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    })
    .optional(),
})
export interface PodGroupStatus extends Infer<typeof PodGroupStatus> {}

const fields = {
  spec: PodGroupSpec,
  status: PodGroupStatus.default({}),
}

/** Pods that are scheduled as one. */
export const PodGroup = defineKind({
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  kind: 'PodGroup',
  plural: 'podgroups',
  scope: 'Namespaced',
  metadataRules: STATUS_KEEPS_METADATA,
  fields,
  hasGeneration: false,
  validate: validatePodGroup,
  validateUpdate: validatePodGroupUpdate,
  validateStatusUpdate: validatePodGroupStatusUpdate,
  columns: [
    {
      name: 'Policy',
      type: 'string',
      of: ({ spec }) => (spec.schedulingPolicy.gang === undefined ? 'Basic' : 'Gang'),
    },
    {
      name: 'Workload',
      type: 'string',
      of: ({ spec }) => spec.podGroupTemplateRef?.workload?.workloadName ?? '<none>',
    },
    { name: 'Status', type: 'string', of: groupState },
    ageColumn,
  ],
})
export interface PodGroup extends StoredObject<typeof fields, 'Namespaced'> {}
