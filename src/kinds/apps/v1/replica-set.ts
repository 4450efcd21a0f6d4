import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { selectorOf } from '../../../machinery/label-selector.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, containerColumns, selectorColumnText } from '../../column-text.ts'
import { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'
import { workloadUpdateWarnings, workloadWarnings } from '../../core/v1/workload-warnings.ts'
import { replicaSetFromBeta } from './from-beta.ts'
import { setReplicaSetDefaults } from './replica-set-defaults.ts'
import {
  validateReplicaSet,
  validateReplicaSetStatusUpdate,
  validateReplicaSetUpdate,
} from './replica-set-validation.ts'

/** How many pods of which template should run. */
export const ReplicaSetSpec = s.struct('apps.v1.ReplicaSetSpec', {
  replicas: s.int32().default(1).pointer(),
  minReadySeconds: s.int32().optional(),
  selector: LabelSelector.pointer(),
  template: PodTemplateSpec.default({}),
})
export interface ReplicaSetSpec extends Infer<typeof ReplicaSetSpec> {}

/** One aspect of a ReplicaSet's state. */
export const ReplicaSetCondition = s.struct('apps.v1.ReplicaSetCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface ReplicaSetCondition extends Infer<typeof ReplicaSetCondition> {}

/** How many pods there are, and how many are ready. */
export const ReplicaSetStatus = s.struct('apps.v1.ReplicaSetStatus', {
  replicas: s.int32(),
  fullyLabeledReplicas: s.int32().optional(),
  readyReplicas: s.int32().optional(),
  availableReplicas: s.int32().optional(),
  terminatingReplicas: s.int32().optional().pointer(),
  observedGeneration: s.int64().optional(),
  conditions: s
    .list(ReplicaSetCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface ReplicaSetStatus extends Infer<typeof ReplicaSetStatus> {}

const fields = {
  spec: ReplicaSetSpec.present(),
  status: ReplicaSetStatus.present(),
}

/** Keeps a number of identical pods running. */
export const ReplicaSet = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  scope: 'Namespaced',
  fromOtherVersion: replicaSetFromBeta,
  shortNames: ['rs'],
  categories: ['all'],
  fields,
  columns: [
    { name: 'Desired', type: 'integer', of: ({ spec }) => spec.replicas },
    { name: 'Current', type: 'integer', of: ({ status }) => status.replicas },
    { name: 'Ready', type: 'integer', of: ({ status }) => status.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns<ReplicaSet>(({ spec }) => spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      wide: true,
      of: ({ spec }) => selectorColumnText(spec.selector),
    },
  ],
  scale: {
    replicas: (object) => object.spec.replicas,
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
    statusReplicas: (object) => object.status.replicas,
    selector: (object) => `${selectorOf(object.spec.selector)}`,
  },
  setDefaults: setReplicaSetDefaults,
  warningsOnCreate: workloadWarnings,
  warningsOnUpdate: workloadUpdateWarnings,
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  validateStatusUpdate: validateReplicaSetStatusUpdate,
})
export interface ReplicaSet extends StoredObject<typeof fields, 'Namespaced'> {}
