import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { dns1123SubdomainErrors } from '../../../machinery/names.ts'

const MOST_BYTES = 63

/** A driver's name is a domain in any case, short enough for a label. */
export function* validateDriverName(name: string, path: FieldPath): FieldErrors {
  if (name === '') {
    yield required(path)
    return
  }
  if (Buffer.byteLength(name) > MOST_BYTES) yield tooLong(path, MOST_BYTES)
  for (const reason of dns1123SubdomainErrors(name.toLowerCase())) yield invalid(path, name, reason)
}
