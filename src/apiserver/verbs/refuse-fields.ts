import type { FieldError } from '../../machinery/field-error.ts'
import type { AdmissionAttributes } from '../admission/admission.ts'
import type { WriteContext } from './write-context.ts'

/**
 * Throws `error`, which `check` has thrown, with what plugins find in the fields before it: as
 * upstream's strategies, which ask whether somebody may write a field before whether it is valid.
 */
export async function refuseFields(
  error: unknown,
  { admission }: WriteContext,
  attributes: AdmissionAttributes,
  check: (first: readonly FieldError[]) => void,
): Promise<never> {
  const first = await admission.fieldErrors(attributes)
  if (first.length > 0) check(first)
  throw error
}
