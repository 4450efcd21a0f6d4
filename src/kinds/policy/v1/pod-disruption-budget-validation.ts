import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
} from '../../../machinery/field-error.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { validateNonNegative } from '../../core/v1/field-rules.ts'
import { validateAtMost100Percent, validateCountOrPercent } from '../../core/v1/workload-rules.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import type { PodDisruptionBudget } from './pod-disruption-budget.ts'

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget']

export function* validatePodDisruptionBudget(
  { spec }: PodDisruptionBudget,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) {
    yield invalid(specPath, spec, 'minAvailable and maxUnavailable cannot be both set')
  }
  for (const field of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec[field]
    if (value === undefined) continue
    yield* validateCountOrPercent(value, specPath.child(field))
    yield* validateAtMost100Percent(value, specPath.child(field))
  }
  yield* collected(validateLabelSelector, spec.selector, specPath.child('selector'))
  const { unhealthyPodEvictionPolicy: policy } = spec
  if (policy === undefined || EVICTION_POLICIES.includes(policy)) return
  yield notSupported(specPath.child('unhealthyPodEvictionPolicy'), policy, EVICTION_POLICIES)
}

export function* validatePodDisruptionBudgetStatusUpdate(
  { status }: PodDisruptionBudget,
  _old: PodDisruptionBudget,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  yield* validateMetaConditions(status.conditions, statusPath.child('conditions'))
  const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const
  for (const field of counts) {
    yield* validateNonNegative(status[field] ?? 0, statusPath.child(field))
  }
}
