import {
  collected,
  duplicate,
  type FieldErrors,
  type FieldPath,
  required,
} from '../../../machinery/field-error.ts'
import { labelNameErrors } from '../../../machinery/names.ts'
import {
  invalids,
  validateImmutable,
  validateLabels,
} from '../../../machinery/validate-object-meta.ts'
import { validateContainerResources } from '../../core/v1/resource-validation.ts'
import { validateTolerations } from '../../core/v1/scheduling-validation.ts'
import type { RuntimeClass, Scheduling } from './runtime-class.ts'

/** The handler's name, what it costs and where it runs. */
export function* validateRuntimeClass(runtimeClass: RuntimeClass, path: FieldPath): FieldErrors {
  const { handler, overhead, scheduling } = runtimeClass
  const handlerPath = path.child('handler')
  if (handler === '') yield required(handlerPath)
  else yield* invalids(handlerPath, handler, labelNameErrors(handler, false))
  if (overhead !== undefined) {
    const limits = overhead.podFixed ?? {}
    const overheadPath = path.child('overhead')
    yield* collected(validateContainerResources, { limits }, undefined, overheadPath)
  }
  if (scheduling !== undefined) yield* validateScheduling(scheduling, path.child('scheduling'))
}

/** Running pods depend on the handler. */
export function* validateRuntimeClassUpdate(
  runtimeClass: RuntimeClass,
  old: RuntimeClass,
  path: FieldPath,
): FieldErrors {
  yield* validateRuntimeClass(runtimeClass, path)
  yield* validateImmutable(runtimeClass.handler, old.handler, path.child('handler'))
}

function* validateScheduling(scheduling: Scheduling, path: FieldPath): FieldErrors {
  const { nodeSelector, tolerations = [] } = scheduling
  yield* collected(validateLabels, nodeSelector, path.child('nodeSelector'))
  const tolerationsPath = path.child('tolerations')
  yield* collected(validateTolerations, tolerations, tolerationsPath)
  const seen = new Set<string>()
  for (const [index, toleration] of tolerations.entries()) {
    const { key = '', operator = '', value = '', effect = '' } = toleration
    const identity = JSON.stringify([key, operator, value, effect])
    if (seen.has(identity)) yield duplicate(tolerationsPath.index(index), toleration)
    seen.add(identity)
  }
}
