import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { horizontalPodAutoscalerColumns } from './horizontal-pod-autoscaler-columns.ts'
import { setAutoscalerDefaults, USUAL_METRICS } from './horizontal-pod-autoscaler-defaults.ts'
import {
  validateAutoscaler,
  validateAutoscalerStatusUpdate,
  validateAutoscalerUpdate,
} from './horizontal-pod-autoscaler-validation.ts'
import { CrossVersionObjectReference, MetricSpec } from './metric-spec.ts'
import { MetricStatus } from './metric-status.ts'

/** How much may change within a time. */
export const HPAScalingPolicy = s.struct('autoscaling.v2.HPAScalingPolicy', {
  type: s.string(),
  value: s.int32(),
  periodSeconds: s.int32(),
})
export interface HPAScalingPolicy extends Infer<typeof HPAScalingPolicy> {}

/** How fast to scale in one direction. */
export const HPAScalingRules = s.struct('autoscaling.v2.HPAScalingRules', {
  stabilizationWindowSeconds: s.int32().optional().pointer(),
  selectPolicy: s.string().optional().pointer(),
  policies: s.list(HPAScalingPolicy, { listType: 'atomic' }).optional(),
  tolerance: s.quantity().optional().pointer(),
})
export interface HPAScalingRules extends Infer<typeof HPAScalingRules> {}

/** How fast to scale up and down. */
export const HorizontalPodAutoscalerBehavior = s.struct(
  'autoscaling.v2.HorizontalPodAutoscalerBehavior',
  {
    scaleUp: HPAScalingRules.optional(),
    scaleDown: HPAScalingRules.optional(),
  },
)
export interface HorizontalPodAutoscalerBehavior
  extends Infer<typeof HorizontalPodAutoscalerBehavior> {}

/** What to scale, between which bounds, and by which metrics. */
export const HorizontalPodAutoscalerSpec = s.struct('autoscaling.v2.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: CrossVersionObjectReference,
  minReplicas: s.int32().default(1).pointer(),
  maxReplicas: s.int32(),
  metrics: s.list(MetricSpec, { listType: 'atomic' }).default(USUAL_METRICS),
  behavior: HorizontalPodAutoscalerBehavior.optional(),
})
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

/** One aspect of an autoscaler's state, such as whether it can scale. */
export const HorizontalPodAutoscalerCondition = s.struct(
  'autoscaling.v2.HorizontalPodAutoscalerCondition',
  {
    type: s.string(),
    status: s.known('True', 'False', 'Unknown'),
    lastTransitionTime: s.time().orNull(),
    reason: s.string().optional(),
    message: s.string().optional(),
  },
)
export interface HorizontalPodAutoscalerCondition
  extends Infer<typeof HorizontalPodAutoscalerCondition> {}

/** The replicas there are and should be, with the metrics behind that. */
export const HorizontalPodAutoscalerStatus = s.struct(
  'autoscaling.v2.HorizontalPodAutoscalerStatus',
  {
    observedGeneration: s.int64().optional().pointer(),
    lastScaleTime: s.time().optional().pointer(),
    currentReplicas: s.int32().optional(),
    desiredReplicas: s.int32(),
    currentMetrics: s.list(MetricStatus, { listType: 'atomic' }).optional().nullWhenEmpty(),
    conditions: s
      .list(HorizontalPodAutoscalerCondition, {
        listType: 'map',
        listMapKeys: ['type'],
        patchStrategy: 'merge',
        patchMergeKey: 'type',
      })
      .optional(),
  },
)
export interface HorizontalPodAutoscalerStatus
  extends Infer<typeof HorizontalPodAutoscalerStatus> {}

const fields = {
  spec: HorizontalPodAutoscalerSpec,
  status: HorizontalPodAutoscalerStatus.present(),
}

/** Scales a workload between two bounds by its metrics. */
export const HorizontalPodAutoscaler = defineKind({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  fields,
  setDefaults: setAutoscalerDefaults,
  hasGeneration: false,
  columns: horizontalPodAutoscalerColumns,
  validate: validateAutoscaler,
  validateUpdate: validateAutoscalerUpdate,
  validateStatusUpdate: validateAutoscalerStatusUpdate,
})
export interface HorizontalPodAutoscaler extends StoredObject<typeof fields, 'Namespaced'> {}
