import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { validateImmutable, validateLabelName } from '../../../machinery/validate-object-meta.ts'
import { validateQualifiedName } from '../../core/v1/field-rules.ts'
import type { StorageClass } from './storage-class.ts'

const MOST_PARAMETERS = 512
const MOST_PARAMETER_BYTES = 256 * 1024
const RECLAIM_POLICIES = ['Delete', 'Retain']
const BINDING_MODES = ['Immediate', 'WaitForFirstConsumer']
const IMMUTABLE = ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'] as const

export function* validateStorageClass(storageClass: StorageClass, path: FieldPath): FieldErrors {
  const { provisioner, parameters = {}, reclaimPolicy, volumeBindingMode } = storageClass
  const provisionerPath = path.child('provisioner')
  if (provisioner === '') yield required(provisionerPath)
  else yield* validateQualifiedName(provisioner.toLowerCase(), provisionerPath)
  yield* validateParameters(parameters, path.child('parameters'))
  if (reclaimPolicy !== '' && !RECLAIM_POLICIES.includes(reclaimPolicy)) {
    yield notSupported(path.child('reclaimPolicy'), reclaimPolicy, RECLAIM_POLICIES)
  }
  if (!BINDING_MODES.includes(volumeBindingMode)) {
    yield notSupported(path.child('volumeBindingMode'), volumeBindingMode, BINDING_MODES)
  }
  yield* validateTopologies(storageClass, path.child('allowedTopologies'))
}

export function* validateStorageClassUpdate(
  storageClass: StorageClass,
  old: StorageClass,
  path: FieldPath,
): FieldErrors {
  yield* validateStorageClass(storageClass, path)
  for (const field of IMMUTABLE) {
    yield* validateImmutable(storageClass[field], old[field], path.child(field))
  }
}

/** Parameters for a driver: named, and not too large in all. */
export function* validateParameters(
  parameters: { readonly [name: string]: string },
  path: FieldPath,
): FieldErrors {
  const entries = Object.entries(parameters)
  if (entries.length > MOST_PARAMETERS) {
    yield tooLong(path, MOST_PARAMETERS)
    return
  }
  let bytes = 0
  for (const [name, value] of entries) {
    if (name === '') yield invalid(path, name, 'field can not be empty.')
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value)
  }
  if (bytes > MOST_PARAMETER_BYTES) yield tooLong(path, MOST_PARAMETER_BYTES)
}

function* validateTopologies(
  { allowedTopologies = [] }: StorageClass,
  path: FieldPath,
): FieldErrors {
  // Upstream compares with as many empty terms as there are terms, too.
  const seen = new Map([[textOf(new Map()), allowedTopologies.length]])
  let told = 0
  for (const [index, { matchLabelExpressions = [] }] of allowedTopologies.entries()) {
    const listPath = path.index(index).child('matchLabelExpressions')
    const term: Term = new Map()
    for (const [place, { key, values }] of matchLabelExpressions.entries()) {
      const itemPath = listPath.index(place)
      if (values.length === 0) yield required(itemPath.child('values'))
      const known = new Set<string>()
      for (const [at, value] of values.entries()) {
        if (known.has(value)) yield duplicate(itemPath.child('values').index(at), value)
        known.add(value)
      }
      yield* validateLabelName(key, itemPath.child('key'))
      if (term.has(key)) yield duplicate(itemPath.child('key'), key)
      term.set(key, known)
    }
    const text = textOf(term)
    const same = seen.get(text) ?? 0
    seen.set(text, same + 1)
    for (let one = 0; one < same && told < MOST_TOLD; one++, told++) yield duplicate(listPath, '')
  }
}

/** Each term is told of each that is the same: of thousands of terms those would be millions. */
const MOST_TOLD = 10_000

/** The values that a term allows, by the label's key. */
type Term = Map<string, ReadonlySet<string>>

/** The same for terms that allow the same. */
function textOf(term: Term): string {
  const entries = [...term].map(([key, values]) => [key, [...values].toSorted()] as const)
  return JSON.stringify(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
