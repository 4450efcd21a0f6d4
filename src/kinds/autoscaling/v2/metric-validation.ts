import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { pathSegmentErrors } from '../../../machinery/names.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateDnsLabel } from '../../core/v1/field-rules.ts'
import { validateContainerResourceName } from '../../core/v1/resource-validation.ts'
import type {
  CrossVersionObjectReference,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from './metric-spec.ts'

type Source = (typeof SOURCES)[number]

/** In the order in which upstream looks at them. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const
const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
const TARGET_TYPES = ['Utilization', 'Value', 'AverageValue']

type ReferenceRule = (object: CrossVersionObjectReference, path: FieldPath) => FieldErrors

/** One metric, from the one source that its type names. `described`: the rule for its object. */
export function* validateMetric(
  metric: MetricSpec,
  described: ReferenceRule,
  path: FieldPath,
): FieldErrors {
  const { type } = metric
  const typePath = path.child('type')
  if (type === '') yield required(typePath, 'must specify a metric source type')
  if (!TYPES.includes(type)) yield notSupported(typePath, type, TYPES)
  const present = SOURCES.filter((source) => metric[source] !== undefined)
  const [first] = present
  if (first === 'object' && metric.object !== undefined) {
    yield* described(metric.object.describedObject, path.child('object', 'describedObject'))
  }
  if (first !== undefined) yield* validateSource(metric, first, path.child(first))
  const expected = SOURCES.find((source) => source.toLowerCase() === type.toLowerCase())
  if (expected === undefined) yield notSupported(typePath, type, TYPES)
  else if (metric[expected] === undefined) {
    const why = 'must populate information for the given metric source'
    yield required(path.child(expected), why)
  }
  if (present.length === 1) return
  for (const source of present) {
    if (source === expected) continue
    yield forbidden(path.child(source), 'must populate the given metric source only')
  }
}

function* validateSource(metric: MetricSpec, source: Source, path: FieldPath): FieldErrors {
  const { object, external, pods, resource, containerResource } = metric
  const targetPath = path.child('target')
  const identified = source === 'object' ? object : source === 'external' ? external : pods
  const named = source === 'resource' ? resource : containerResource
  if (source === 'resource' || source === 'containerResource') {
    if (named === undefined) return
    yield* validateResource(named.name, source, path.child('name'))
    if (source === 'containerResource') {
      yield* validateContainer(containerResource?.container ?? '', path.child('container'))
    }
    yield* validateTarget(named.target, targetPath)
    yield* validateUse(named.target, targetPath)
  } else if (identified !== undefined) {
    yield* validateIdentifier(identified.metric, path.child('metric'))
    yield* validateTarget(identified.target, targetPath)
    yield* validateValue(identified.target, source, targetPath)
  }
}

function* validateIdentifier({ name }: MetricIdentifier, path: FieldPath): FieldErrors {
  if (name === '') yield required(path.child('name'), 'must specify a metric name')
  else yield* invalids(path.child('name'), name, pathSegmentErrors(name, false))
}

function* validateResource(name: string, source: Source, path: FieldPath): FieldErrors {
  if (name === '') yield required(path, 'must specify a resource name')
  else if (source === 'containerResource')
    yield* collected(validateContainerResourceName, name, path)
}

function* validateContainer(name: string, path: FieldPath): FieldErrors {
  if (name === '') yield required(path, 'must specify a container')
  else yield* validateDnsLabel(name, path)
}

function* validateTarget(target: MetricTarget, path: FieldPath): FieldErrors {
  const { type, averageUtilization } = target
  const typePath = path.child('type')
  if (type === '') yield required(typePath, 'must specify a metric target type')
  if (!TARGET_TYPES.includes(type)) {
    yield invalid(typePath, type, 'must be either Utilization, Value, or AverageValue')
  }
  for (const field of ['value', 'averageValue'] as const) {
    const text = target[field]
    if (text === undefined || parseQuantity(text).sign > 0) continue
    yield invalid(path.child(field), text, 'must be positive')
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    const utilizationPath = path.child('averageUtilization')
    yield invalid(utilizationPath, averageUtilization, 'must be greater than 0')
  }
}

/** Of a resource, either a share of what is requested or an amount. */
function* validateUse(target: MetricTarget, path: FieldPath): FieldErrors {
  const { averageUtilization, averageValue } = target
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = 'must set either a target raw value or a target utilization'
    yield required(path.child('averageUtilization'), why)
  } else if (averageUtilization !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target raw value and a target utilization'
    yield forbidden(path.child('averageValue'), why)
  }
}

/** Of any other metric, the value as a whole or for each pod. */
function* validateValue(target: MetricTarget, source: Source, path: FieldPath): FieldErrors {
  const { value, averageValue } = target
  const averagePath = path.child('averageValue')
  if (source === 'pods') {
    if (averageValue === undefined) {
      yield required(averagePath, 'must specify a positive target averageValue')
    }
  } else if (value === undefined && averageValue === undefined) {
    const what =
      source === 'object' ? 'value or averageValue' : 'value for metric or a per-pod target'
    yield required(averagePath, `must set either a target ${what}`)
  } else if (source === 'external' && value !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target value for metric and a per-pod target'
    yield forbidden(path.child('value'), why)
  }
}
