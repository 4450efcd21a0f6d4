import type { FieldErrors, FieldPath } from '../../../machinery/field-error.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative } from '../../core/v1/field-rules.ts'
import { validateCounts, validateSelectorAndTemplate } from '../../core/v1/workload-rules.ts'
import type { ReplicaSet } from './replica-set.ts'

export function* validateReplicaSet({ spec }: ReplicaSet, path: FieldPath): FieldErrors {
  const specPath = path.child('spec')
  yield* validateNonNegative(spec.replicas, specPath.child('replicas'))
  yield* validateNonNegative(spec.minReadySeconds ?? 0, specPath.child('minReadySeconds'))
  const names = { empty: 'deployment', kind: 'ReplicaSet' }
  yield* validateSelectorAndTemplate(spec, names, specPath)
}

export function* validateReplicaSetUpdate(
  replicaSet: ReplicaSet,
  old: ReplicaSet,
  path: FieldPath,
): FieldErrors {
  yield* validateReplicaSet(replicaSet, path)
  const selectorPath = path.child('spec', 'selector')
  yield* validateImmutable(replicaSet.spec.selector, old.spec.selector, selectorPath)
}

export function* validateReplicaSetStatusUpdate(
  { status }: ReplicaSet,
  _old: ReplicaSet,
  path: FieldPath,
): FieldErrors {
  yield* validateCounts(
    status,
    [
      ...(['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const),
      ...(['observedGeneration', 'terminatingReplicas'] as const),
    ],
    ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    path.child('status'),
  )
}
