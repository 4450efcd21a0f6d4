import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** The value that a metric should have. */
export const MetricTarget = s.struct('autoscaling.v2.MetricTarget', {
  type: s.string(),
  value: s.quantity().optional().pointer(),
  averageValue: s.quantity().optional().pointer(),
  averageUtilization: s.int32().optional().pointer(),
})
export interface MetricTarget extends Infer<typeof MetricTarget> {}

/** Scale by how much one container of each pod uses of a resource. */
export const ContainerResourceMetricSource = s.struct(
  'autoscaling.v2.ContainerResourceMetricSource',
  {
    name: s.string(),
    target: MetricTarget,
    container: s.string(),
  },
)
export interface ContainerResourceMetricSource
  extends Infer<typeof ContainerResourceMetricSource> {}

/** An object by kind and name. */
export const CrossVersionObjectReference = s.struct('autoscaling.v2.CrossVersionObjectReference', {
  kind: s.string(),
  name: s.string(),
  apiVersion: s.string().optional(),
})
export interface CrossVersionObjectReference extends Infer<typeof CrossVersionObjectReference> {}

/** A metric by name and selector. */
export const MetricIdentifier = s.struct('autoscaling.v2.MetricIdentifier', {
  name: s.string(),
  selector: LabelSelector.optional(),
})
export interface MetricIdentifier extends Infer<typeof MetricIdentifier> {}

/** Scale by a metric that belongs to no object of the cluster. */
export const ExternalMetricSource = s.struct('autoscaling.v2.ExternalMetricSource', {
  metric: MetricIdentifier,
  target: MetricTarget,
})
export interface ExternalMetricSource extends Infer<typeof ExternalMetricSource> {}

/** Scale by a metric of one object. */
export const ObjectMetricSource = s.struct('autoscaling.v2.ObjectMetricSource', {
  describedObject: CrossVersionObjectReference,
  target: MetricTarget,
  metric: MetricIdentifier,
})
export interface ObjectMetricSource extends Infer<typeof ObjectMetricSource> {}

/** Scale by the average of a metric over the pods. */
export const PodsMetricSource = s.struct('autoscaling.v2.PodsMetricSource', {
  metric: MetricIdentifier,
  target: MetricTarget,
})
export interface PodsMetricSource extends Infer<typeof PodsMetricSource> {}

/** Scale by how much the pods use of a resource. */
export const ResourceMetricSource = s.struct('autoscaling.v2.ResourceMetricSource', {
  name: s.string(),
  target: MetricTarget,
})
export interface ResourceMetricSource extends Infer<typeof ResourceMetricSource> {}

/** One metric to scale by; `type` says which of the sources is set. */
export const MetricSpec = s.struct('autoscaling.v2.MetricSpec', {
  type: s.string(),
  object: ObjectMetricSource.optional(),
  pods: PodsMetricSource.optional(),
  resource: ResourceMetricSource.optional(),
  containerResource: ContainerResourceMetricSource.optional(),
  external: ExternalMetricSource.optional(),
})
export interface MetricSpec extends Infer<typeof MetricSpec> {}
