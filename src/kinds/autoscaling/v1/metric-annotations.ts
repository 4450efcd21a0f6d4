import type { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import type { CrossVersionObjectReference, MetricSpec, MetricTarget } from '../v2/metric-spec.ts'
import type { MetricStatus, MetricValueStatus } from '../v2/metric-status.ts'

/** A metric as the annotations of autoscaling/v1 write it: flat, with names of its own. */
interface FlatSource {
  readonly name?: string | undefined
  readonly container?: string | undefined
  readonly metricName?: string | undefined
  readonly target?: CrossVersionObjectReference | undefined
  readonly selector?: LabelSelector | undefined
  readonly metricSelector?: LabelSelector | undefined
  readonly targetValue?: string | undefined
  readonly targetAverageValue?: string | undefined
  readonly targetAverageUtilization?: number | undefined
  readonly currentValue?: string | undefined
  readonly currentAverageValue?: string | undefined
  readonly currentAverageUtilization?: number | undefined
  readonly averageValue?: string | undefined
}

/** One metric of an annotation; `type` says which of the sources is set. */
export interface FlatMetric {
  readonly type: string
  readonly object?: FlatSource | undefined
  readonly pods?: FlatSource | undefined
  readonly resource?: FlatSource | undefined
  readonly containerResource?: FlatSource | undefined
  readonly external?: FlatSource | undefined
}

/** A metric's target, as the annotation of autoscaling/v1 writes it. */
export function flatSpec(metric: MetricSpec): FlatMetric {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      targetValue: object.target.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && flatResource(resource),
    containerResource: containerResource && {
      ...flatResource(containerResource),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  }
}

/** The way back of `flatSpec`. */
export function specOfFlat(metric: FlatMetric): MetricSpec {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type,
    object: object && {
      describedObject: object.target ?? { kind: '', name: '' },
      metric: { name: object.metricName ?? '', selector: object.selector },
      target: objectTarget(object),
    },
    pods: pods && {
      metric: { name: pods.metricName ?? '', selector: pods.selector },
      target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
    },
    resource: resource && { name: resource.name ?? '', target: resourceTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      container: containerResource.container ?? '',
      target: resourceTarget(containerResource),
    },
    external: external && {
      metric: { name: external.metricName ?? '', selector: external.metricSelector },
      target: {
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      },
    },
  }
}

/** A metric's current value, as the annotation of autoscaling/v1 writes it. */
export function flatStatus(metric: MetricStatus): FlatMetric {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      currentValue: object.current.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...flatCurrent(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      ...flatCurrent(containerResource.current),
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? '0',
      currentAverageValue: external.current.averageValue,
    },
  }
}

/** The way back of `flatStatus`. */
export function statusOfFlat(metric: FlatMetric): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = metric
  return {
    type,
    object: object && {
      describedObject: object.target ?? { kind: '', name: '' },
      metric: { name: object.metricName ?? '', selector: object.selector },
      current: { value: object.currentValue, averageValue: object.averageValue },
    },
    pods: pods && {
      metric: { name: pods.metricName ?? '', selector: pods.selector },
      current: { averageValue: pods.currentAverageValue },
    },
    resource: resource && { name: resource.name ?? '', current: resourceCurrent(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? '',
      container: containerResource.container ?? '',
      current: resourceCurrent(containerResource),
    },
    external: external && {
      metric: { name: external.metricName ?? '', selector: external.metricSelector },
      current: { value: external.currentValue, averageValue: external.currentAverageValue },
    },
  }
}

function flatResource({ name, target }: { name: string; target: MetricTarget }): FlatSource {
  return {
    name,
    targetAverageUtilization: target.averageUtilization,
    targetAverageValue: target.averageValue,
  }
}

function flatCurrent(current: MetricValueStatus): FlatSource {
  return {
    currentAverageUtilization: current.averageUtilization,
    currentAverageValue: current.averageValue ?? '0',
  }
}

function objectTarget({ targetValue = '0', averageValue }: FlatSource): MetricTarget {
  if (averageValue === undefined) return { type: 'Value', value: targetValue }
  const value = targetValue === '0' ? {} : { value: targetValue }
  return { type: 'AverageValue', ...value, averageValue }
}

function resourceTarget(source: FlatSource): MetricTarget {
  return {
    type: source.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageValue: source.targetAverageValue,
    averageUtilization: source.targetAverageUtilization,
  }
}

function resourceCurrent(source: FlatSource): MetricValueStatus {
  return {
    averageValue: source.currentAverageValue,
    averageUtilization: source.currentAverageUtilization,
  }
}
