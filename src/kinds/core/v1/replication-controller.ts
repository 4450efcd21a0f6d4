import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { selectorOf } from '../../../machinery/label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, containerColumns, labelsText } from '../../column-text.ts'
import { PodTemplateSpec } from './pod-template-spec.ts'
import { setReplicationControllerDefaults } from './replication-controller-defaults.ts'
import {
  validateReplicationController,
  validateReplicationControllerStatusUpdate,
  validateReplicationControllerUpdate,
} from './replication-controller-validation.ts'
import { workloadUpdateWarnings, workloadWarnings } from './workload-warnings.ts'

/** How many pods of which template should run. */
export const ReplicationControllerSpec = s.struct('core.v1.ReplicationControllerSpec', {
  replicas: s.int32().publishedDefault(1).pointer(),
  minReadySeconds: s.int32().publishedZero(0),
  selector: s.map(s.string(), { mapType: 'atomic' }).optional(),
  template: PodTemplateSpec.optional(),
})
export interface ReplicationControllerSpec extends Infer<typeof ReplicationControllerSpec> {}

/** One aspect of a ReplicationController's state. */
export const ReplicationControllerCondition = s.struct('core.v1.ReplicationControllerCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface ReplicationControllerCondition
  extends Infer<typeof ReplicationControllerCondition> {}

/** How many pods there are, and how many are ready. */
export const ReplicationControllerStatus = s.struct('core.v1.ReplicationControllerStatus', {
  replicas: s.int32(),
  fullyLabeledReplicas: s.int32().optional(),
  readyReplicas: s.int32().optional(),
  availableReplicas: s.int32().optional(),
  observedGeneration: s.int64().optional(),
  conditions: s
    .list(ReplicationControllerCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface ReplicationControllerStatus extends Infer<typeof ReplicationControllerStatus> {}

const fields = {
  spec: ReplicationControllerSpec.default({}),
  status: ReplicationControllerStatus.present(),
}

/** Keeps a number of identical pods running; older than ReplicaSet. */
export const ReplicationController = defineKind({
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  scope: 'Namespaced',
  metadataRules: { ignoresNamePrefix: true },
  shortNames: ['rc'],
  categories: ['all'],
  storagePrefix: 'controllers',
  fields,
  orphansDependentsByDefault: true,
  selectableFields: {
    'status.replicas': ({ status }) => `${status.replicas}`,
  },
  columns: [
    { name: 'Desired', type: 'integer', of: ({ spec }) => spec.replicas },
    { name: 'Current', type: 'integer', of: ({ status }) => status.replicas },
    { name: 'Ready', type: 'integer', of: ({ status }) => status.readyReplicas ?? 0 },
    ageColumn,
    ...containerColumns<ReplicationController>(({ spec }) => spec.template?.spec?.containers ?? []),
    { name: 'Selector', type: 'string', wide: true, of: ({ spec }) => labelsText(spec.selector) },
  ],
  scale: {
    replicas: (object) => object.spec.replicas,
    withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
    statusReplicas: (object) => object.status.replicas,
    selector: (object) => `${selectorOf({ matchLabels: object.spec.selector ?? {} })}`,
  },
  setDefaults: setReplicationControllerDefaults,
  warningsOnCreate: workloadWarnings,
  // Upstream warns of the template that was there before.
  warningsOnUpdate: (controller, old) => workloadUpdateWarnings(old, controller),
  validate: validateReplicationController,
  validateUpdate: validateReplicationControllerUpdate,
  validateStatusUpdate: validateReplicationControllerStatusUpdate,
})
export interface ReplicationController extends StoredObject<typeof fields, 'Namespaced'> {}
