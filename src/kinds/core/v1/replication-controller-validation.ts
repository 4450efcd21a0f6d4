import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import { Selector } from '../../../machinery/label-selector.ts'
import { validateNonNegative } from './field-rules.ts'
import type { ReplicationController } from './replication-controller.ts'
import { validateCounts, validateTemplate } from './workload-rules.ts'

export function* validateReplicationController(
  { spec }: ReplicationController,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  const { replicas, minReadySeconds, selector = {}, template } = spec
  yield* validateNonNegative(minReadySeconds ?? 0, specPath.child('minReadySeconds'))
  if (Object.keys(selector).length === 0) yield required(specPath.child('selector'))
  yield* validateNonNegative(replicas, specPath.child('replicas'))
  const templatePath = specPath.child('template')
  if (template === undefined) yield required(templatePath)
  else {
    const compiled = Selector.fromLabels(selector)
    yield* validateTemplate(template, compiled, 'ReplicationController', templatePath)
  }
}

export function* validateReplicationControllerUpdate(
  controller: ReplicationController,
  _old: ReplicationController,
  path: FieldPath,
): FieldErrors {
  yield* validateReplicationController(controller, path)
}

export function* validateReplicationControllerStatusUpdate(
  { status }: ReplicationController,
  _old: ReplicationController,
  path: FieldPath,
): FieldErrors {
  yield* validateCounts(
    status,
    [
      ...(['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'] as const),
      'observedGeneration',
    ],
    ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
    path.child('status'),
  )
}
