import { type Infer, s } from '../../../machinery/schema.ts'
import { CrossVersionObjectReference, MetricIdentifier } from './metric-spec.ts'

export const MetricValueStatus = s.struct('autoscaling.v2.MetricValueStatus', {
  value: s.quantity().optional(),
  averageValue: s.quantity().optional(),
  averageUtilization: s.int32().optional(),
})
export interface MetricValueStatus extends Infer<typeof MetricValueStatus> {}

export const ContainerResourceMetricStatus = s.struct(
  'autoscaling.v2.ContainerResourceMetricStatus',
  {
    name: s.string(),
    current: MetricValueStatus,
    container: s.string(),
  },
)
export interface ContainerResourceMetricStatus
  extends Infer<typeof ContainerResourceMetricStatus> {}

export const ExternalMetricStatus = s.struct('autoscaling.v2.ExternalMetricStatus', {
  metric: MetricIdentifier,
  current: MetricValueStatus,
})
export interface ExternalMetricStatus extends Infer<typeof ExternalMetricStatus> {}

export const ObjectMetricStatus = s.struct('autoscaling.v2.ObjectMetricStatus', {
  metric: MetricIdentifier,
  current: MetricValueStatus,
  describedObject: CrossVersionObjectReference,
})
export interface ObjectMetricStatus extends Infer<typeof ObjectMetricStatus> {}

export const PodsMetricStatus = s.struct('autoscaling.v2.PodsMetricStatus', {
  metric: MetricIdentifier,
  current: MetricValueStatus,
})
export interface PodsMetricStatus extends Infer<typeof PodsMetricStatus> {}

export const ResourceMetricStatus = s.struct('autoscaling.v2.ResourceMetricStatus', {
  name: s.string(),
  current: MetricValueStatus,
})
export interface ResourceMetricStatus extends Infer<typeof ResourceMetricStatus> {}

export const MetricStatus = s.struct('autoscaling.v2.MetricStatus', {
  type: s.string(),
  object: ObjectMetricStatus.optional(),
  pods: PodsMetricStatus.optional(),
  resource: ResourceMetricStatus.optional(),
  containerResource: ContainerResourceMetricStatus.optional(),
  external: ExternalMetricStatus.optional(),
})
export interface MetricStatus extends Infer<typeof MetricStatus> {}
