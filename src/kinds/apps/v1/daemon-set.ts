import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, containerColumns, labelsText, selectorColumnText } from '../../column-text.ts'
import { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'
import { templateWarnings, workloadUpdateWarnings } from '../../core/v1/workload-warnings.ts'
import { setDaemonSetDefaults } from './daemon-set-defaults.ts'
import { prepareDaemonSetForCreate, prepareDaemonSetForUpdate } from './daemon-set-strategy.ts'
import {
  validateDaemonSet,
  validateDaemonSetStatusUpdate,
  validateDaemonSetUpdate,
} from './daemon-set-validation.ts'
import { daemonSetFromBeta } from './from-beta.ts'

/** How many nodes may lack the pod, or have two, during an update. */
export const RollingUpdateDaemonSet = s.struct('apps.v1.RollingUpdateDaemonSet', {
  maxUnavailable: s.intOrString().optional().pointer(),
  maxSurge: s.intOrString().optional().pointer(),
})
export interface RollingUpdateDaemonSet extends Infer<typeof RollingUpdateDaemonSet> {}

/** How the pods of a DaemonSet are replaced by newer ones. */
export const DaemonSetUpdateStrategy = s.struct('apps.v1.DaemonSetUpdateStrategy', {
  type: s.oneOf('OnDelete', 'RollingUpdate').default('RollingUpdate'),
  rollingUpdate: RollingUpdateDaemonSet.optional(),
})
export interface DaemonSetUpdateStrategy extends Infer<typeof DaemonSetUpdateStrategy> {}

/** The pod to run on each node, and how it is replaced. */
export const DaemonSetSpec = s.struct('apps.v1.DaemonSetSpec', {
  selector: LabelSelector.pointer(),
  template: PodTemplateSpec,
  updateStrategy: DaemonSetUpdateStrategy.default({}),
  minReadySeconds: s.int32().optional(),
  revisionHistoryLimit: s.int32().default(10).pointer(),
})
export interface DaemonSetSpec extends Infer<typeof DaemonSetSpec> {}

/** One aspect of a DaemonSet's state. */
export const DaemonSetCondition = s.struct('apps.v1.DaemonSetCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface DaemonSetCondition extends Infer<typeof DaemonSetCondition> {}

/** How many nodes run the pod, should run it, and run it though they should not. */
export const DaemonSetStatus = s.struct('apps.v1.DaemonSetStatus', {
  currentNumberScheduled: s.int32(),
  numberMisscheduled: s.int32(),
  desiredNumberScheduled: s.int32(),
  numberReady: s.int32(),
  observedGeneration: s.int64().optional(),
  updatedNumberScheduled: s.int32().optional(),
  numberAvailable: s.int32().optional(),
  numberUnavailable: s.int32().optional(),
  collisionCount: s.int32().optional().pointer(),
  conditions: s
    .list(DaemonSetCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface DaemonSetStatus extends Infer<typeof DaemonSetStatus> {}

const fields = {
  spec: DaemonSetSpec.present(),
  status: DaemonSetStatus.present(),
}

/** Keeps one pod on every node that it selects. */
export const DaemonSet = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  scope: 'Namespaced',
  fromOtherVersion: daemonSetFromBeta,
  shortNames: ['ds'],
  categories: ['all'],
  fields,
  prepareForCreate: prepareDaemonSetForCreate,
  prepareForUpdate: prepareDaemonSetForUpdate,
  columns: [
    { name: 'Desired', type: 'integer', of: ({ status }) => status.desiredNumberScheduled },
    { name: 'Current', type: 'integer', of: ({ status }) => status.currentNumberScheduled },
    { name: 'Ready', type: 'integer', of: ({ status }) => status.numberReady },
    { name: 'Up-to-date', type: 'integer', of: ({ status }) => status.updatedNumberScheduled ?? 0 },
    { name: 'Available', type: 'integer', of: ({ status }) => status.numberAvailable ?? 0 },
    {
      name: 'Node Selector',
      type: 'string',
      of: ({ spec }) => labelsText(spec.template.spec.nodeSelector),
    },
    ageColumn,
    ...containerColumns<DaemonSet>(({ spec }) => spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      wide: true,
      of: ({ spec }) => selectorColumnText(spec.selector),
    },
  ],
  setDefaults: setDaemonSetDefaults,
  warningsOnCreate: templateWarnings,
  warningsOnUpdate: workloadUpdateWarnings,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateStatusUpdate: validateDaemonSetStatusUpdate,
})
export interface DaemonSet extends StoredObject<typeof fields, 'Namespaced'> {}
