import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { columnsOfStored } from '../../../machinery/stored-as.ts'
import { horizontalPodAutoscalerColumns } from '../v2/horizontal-pod-autoscaler-columns.ts'
import { horizontalPodAutoscalerConversion } from './horizontal-pod-autoscaler-conversion.ts'

/** An object by kind and name. */
export const CrossVersionObjectReference = s.struct(
  'autoscaling.v1.CrossVersionObjectReference',
  {
    kind: s.string(),
    name: s.string(),
    apiVersion: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

/** What to scale, between which bounds, and by which use of processors. */
export const HorizontalPodAutoscalerSpec = s.struct('autoscaling.v1.HorizontalPodAutoscalerSpec', {
  scaleTargetRef: CrossVersionObjectReference,
  minReplicas: s.int32().default(1).pointer(),
  maxReplicas: s.int32(),
  targetCPUUtilizationPercentage: s.int32().optional().pointer(),
})
export interface HorizontalPodAutoscalerSpec extends Infer<typeof HorizontalPodAutoscalerSpec> {}

/** The replicas there are and should be, with the metrics behind that. */
export const HorizontalPodAutoscalerStatus = s.struct(
  'autoscaling.v1.HorizontalPodAutoscalerStatus',
  {
    observedGeneration: s.int64().optional().pointer(),
    lastScaleTime: s.time().optional().pointer(),
    currentReplicas: s.int32(),
    desiredReplicas: s.int32(),
    currentCPUUtilizationPercentage: s.int32().optional().pointer(),
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
  version: 'v1',
  kind: 'HorizontalPodAutoscaler',
  plural: 'horizontalpodautoscalers',
  scope: 'Namespaced',
  shortNames: ['hpa'],
  categories: ['all'],
  fields,
  hasGeneration: false,
  columns: columnsOfStored(horizontalPodAutoscalerConversion, horizontalPodAutoscalerColumns),
  storedAs: horizontalPodAutoscalerConversion,
})
export interface HorizontalPodAutoscaler extends StoredObject<typeof fields, 'Namespaced'> {}
