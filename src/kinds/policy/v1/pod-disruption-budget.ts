import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { fromV1beta1 } from './from-v1beta1.ts'
import {
  validatePodDisruptionBudget,
  validatePodDisruptionBudgetStatusUpdate,
} from './pod-disruption-budget-validation.ts'

/** The pods that count, and how many must be up. */
export const PodDisruptionBudgetSpec = s.struct('policy.v1.PodDisruptionBudgetSpec', {
  minAvailable: s.intOrString().optional().pointer(),
  selector: LabelSelector.patch('replace').optional(),
  maxUnavailable: s.intOrString().optional().pointer(),
  unhealthyPodEvictionPolicy: s.oneOf('AlwaysAllow', 'IfHealthyBudget').optional().pointer(),
})
export interface PodDisruptionBudgetSpec extends Infer<typeof PodDisruptionBudgetSpec> {}

/** How many pods are healthy, and how many more may go. */
export const PodDisruptionBudgetStatus = s.struct('policy.v1.PodDisruptionBudgetStatus', {
  observedGeneration: s.int64().optional(),
  disruptedPods: s.map(s.time()).optional(),
  disruptionsAllowed: s.int32().publishedDefault(0),
  currentHealthy: s.int32().publishedDefault(0),
  desiredHealthy: s.int32().publishedDefault(0),
  expectedPods: s.int32().publishedDefault(0),
  conditions: s
    .list(Condition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface PodDisruptionBudgetStatus extends Infer<typeof PodDisruptionBudgetStatus> {}

const fields = {
  spec: PodDisruptionBudgetSpec.default({}),
  status: PodDisruptionBudgetStatus.default({}),
}

/** How many pods may be down on purpose at the same time. */
export const PodDisruptionBudget = defineKind({
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  scope: 'Namespaced',
  metadataRules: {
    ...{ onCreate: 'none', onUpdate: 'none', onStatusUpdate: 'none' },
    allowsPlainFinalizers: true,
  },
  shortNames: ['pdb'],
  allowsUnconditionalUpdate: false,
  fromOtherVersion: fromV1beta1,
  fields,
  columns: [
    { name: 'Min Available', type: 'string', of: ({ spec }) => `${spec.minAvailable ?? 'N/A'}` },
    {
      name: 'Max Unavailable',
      type: 'string',
      of: ({ spec }) => `${spec.maxUnavailable ?? 'N/A'}`,
    },
    { name: 'Allowed Disruptions', type: 'integer', of: ({ status }) => status.disruptionsAllowed },
    ageColumn,
  ],
  validateName: pathSegmentErrors,
  validate: validatePodDisruptionBudget,
  validateStatusUpdate: validatePodDisruptionBudgetStatusUpdate,
})
export interface PodDisruptionBudget extends StoredObject<typeof fields, 'Namespaced'> {}
