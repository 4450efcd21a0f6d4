import { type FieldErrors, type FieldPath, invalid } from '../../../machinery/field-error.ts'

const MOST_BYTES = 256

/** The text of a deprecated version goes into a header: one short printable line. */
export function* validateDeprecation(
  version: {
    readonly deprecated?: boolean | undefined
    readonly deprecationWarning?: string | undefined
  },
  path: FieldPath,
): FieldErrors {
  const { deprecated = false, deprecationWarning: warning } = version
  if (warning === undefined) return
  if (!deprecated) {
    yield invalid(path, warning, 'can only be set for deprecated versions')
    return
  }
  if (Buffer.byteLength(warning) > MOST_BYTES) {
    yield invalid(path, warning, `must be <= ${MOST_BYTES} characters long`)
  }
  if (warning === '') yield invalid(path, warning, 'must not be an empty string')
  const [before] = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*/u.exec(warning) ?? ['']
  if (before.length === warning.length) return
  const place = Buffer.byteLength(before)
  const what = 'must only contain printable UTF-8 characters'
  yield invalid(path, warning, `${what}; non-printable character found at index ${place}`)
}
