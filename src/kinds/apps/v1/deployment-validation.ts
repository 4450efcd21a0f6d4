import {
  type FieldErrors,
  type FieldPath,
  forbidden,
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
  validateCounts,
  validateNotDecremented,
  validateSelectorAndTemplate,
} from '../../core/v1/workload-rules.ts'
import type { Deployment, DeploymentStrategy } from './deployment.ts'

const STRATEGIES = ['Recreate', 'RollingUpdate']

export function* validateDeployment({ spec }: Deployment, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  const { minReadySeconds = 0, progressDeadlineSeconds } = spec
  yield* validateNonNegative(spec.replicas, specPath.child('replicas'))
  const names = { empty: 'deployment', kind: 'ReplicaSet' }
  yield* validateSelectorAndTemplate(spec, names, specPath)
  yield* validateStrategy(spec.strategy, specPath.child('strategy'))
  yield* validateNonNegative(minReadySeconds, specPath.child('minReadySeconds'))
  yield* validateNonNegative(spec.revisionHistoryLimit, specPath.child('revisionHistoryLimit'))
  const deadlinePath = specPath.child('progressDeadlineSeconds')
  yield* validateNonNegative(progressDeadlineSeconds, deadlinePath)
  if (progressDeadlineSeconds <= minReadySeconds) {
    yield invalid(deadlinePath, progressDeadlineSeconds, 'must be greater than minReadySeconds')
  }
}

export function* validateDeploymentUpdate(
  deployment: Deployment,
  old: Deployment,
  path: FieldPath,
): FieldErrors {
  yield* validateDeployment(deployment, path)
  const selectorPath = path.child('spec', 'selector')
  yield* validateImmutable(deployment.spec.selector, old.spec.selector, selectorPath)
}

export function* validateDeploymentStatusUpdate(
  { status }: Deployment,
  old: Deployment,
  path: FieldPath,
): FieldErrors {
  const statusPath = path.child('status')
  yield* validateCounts(
    status,
    [
      ...(['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas'] as const),
      ...(['availableReplicas', 'unavailableReplicas', 'terminatingReplicas'] as const),
      'collisionCount',
    ],
    ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
    statusPath,
  )
  const collisionsPath = statusPath.child('collisionCount')
  yield* validateNotDecremented(status.collisionCount, old.status.collisionCount, collisionsPath)
}

function* validateStrategy(strategy: DeploymentStrategy, path: FieldPath): FieldErrors {
  const { type, rollingUpdate } = strategy
  const rollingPath = path.child('rollingUpdate')
  if (type === 'Recreate') {
    if (rollingUpdate === undefined) return
    yield forbidden(rollingPath, "may not be specified when strategy `type` is 'Recreate'")
  } else if (type !== 'RollingUpdate') yield notSupported(path, strategy, STRATEGIES)
  else if (rollingUpdate === undefined) {
    yield required(rollingPath, 'this should be defaulted and never be nil')
  } else {
    const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate
    const unavailablePath = rollingPath.child('maxUnavailable')
    yield* validateCountOrPercent(maxUnavailable, unavailablePath)
    yield* validateCountOrPercent(maxSurge, rollingPath.child('maxSurge'))
    if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
      yield invalid(unavailablePath, maxUnavailable, 'may not be 0 when `maxSurge` is 0')
    }
    yield* validateAtMost100Percent(maxUnavailable, unavailablePath)
  }
}
