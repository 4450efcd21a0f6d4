import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { schemaOfKind } from '../../../machinery/kind-schema.ts'
import { selectorOf } from '../../../machinery/label-selector.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { labelNameErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, containerColumns } from '../../column-text.ts'
import { PersistentVolumeClaim } from '../../core/v1/persistent-volume-claim.ts'
import { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'
import { statefulSetFromBeta } from './from-beta.ts'
import { setStatefulSetDefaults } from './stateful-set-defaults.ts'
import { prepareStatefulSet } from './stateful-set-strategy.ts'
import {
  validateStatefulSet,
  validateStatefulSetStatusUpdate,
  validateStatefulSetUpdate,
} from './stateful-set-validation.ts'
import { statefulSetUpdateWarnings, statefulSetWarnings } from './stateful-set-warnings.ts'

/** From which ordinal pods are updated, and how many at a time. */
export const RollingUpdateStatefulSetStrategy = s.struct(
  'apps.v1.RollingUpdateStatefulSetStrategy',
  {
    partition: s.int32().optional().pointer(),
    maxUnavailable: s.intOrString().optional().pointer(),
  },
)
export interface RollingUpdateStatefulSetStrategy
  extends Infer<typeof RollingUpdateStatefulSetStrategy> {}

/** How the pods of a StatefulSet are replaced by newer ones. */
export const StatefulSetUpdateStrategy = s.struct('apps.v1.StatefulSetUpdateStrategy', {
  // Always there once read: what else is filled in depends on whether it was named.
  type: s.oneOf('OnDelete', 'RollingUpdate').optional(),
  rollingUpdate: RollingUpdateStatefulSetStrategy.optional(),
})
export interface StatefulSetUpdateStrategy extends Infer<typeof StatefulSetUpdateStrategy> {}

/** What becomes of claims when the set is deleted or shrinks. */
export const StatefulSetPersistentVolumeClaimRetentionPolicy = s.struct(
  'apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy',
  {
    whenDeleted: s.string().default('Retain'),
    whenScaled: s.string().default('Retain'),
  },
)
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Infer<typeof StatefulSetPersistentVolumeClaimRetentionPolicy> {}

/** The number that the first pod bears. */
export const StatefulSetOrdinals = s.struct('apps.v1.StatefulSetOrdinals', {
  start: s.int32().publishedDefault(0),
})
export interface StatefulSetOrdinals extends Infer<typeof StatefulSetOrdinals> {}

/** How many pods of which template should run, with which claims and in which order. */
export const StatefulSetSpec = s.struct('apps.v1.StatefulSetSpec', {
  replicas: s.int32().default(1).pointer(),
  selector: LabelSelector.pointer(),
  template: PodTemplateSpec,
  volumeClaimTemplates: s
    .list(schemaOfKind(PersistentVolumeClaim), { listType: 'atomic' })
    .optional(),
  serviceName: s.string().publishedDefault(''),
  podManagementPolicy: s.oneOf('OrderedReady', 'Parallel').default('OrderedReady'),
  updateStrategy: StatefulSetUpdateStrategy.default({}),
  revisionHistoryLimit: s.int32().default(10).pointer(),
  minReadySeconds: s.int32().optional(),
  persistentVolumeClaimRetentionPolicy: StatefulSetPersistentVolumeClaimRetentionPolicy.default(
    {},
  ).pointer(),
  ordinals: StatefulSetOrdinals.optional(),
})
export interface StatefulSetSpec extends Infer<typeof StatefulSetSpec> {}

/** One aspect of a StatefulSet's state. */
export const StatefulSetCondition = s.struct('apps.v1.StatefulSetCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface StatefulSetCondition extends Infer<typeof StatefulSetCondition> {}

/** How many pods there are, and at which revision. */
export const StatefulSetStatus = s.struct('apps.v1.StatefulSetStatus', {
  observedGeneration: s.int64().optional(),
  replicas: s.int32(),
  readyReplicas: s.int32().optional(),
  currentReplicas: s.int32().optional(),
  updatedReplicas: s.int32().optional(),
  currentRevision: s.string().optional(),
  updateRevision: s.string().optional(),
  collisionCount: s.int32().optional().pointer(),
  conditions: s
    .list(StatefulSetCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  availableReplicas: s.int32().publishedDefault(0),
})
export interface StatefulSetStatus extends Infer<typeof StatefulSetStatus> {}

const fields = {
  spec: StatefulSetSpec.present(),
  status: StatefulSetStatus.present(),
}

/** Runs pods that keep their name, their order and their volumes. */
export const StatefulSet = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  scope: 'Namespaced',
  fromOtherVersion: statefulSetFromBeta,
  shortNames: ['sts'],
  categories: ['all'],
  fields,
  validateName: labelNameErrors,
  columns: [
    {
      name: 'Ready',
      type: 'string',
      of: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
    },
    ageColumn,
    ...containerColumns<StatefulSet>(({ spec }) => spec.template.spec.containers),
  ],
  scale: {
    replicas: (object) => object.spec.replicas,
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
    statusReplicas: (object) => object.status.replicas,
    selector: (object) => `${selectorOf(object.spec.selector)}`,
  },
  setDefaults: setStatefulSetDefaults,
  prepareForCreate: (object) => prepareStatefulSet(object),
  prepareForUpdate: (object, old) => prepareStatefulSet(object, old),
  warningsOnCreate: statefulSetWarnings,
  warningsOnUpdate: statefulSetUpdateWarnings,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatusUpdate,
})
export interface StatefulSet extends StoredObject<typeof fields, 'Namespaced'> {}
