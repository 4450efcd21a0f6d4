import { type Infer, s } from '../../../machinery/schema.ts'
import { CrossVersionObjectReference, MetricIdentifier } from './metric-spec.ts'

/** The value that a metric has. */
export const MetricValueStatus = s.struct('autoscaling.v2.MetricValueStatus', {
  value: s.quantity().optional().pointer(),
  averageValue: s.quantity().optional().pointer(),
  averageUtilization: s.int32().optional().pointer(),
})
export interface MetricValueStatus extends Infer<typeof MetricValueStatus> {}

/** What one container of each pod uses of a resource now. */
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

/** The current value of a metric from outside of the cluster. */
export const ExternalMetricStatus = s.struct('autoscaling.v2.ExternalMetricStatus', {
  metric: MetricIdentifier,
  current: MetricValueStatus,
})
export interface ExternalMetricStatus extends Infer<typeof ExternalMetricStatus> {}

/** The current value of a metric of one object. */
export const ObjectMetricStatus = s.struct('autoscaling.v2.ObjectMetricStatus', {
  metric: MetricIdentifier,
  current: MetricValueStatus,
  describedObject: CrossVersionObjectReference,
})
export interface ObjectMetricStatus extends Infer<typeof ObjectMetricStatus> {}

/** The current average of a metric over the pods. */
export const PodsMetricStatus = s.struct('autoscaling.v2.PodsMetricStatus', {
  metric: MetricIdentifier,
  current: MetricValueStatus,
})
export interface PodsMetricStatus extends Infer<typeof PodsMetricStatus> {}

/** What the pods use of a resource now. */
export const ResourceMetricStatus = s.struct('autoscaling.v2.ResourceMetricStatus', {
  name: s.string(),
  current: MetricValueStatus,
})
export interface ResourceMetricStatus extends Infer<typeof ResourceMetricStatus> {}

/** The last value read of one metric; `type` says which source is set. */
export const MetricStatus = s.struct('autoscaling.v2.MetricStatus', {
  type: s.string(),
  object: ObjectMetricStatus.optional(),
  pods: PodsMetricStatus.optional(),
  resource: ResourceMetricStatus.optional(),
  containerResource: ContainerResourceMetricStatus.optional(),
  external: ExternalMetricStatus.optional(),
})
export interface MetricStatus extends Infer<typeof MetricStatus> {}
