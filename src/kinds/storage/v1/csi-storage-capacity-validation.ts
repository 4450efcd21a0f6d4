import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
} from '../../../machinery/field-error.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { invalids, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import type { CSIStorageCapacity } from './csi-storage-capacity.ts'

/** How much of a class there is, and for which nodes. */
export function* validateCapacity(object: CSIStorageCapacity, path: FieldPath): FieldErrors {
  const { nodeTopology, storageClassName, capacity } = object
  yield* collected(validateLabelSelector, nodeTopology, path.child('nodeTopology'))
  const reasons = subdomainNameErrors(storageClassName, false)
  yield* invalids(path.child('storageClassName'), storageClassName, reasons)
  if (capacity !== undefined && parseQuantity(capacity).sign < 0) {
    yield invalid(path.child('capacity'), capacity, 'must be greater than or equal to 0')
  }
}

/** An object is about one class and one place for ever. */
export function* validateCapacityUpdate(
  object: CSIStorageCapacity,
  old: CSIStorageCapacity,
  path: FieldPath,
): FieldErrors {
  yield* validateCapacity(object, path)
  for (const field of ['nodeTopology', 'storageClassName'] as const) {
    yield* validateImmutable(object[field], old[field], path.child(field))
  }
}
