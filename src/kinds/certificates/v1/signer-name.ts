import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../machinery/names.ts'

const MOST_DOMAIN = 253
const MOST_NAME = MOST_DOMAIN + 253 + 63 + 2

/** Rules of a signer's name: `example.com/signer-name`. */
export function* validateSignerName(name: string, path: FieldPath): FieldErrors {
  if (name === '') {
    yield required(path)
    return
  }
  const [domain = '', local = '', ...more] = name.split('/')
  if (!name.includes('/') || more.length > 0) {
    const form = "'example.com/signer-name'"
    yield invalid(path, name, `must be a fully qualified domain and path of the form ${form}`)
    return
  }
  if (domain.length > MOST_DOMAIN) yield tooLong(path, MOST_DOMAIN)
  yield* validateLabels(domain, dns1123LabelErrors, path)
  if (!domain.includes('.')) {
    yield invalid(path, domain, 'should be a domain with at least two segments separated by dots')
  }
  yield* validateLabels(local, dns1123SubdomainErrors, path)
  if (name.length > MOST_NAME) yield tooLong(path, MOST_NAME)
}

/** All that is wrong with the first wrong label: more would only repeat it. */
function* validateLabels(
  segment: string,
  errorsOf: (label: string) => readonly string[],
  path: FieldPath,
): FieldErrors {
  const wrong = segment.split('.').find((label) => errorsOf(label).length > 0)
  if (wrong === undefined) return
  for (const error of errorsOf(wrong)) {
    yield invalid(path, segment, `validating label ${JSON.stringify(wrong)}: ${error}`)
  }
}
