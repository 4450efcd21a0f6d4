import type { FieldError } from '../../machinery/field-error.ts'
import type { AdmissionAttributes } from '../admission/admission.ts'
import type { WriteContext } from './write-context.ts'

/**
 * Judges the fields of what is written: `check` throws for what is invalid. What plugins find in
 * them is then told before it, as by upstream's strategies, which ask whether somebody may write a
 * field before whether it is valid. A promise, which rejects, for what is invalid alone.
 */
export function checkFields(
  context: WriteContext,
  attributes: AdmissionAttributes,
  check: (first?: readonly FieldError[]) => void,
): Promise<never> | undefined {
  try {
    check()
    return undefined
  } catch (error) {
    return refuse(error, context, attributes, check)
  }
}

async function refuse(
  error: unknown,
  { admission }: WriteContext,
  attributes: AdmissionAttributes,
  check: (first: readonly FieldError[]) => void,
): Promise<never> {
  const first = await admission.fieldErrors(attributes)
  if (first.length > 0) check(first)
  throw error
}
