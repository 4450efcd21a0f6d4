import {
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
import { validateNonNegative } from '../../core/v1/field-rules.ts'
import type {
  HorizontalPodAutoscaler,
  HPAScalingPolicy,
  HPAScalingRules,
} from './horizontal-pod-autoscaler.ts'
import type { CrossVersionObjectReference } from './metric-spec.ts'
import { validateMetric } from './metric-validation.ts'

const MOST_WINDOW_SECONDS = 3600
const MOST_PERIOD_SECONDS = 1800
const SELECT_POLICIES = ['Disabled', 'Max', 'Min']
const POLICY_TYPES = ['Percent', 'Pods']

export function* validateAutoscaler(
  autoscaler: HorizontalPodAutoscaler,
  path: FieldPath,
): FieldErrors {
  yield* validateSpec(autoscaler, undefined, path.child('spec'))
}

export function* validateAutoscalerUpdate(
  autoscaler: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler,
  path: FieldPath,
): FieldErrors {
  yield* validateSpec(autoscaler, old, path.child('spec'))
}

export function* validateAutoscalerStatusUpdate(
  { status }: HorizontalPodAutoscaler,
  _old: HorizontalPodAutoscaler,
  path: FieldPath,
): FieldErrors {
  for (const field of ['currentReplicas', 'desiredReplicas'] as const) {
    yield* validateNonNegative(status[field] ?? 0, path.child('status', field))
  }
}

/** What has been allowed once stays allowed: no replicas, and the name of the target's version. */
function* validateSpec(
  { spec }: HorizontalPodAutoscaler,
  old: HorizontalPodAutoscaler | undefined,
  path: FieldPath,
): FieldErrors {
  const { minReplicas, maxReplicas, scaleTargetRef: target, metrics, behavior } = spec
  const least = old?.spec.minReplicas === 0 ? 0 : 1
  if (minReplicas < least) {
    const why = `must be greater than or equal to ${least}`
    yield invalid(path.child('minReplicas'), minReplicas, why)
  }
  const maxPath = path.child('maxReplicas')
  if (maxReplicas === 0) yield required(maxPath, 'must be set and greater than 0')
  else if (maxReplicas < 0)
    yield invalid(maxPath, maxReplicas, 'must be greater than or equal to 1')
  if (maxReplicas < minReplicas) {
    yield invalid(maxPath, maxReplicas, 'must be greater than or equal to `minReplicas`')
  }
  const oldTarget = old?.spec.scaleTargetRef
  const isSame = oldTarget?.apiVersion === target.apiVersion && oldTarget?.kind === target.kind
  const needsGroup = target.kind !== 'ReplicationController'
  const targetPath = path.child('scaleTargetRef')
  yield* validateReference(target, targetPath)
  if (!isSame) yield* validateApiVersion(target, needsGroup, targetPath)
  for (const [index, metric] of metrics.entries()) {
    yield* validateMetric(metric, validateDescribed, path.child('metrics').index(index))
  }
  const scalesFromOutside = metrics.some(({ type }) => type === 'Object' || type === 'External')
  if (minReplicas === 0 && !scalesFromOutside) {
    const why = 'must specify at least one Object or External metric to support scaling to zero'
    yield forbidden(path.child('metrics'), `${why} replicas`)
  }
  for (const direction of ['scaleUp', 'scaleDown'] as const) {
    const rules = behavior?.[direction]
    if (rules !== undefined) yield* validateRules(rules, path.child('behavior', direction))
  }
}

function* validateDescribed(object: CrossVersionObjectReference, path: FieldPath): FieldErrors {
  yield* validateReference(object, path)
  yield* validateApiVersion(object, false, path)
}

function* validateReference(reference: CrossVersionObjectReference, path: FieldPath): FieldErrors {
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field]
    if (value === '') yield required(path.child(field))
    else yield* invalids(path.child(field), value, pathSegmentErrors(value, false))
  }
}

function* validateApiVersion(
  { apiVersion = '' }: CrossVersionObjectReference,
  needsGroup: boolean,
  path: FieldPath,
): FieldErrors {
  const versionPath = path.child('apiVersion')
  if (apiVersion.split('/').length > 2) {
    yield invalid(versionPath, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)
  } else if (needsGroup && !/^[^/]+\//.test(apiVersion)) {
    yield invalid(versionPath, apiVersion, 'apiVersion must specify API group')
  }
}

function* validateRules(rules: HPAScalingRules, path: FieldPath): FieldErrors {
  const { stabilizationWindowSeconds: seconds = 0, selectPolicy, policies = [] } = rules
  const windowPath = path.child('stabilizationWindowSeconds')
  if (seconds < 0) yield invalid(windowPath, seconds, 'must be greater than or equal to zero')
  if (seconds > MOST_WINDOW_SECONDS) {
    yield invalid(windowPath, seconds, `must be less than or equal to ${MOST_WINDOW_SECONDS}`)
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    yield notSupported(path.child('selectPolicy'), selectPolicy, SELECT_POLICIES)
  }
  const policiesPath = path.child('policies')
  if (policies.length === 0) yield required(policiesPath, 'must specify at least one Policy')
  for (const [index, policy] of policies.entries()) {
    yield* validatePolicy(policy, policiesPath.index(index))
  }
  if (rules.tolerance !== undefined && parseQuantity(rules.tolerance).sign < 0) {
    const why = 'must be greater than or equal to 0'
    yield invalid(path.child('tolerance'), rules.tolerance, why)
  }
}

function* validatePolicy(
  { type, value, periodSeconds: period }: HPAScalingPolicy,
  path: FieldPath,
): FieldErrors {
  const periodPath = path.child('periodSeconds')
  if (!POLICY_TYPES.includes(type)) yield notSupported(path.child('type'), type, POLICY_TYPES)
  if (value <= 0) yield invalid(path.child('value'), value, 'must be greater than zero')
  if (period <= 0) yield invalid(periodPath, period, 'must be greater than zero')
  if (period > MOST_PERIOD_SECONDS) {
    yield invalid(periodPath, period, `must be less than or equal to ${MOST_PERIOD_SECONDS}`)
  }
}
