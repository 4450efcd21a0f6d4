import { type FieldErrors, type FieldPath, invalid } from '../../../machinery/field-error.ts'
import { qualifiedNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { Namespace } from './namespace.ts'

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion']

export function* validateNamespace({ spec }: Namespace, path: FieldPath): FieldErrors {
  for (const finalizer of spec.finalizers ?? []) {
    yield* validateFinalizerName(finalizer, path.child('spec', 'finalizers'))
  }
}

/** An update cannot change the spec, and metadata is checked for all kinds alike. */
export function* validateNamespaceUpdate(): FieldErrors {}

/** The phase follows from whether the namespace is being deleted. */
export function* validateNamespaceStatusUpdate(
  { metadata, status }: Namespace,
  _old: Namespace,
  path: FieldPath,
): FieldErrors {
  const phasePath = path.child('status', 'Phase')
  const isDeleted = metadata.deletionTimestamp !== undefined
  if (!isDeleted && status.phase !== 'Active') {
    const why = "may only be 'Active' if `deletionTimestamp` is empty"
    yield invalid(phasePath, status.phase, why)
  }
  if (isDeleted && status.phase !== 'Terminating') {
    const why = "may only be 'Terminating' if `deletionTimestamp` is not empty"
    yield invalid(phasePath, status.phase, why)
  }
}

/** What the finalize subresource may write. */
export function* validateNamespaceFinalize(
  { spec }: Namespace,
  _old: Namespace,
  path: FieldPath,
): FieldErrors {
  for (const [index, finalizer] of (spec.finalizers ?? []).entries()) {
    yield* validateFinalizerName(finalizer, path.child('spec', 'finalizers').index(index))
  }
}

/** A finalizer is one of the standard ones, or has a domain in front. */
function* validateFinalizerName(finalizer: string, path: FieldPath): FieldErrors {
  yield* invalids(path, finalizer, qualifiedNameErrors(finalizer))
  if (finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer)) return
  const why = 'name is neither a standard finalizer name nor is it fully qualified'
  yield invalid(path, finalizer, why)
}
