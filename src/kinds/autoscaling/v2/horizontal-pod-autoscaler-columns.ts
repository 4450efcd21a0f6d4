import type { PrinterColumn } from '../../../machinery/kind.ts'
import { ageColumn } from '../../column-text.ts'
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import type { MetricSpec, MetricTarget } from './metric-spec.ts'
import type { MetricStatus, MetricValueStatus } from './metric-status.ts'

const SHOWN_METRICS = 2

/** What `kubectl get horizontalpodautoscalers` shows. */
export const horizontalPodAutoscalerColumns: readonly PrinterColumn<HorizontalPodAutoscaler>[] = [
  {
    name: 'Reference',
    type: 'string',
    of: ({ spec: { scaleTargetRef } }) => `${scaleTargetRef.kind}/${scaleTargetRef.name}`,
  },
  { name: 'Targets', type: 'string', of: metricsText },
  { name: 'MinPods', type: 'string', of: ({ spec }) => `${spec.minReplicas}` },
  { name: 'MaxPods', type: 'string', of: ({ spec }) => spec.maxReplicas },
  { name: 'Replicas', type: 'string', of: ({ status }) => status.currentReplicas ?? 0 },
  ageColumn,
]

function metricsText({ spec, status }: HorizontalPodAutoscaler): string {
  const { metrics } = spec
  if (metrics.length === 0) return '<none>'
  const texts = metrics.map((metric, index) => metricText(metric, status.currentMetrics?.[index]))
  const shown = texts.slice(0, SHOWN_METRICS).join(', ')
  const more = texts.length - SHOWN_METRICS
  return more > 0 ? `${shown} + ${more} more...` : shown
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { external, pods, object, resource, containerResource } = metric
  switch (metric.type) {
    case 'External':
      return external === undefined ? '' : valueText(external.target, status?.external?.current)
    case 'Object':
      return object === undefined ? '' : valueText(object.target, status?.object?.current)
    case 'Pods':
      return `${status?.pods?.current.averageValue ?? '<unknown>'}/${pods?.target.averageValue}`
    case 'Resource':
      return resource === undefined ? '' : resourceText(resource, status?.resource?.current)
    case 'ContainerResource':
      return containerResource === undefined
        ? ''
        : resourceText(containerResource, status?.containerResource?.current)
    default:
      return '<unknown type>'
  }
}

function valueText(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) {
    return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`
  }
  return `${current?.value ?? '<unknown>'}/${target.value ?? '0'}`
}

function resourceText(
  { name, target }: { readonly name: string; readonly target: MetricTarget },
  current: MetricValueStatus | undefined,
): string {
  if (target.averageValue !== undefined) {
    return `${name}: ${current?.averageValue ?? '<unknown>'}/${target.averageValue}`
  }
  const used = percent(current?.averageUtilization, '<unknown>')
  return `${name}: ${used}/${percent(target.averageUtilization, '<auto>')}`
}

function percent(value: number | undefined, whenAbsent: string): string {
  return value === undefined ? whenAbsent : `${value}%`
}
