import type { KubeObject, StoredAs } from '../../../machinery/kind.ts'
import { HorizontalPodAutoscaler as Stored } from '../v2/horizontal-pod-autoscaler.ts'
import type { MetricSpec } from '../v2/metric-spec.ts'
import type { MetricStatus } from '../v2/metric-status.ts'
import { behaviorText, parsedBehavior } from './behavior-annotation.ts'
import type { HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import {
  type FlatMetric,
  flatSpec,
  flatStatus,
  specOfFlat,
  statusOfFlat,
} from './metric-annotations.ts'

const PREFIX = 'autoscaling.alpha.kubernetes.io/'
const METRICS = `${PREFIX}metrics`
const CURRENT_METRICS = `${PREFIX}current-metrics`
const CONDITIONS = `${PREFIX}conditions`
const BEHAVIOR = `${PREFIX}behavior`
const DEFAULT_UTILIZATION = 80

/**
 * Autoscalers are stored as v2. What v1 has no fields for (all metrics but the use of processors,
 * the behavior and the conditions) travels in its annotations.
 */
export const horizontalPodAutoscalerConversion: StoredAs = {
  kind: () => Stored,
  toStored: (object: KubeObject) => toV2(object as HorizontalPodAutoscaler),
  fromStored: (object: KubeObject) => toV1(object as Stored),
}

function toV1({ spec, status, metadata, ...names }: Stored): HorizontalPodAutoscaler {
  const metrics = spec.metrics ?? []
  const others = metrics.filter((metric) => utilizationOf(metric) === undefined)
  const current = status.currentMetrics ?? []
  const written = {
    ...(others.length > 0 ? { [METRICS]: JSON.stringify(others.map(flatSpec)) } : {}),
    ...(current.length > 0 ? { [CURRENT_METRICS]: JSON.stringify(current.map(flatStatus)) } : {}),
    ...(spec.behavior === undefined ? {} : { [BEHAVIOR]: behaviorText(spec.behavior) }),
    ...(status.conditions?.length
      ? { [CONDITIONS]: JSON.stringify(status.conditions.map(inGoOrder)) }
      : {}),
  }
  const target = firstOf(metrics, utilizationOf)
  const used = firstOf(current, currentUtilizationOf)
  return {
    ...names,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(metadata, { ...kept(metadata.annotations), ...written }),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }),
    },
    status: {
      ...pick(status, 'observedGeneration'),
      ...pick(status, 'lastScaleTime'),
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas,
      ...(used === undefined ? {} : { currentCPUUtilizationPercentage: used }),
    },
  }
}

function toV2({ spec, status, metadata, ...names }: HorizontalPodAutoscaler): Stored {
  const { annotations = {} } = metadata
  const target = spec.targetCPUUtilizationPercentage
  const others = parsedMetrics(annotations[METRICS])?.map(specOfFlat) ?? []
  const metrics = [...others, ...(target === undefined ? [] : [cpuMetric(target)])]
  const used = status.currentCPUUtilizationPercentage
  const current =
    parsedMetrics(annotations[CURRENT_METRICS])?.map(statusOfFlat) ??
    (used === undefined ? undefined : [cpuStatus(used)])
  const behavior = parsedBehavior(annotations[BEHAVIOR])
  const conditions = parsed<NonNullable<Stored['status']['conditions']>>(annotations[CONDITIONS])
  return {
    ...names,
    apiVersion: Stored.apiVersion,
    metadata: withAnnotations(metadata, kept(metadata.annotations)),
    spec: {
      scaleTargetRef: spec.scaleTargetRef,
      minReplicas: spec.minReplicas,
      maxReplicas: spec.maxReplicas,
      metrics: metrics.length > 0 ? metrics : [cpuMetric(DEFAULT_UTILIZATION)],
      ...(behavior === undefined ? {} : { behavior }),
    },
    status: {
      ...pick(status, 'observedGeneration'),
      ...pick(status, 'lastScaleTime'),
      ...(status.currentReplicas === 0 ? {} : pick(status, 'currentReplicas')),
      desiredReplicas: status.desiredReplicas,
      currentMetrics: current ?? [],
      ...(conditions === undefined ? {} : { conditions }),
    },
  }
}

/** As Go writes a condition: texts are compared. */
function inGoOrder(condition: NonNullable<Stored['status']['conditions']>[number]) {
  const { type, status, lastTransitionTime, ...words } = condition
  return { type, status, lastTransitionTime: lastTransitionTime ?? null, ...words }
}

function cpuMetric(averageUtilization: number): MetricSpec {
  const target = { type: 'Utilization', averageUtilization }
  return { type: 'Resource', resource: { name: 'cpu', target } }
}

function cpuStatus(averageUtilization: number): MetricStatus {
  return { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization } } }
}

function utilizationOf({ type, resource }: MetricSpec): number | undefined {
  if (type !== 'Resource' || resource?.name !== 'cpu') return undefined
  return resource.target.averageUtilization
}

function currentUtilizationOf({ type, resource }: MetricStatus): number | undefined {
  if (type !== 'Resource' || resource?.name !== 'cpu') return undefined
  return resource.current.averageUtilization
}

function firstOf<T>(items: readonly T[], of: (item: T) => number | undefined): number | undefined {
  for (const item of items) {
    const value = of(item)
    if (value !== undefined) return value
  }
  return undefined
}

type Annotations = Readonly<Record<string, string>>

/** Annotations that carry no fields; undefined when there are none. */
function kept(annotations: Annotations | undefined): Annotations {
  const entries = Object.entries(annotations ?? {}).filter(([key]) => !key.startsWith(PREFIX))
  return Object.fromEntries(entries)
}

function withAnnotations<M extends { readonly annotations?: Annotations | undefined }>(
  metadata: M,
  annotations: Annotations,
): M {
  const { annotations: _, ...rest } = metadata
  return (Object.keys(annotations).length === 0 ? rest : { ...rest, annotations }) as M
}

function parsedMetrics(text: string | undefined): readonly FlatMetric[] | undefined {
  const metrics = parsed<unknown>(text)
  return Array.isArray(metrics) ? metrics : undefined
}

/** What an annotation holds; broken ones are ignored, as upstream does. */
function parsed<T>(text: string | undefined): T | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as T
  } catch {
    return undefined
  }
}

function pick<T, K extends keyof T>(object: T, key: K): Pick<T, K> | Record<string, never> {
  return object[key] === undefined ? {} : ({ [key]: object[key] } as Pick<T, K>)
}
