import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative } from '../../core/v1/field-rules.ts'
import {
  amountOf,
  validateAtMost100Percent,
  validateCountOrPercent,
  validateNotDecremented,
  validateSelectorAndTemplate,
} from '../../core/v1/workload-rules.ts'
import type { DaemonSet, DaemonSetUpdateStrategy } from './daemon-set.ts'

const COUNTS = [
  ...(['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled'] as const),
  ...(['numberReady', 'observedGeneration', 'updatedNumberScheduled'] as const),
  ...(['numberAvailable', 'numberUnavailable', 'collisionCount'] as const),
]

export function* validateDaemonSet({ spec }: DaemonSet, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  const names = { empty: 'daemonset', kind: 'DaemonSet', mayBeAbsent: true }
  yield* validateSelectorAndTemplate(spec, names, specPath)
  yield* validateNonNegative(spec.minReadySeconds ?? 0, specPath.child('minReadySeconds'))
  yield* validateStrategy(spec.updateStrategy, specPath.child('updateStrategy'))
  yield* validateNonNegative(spec.revisionHistoryLimit, specPath.child('revisionHistoryLimit'))
}

export function* validateDaemonSetUpdate(
  daemonSet: DaemonSet,
  old: DaemonSet,
  path: FieldPath,
): FieldErrors {
  const selectorPath = path.child('spec', 'selector')
  yield* validateImmutable(daemonSet.spec.selector, old.spec.selector, selectorPath)
  yield* validateDaemonSet(daemonSet, path)
}

export function* validateDaemonSetStatusUpdate(
  { status }: DaemonSet,
  old: DaemonSet,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  for (const field of COUNTS)
    yield* validateNonNegative(status[field] ?? 0, statusPath.child(field))
  const collisionsPath = statusPath.child('collisionCount')
  yield* validateNotDecremented(status.collisionCount, old.status.collisionCount, collisionsPath)
}

function* validateStrategy(strategy: DaemonSetUpdateStrategy, path: FieldPath): FieldErrors {
  const { type, rollingUpdate } = strategy
  if (type === 'OnDelete') return
  const rollingPath = path.child('rollingUpdate')
  if (type !== 'RollingUpdate') yield notSupported(path, strategy, ['RollingUpdate', 'OnDelete'])
  else if (rollingUpdate === undefined) yield required(rollingPath)
  else {
    const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
    for (const [name, value] of Object.entries({ maxUnavailable, maxSurge })) {
      yield* validateCountOrPercent(value, rollingPath.child(name))
      yield* validateAtMost100Percent(value, rollingPath.child(name))
    }
    const [unavailable, surge] = [amountOf(maxUnavailable), amountOf(maxSurge)]
    if (unavailable !== 0 && surge !== 0) {
      const why = 'may not be set when maxUnavailable is non-zero'
      yield invalid(rollingPath.child('maxSurge'), maxSurge, why)
    } else if (unavailable === 0 && surge === 0) {
      yield required(rollingPath.child('maxUnavailable'), 'cannot be 0 when maxSurge is 0')
    }
  }
}
