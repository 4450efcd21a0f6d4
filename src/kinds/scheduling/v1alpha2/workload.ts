import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import {
  PodGroupResourceClaim,
  PodGroupSchedulingConstraints,
  PodGroupSchedulingPolicy,
} from './pod-group-scheduling.ts'
import { validateWorkload, validateWorkloadUpdate } from './workload-validation.ts'

/** The groups that are made for a workload. */
export const PodGroupTemplate = s.struct('scheduling.v1alpha2.PodGroupTemplate', {
  name: s.string(),
  schedulingPolicy: PodGroupSchedulingPolicy,
  schedulingConstraints: PodGroupSchedulingConstraints.orNull(),
  resourceClaims: s
    .list(PodGroupResourceClaim, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    })
    .optional(),
  disruptionMode: s.oneOf('Pod', 'PodGroup').optional().pointer(),
  priorityClassName: s.string().optional(),
  priority: s.int32().optional().pointer(),
})
export interface PodGroupTemplate extends Infer<typeof PodGroupTemplate> {}

/** An object of the same namespace, by kind and name. */
export const TypedLocalObjectReference = s.struct('scheduling.v1alpha2.TypedLocalObjectReference', {
  apiGroup: s.string().optional(),
  kind: s.string(),
  name: s.string(),
})
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

/** The controller of a workload, and the groups of pods it needs. */
export const WorkloadSpec = s.struct('scheduling.v1alpha2.WorkloadSpec', {
  controllerRef: TypedLocalObjectReference.optional(),
  podGroupTemplates: s.list(PodGroupTemplate, { listType: 'map', listMapKeys: ['name'] }),
})
export interface WorkloadSpec extends Infer<typeof WorkloadSpec> {}

const fields = {
  spec: WorkloadSpec,
}

/** What a controller runs, as groups of pods. */
export const Workload = defineKind({
  group: 'scheduling.k8s.io',
  version: 'v1alpha2',
  kind: 'Workload',
  plural: 'workloads',
  scope: 'Namespaced',
  fields,
  hasGeneration: false,
  validate: validateWorkload,
  validateUpdate: validateWorkloadUpdate,
  columns: [ageColumn],
})
export interface Workload extends StoredObject<typeof fields, 'Namespaced'> {}
