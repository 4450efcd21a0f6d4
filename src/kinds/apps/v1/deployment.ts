import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { selectorOf } from '../../../machinery/label-selector.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, containerColumns, selectorColumnText } from '../../column-text.ts'
import { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'
import { workloadUpdateWarnings, workloadWarnings } from '../../core/v1/workload-warnings.ts'
import { raiseGeneration } from '../../generation.ts'
import { setDeploymentDefaults } from './deployment-defaults.ts'
import {
  validateDeployment,
  validateDeploymentStatusUpdate,
  validateDeploymentUpdate,
} from './deployment-validation.ts'
import { deploymentFromBeta } from './from-beta.ts'

/** How many pods may be missing or too many during a rolling update. */
export const RollingUpdateDeployment = s.struct('apps.v1.RollingUpdateDeployment', {
  maxUnavailable: s.intOrString().optional().pointer(),
  maxSurge: s.intOrString().optional().pointer(),
})
export interface RollingUpdateDeployment extends Infer<typeof RollingUpdateDeployment> {}

/** Whether old pods are replaced step by step or all at once. */
export const DeploymentStrategy = s.struct('apps.v1.DeploymentStrategy', {
  type: s.oneOf('Recreate', 'RollingUpdate').default('RollingUpdate'),
  rollingUpdate: RollingUpdateDeployment.optional(),
})
export interface DeploymentStrategy extends Infer<typeof DeploymentStrategy> {}

/** How many pods of which template should run, and how a change is rolled out. */
export const DeploymentSpec = s.struct('apps.v1.DeploymentSpec', {
  replicas: s.int32().default(1).pointer(),
  selector: LabelSelector.pointer(),
  template: PodTemplateSpec,
  strategy: DeploymentStrategy.patch('retainKeys').default({}),
  minReadySeconds: s.int32().optional(),
  revisionHistoryLimit: s.int32().default(10).pointer(),
  paused: s.bool().optional(),
  progressDeadlineSeconds: s.int32().default(600).pointer(),
})
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

/** One aspect of a Deployment's state, such as whether it progresses. */
export const DeploymentCondition = s.struct('apps.v1.DeploymentCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastUpdateTime: s.time().orNull(),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface DeploymentCondition extends Infer<typeof DeploymentCondition> {}

/** How far the pods are with what the spec asks for. */
export const DeploymentStatus = s.struct('apps.v1.DeploymentStatus', {
  observedGeneration: s.int64().optional(),
  replicas: s.int32().optional(),
  updatedReplicas: s.int32().optional(),
  readyReplicas: s.int32().optional(),
  availableReplicas: s.int32().optional(),
  unavailableReplicas: s.int32().optional(),
  terminatingReplicas: s.int32().optional().pointer(),
  conditions: s
    .list(DeploymentCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  collisionCount: s.int32().optional().pointer(),
})
export interface DeploymentStatus extends Infer<typeof DeploymentStatus> {}

const fields = {
  spec: DeploymentSpec.present(),
  status: DeploymentStatus.default({}),
}

/** Keeps pods of one template running and rolls changes of the template out. */
export const Deployment = defineKind({
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  scope: 'Namespaced',
  fromOtherVersion: deploymentFromBeta,
  metadataRules: { statusKeeps: ['labels'] },
  shortNames: ['deploy'],
  categories: ['all'],
  fields,
  prepareForUpdate: (object, old) =>
    raiseGeneration(object, old, ({ spec, metadata }) => [spec, metadata.annotations ?? {}]),
  columns: [
    {
      name: 'Ready',
      type: 'string',
      of: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas}`,
    },
    { name: 'Up-to-date', type: 'string', of: ({ status }) => status.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', of: ({ status }) => status.availableReplicas ?? 0 },
    ageColumn,
    ...containerColumns<Deployment>(({ spec }) => spec.template.spec.containers),
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
    statusReplicas: (object) => object.status.replicas ?? 0,
    selector: (object) => `${selectorOf(object.spec.selector)}`,
  },
  setDefaults: setDeploymentDefaults,
  warningsOnCreate: workloadWarnings,
  warningsOnUpdate: workloadUpdateWarnings,
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  validateStatusUpdate: validateDeploymentStatusUpdate,
})
export interface Deployment extends StoredObject<typeof fields, 'Namespaced'> {}
