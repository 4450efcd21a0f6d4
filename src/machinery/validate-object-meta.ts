import { deepEqual } from './deep-equal.ts'
import {
  type FieldError,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
  tooLong,
} from './field-error.ts'
import type { Scope } from './kind.ts'
import {
  labelNameErrors,
  labelValueErrors,
  qualifiedNameErrors,
  subdomainNameErrors,
} from './names.ts'
import type {
  ManagedFieldsEntry,
  ObjectMeta,
  ObjectMetaInput,
  OwnerReference,
} from './object-meta.ts'

const MOST_ANNOTATION_BYTES = 256 * 1024
const MOST_MANAGER_CHARACTERS = 128
const MOST_SUBRESOURCE_CHARACTERS = 256
const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

const PLAIN_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', ORPHAN, FOREGROUND])

export const FIELD_IS_IMMUTABLE = 'field is immutable'

interface NamedKind {
  readonly scope: Scope
  validateName?(name: string, isPrefix: boolean): readonly string[]
}

/** What is wrong with the metadata of a new object; its name has been generated already. */
export function* validateObjectMeta(
  kind: NamedKind,
  metadata: ObjectMeta,
  path: FieldPath,
): FieldErrors {
  const { name = '', generateName = '', namespace = '', generation = 0 } = metadata
  const nameErrors = (text: string, isPrefix: boolean) =>
    kind.validateName?.(text, isPrefix) ?? subdomainNameErrors(text, isPrefix)
  if (generateName !== '') {
    yield* invalids(path.child('generateName'), generateName, nameErrors(generateName, true))
  }
  if (name === '') yield required(path.child('name'), 'name or generateName is required')
  else yield* invalids(path.child('name'), name, nameErrors(name, false))

  const namespacePath = path.child('namespace')
  if (kind.scope === 'Cluster') {
    if (namespace !== '') yield forbidden(namespacePath, 'not allowed on this type')
  } else if (namespace === '') yield required(namespacePath)
  else yield* invalids(namespacePath, namespace, labelNameErrors(namespace, false))

  if (generation < 0) {
    yield invalid(path.child('generation'), generation, 'must be greater than or equal to 0')
  }
  yield* validateLabels(metadata.labels, path.child('labels'))
  yield* validateAnnotations(metadata.annotations, path.child('annotations'))
  yield* validateOwnerReferences(metadata.ownerReferences ?? [], path.child('ownerReferences'))
  yield* validateFinalizers(metadata.finalizers ?? [], path.child('finalizers'))
  yield* validateManagedFields(metadata.managedFields ?? [], path.child('managedFields'))
}

/** What is wrong with a change of an object's metadata. */
export function* validateObjectMetaUpdate(
  metadata: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
): FieldErrors {
  const { finalizers = [], resourceVersion = '', generation = 0 } = metadata
  if (old.deletionTimestamp !== undefined) {
    yield* validateNoNewFinalizers(finalizers, old.finalizers ?? [], path.child('finalizers'))
  }
  if (resourceVersion === '') {
    yield invalid(path.child('resourceVersion'), '', 'must be specified for an update')
  }
  if (generation < (old.generation ?? 0)) {
    yield invalid(path.child('generation'), generation, 'must not be decremented')
  }
  const fixed = [
    ...(['name', 'namespace', 'uid', 'creationTimestamp'] as const),
    ...(['deletionTimestamp', 'deletionGracePeriodSeconds'] as const),
  ]
  for (const field of fixed) {
    yield* validateImmutable(metadata[field], old[field], path.child(field))
  }
  yield* validateLabels(metadata.labels, path.child('labels'))
  yield* validateAnnotations(metadata.annotations, path.child('annotations'))
  yield* validateOwnerReferences(metadata.ownerReferences ?? [], path.child('ownerReferences'))
  yield* validateManagedFields(metadata.managedFields ?? [], path.child('managedFields'))
}

/** The error of a field that was changed although it never may. */
export function* validateImmutable(value: unknown, old: unknown, path: FieldPath): FieldErrors {
  if (!deepEqual(value, old)) yield invalid(path, value, FIELD_IS_IMMUTABLE)
}

export function* validateLabels(
  labels: { readonly [key: string]: string } | undefined,
  path: FieldPath,
): FieldErrors {
  for (const [key, value] of Object.entries(labels ?? {})) {
    yield* validateLabelName(key, path)
    yield* invalids(path, value, labelValueErrors(value))
  }
}

export function* validateLabelName(name: string, path: FieldPath): FieldErrors {
  yield* invalids(path, name, qualifiedNameErrors(name))
}

/** Keys as those of labels, but in any case; the size counts keys and values in bytes. */
export function* validateAnnotations(
  annotations: { readonly [key: string]: string } | undefined,
  path: FieldPath,
): FieldErrors {
  let bytes = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    yield* invalids(path, key, qualifiedNameErrors(key.toLowerCase()))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value)
  }
  if (bytes > MOST_ANNOTATION_BYTES) yield tooLong(path, MOST_ANNOTATION_BYTES)
}

/** The metadata of what is made from a template: labels and annotations, nothing else. */
export function* validateTemplateMetadata(metadata: ObjectMetaInput, path: FieldPath): FieldErrors {
  yield* validateAnnotations(metadata.annotations, path.child('annotations'))
  yield* validateLabels(metadata.labels, path.child('labels'))
  for (const field of NOT_IN_TEMPLATES) {
    const value = metadata[field]
    const isSet = value !== undefined && value !== null && value !== '' && value !== 0
    if (isSet) yield forbidden(path.child(field === 'uid' ? 'uID' : field), 'cannot be set')
  }
}

const NOT_IN_TEMPLATES = [
  ...(['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion'] as const),
  ...(['generation', 'creationTimestamp', 'deletionTimestamp'] as const),
  ...(['deletionGracePeriodSeconds', 'ownerReferences', 'finalizers', 'managedFields'] as const),
] as const

function* validateOwnerReferences(
  references: readonly OwnerReference[],
  path: FieldPath,
): FieldErrors {
  let controller = ''
  for (const reference of references) {
    yield* validateOwnerReference(reference, path)
    if (reference.controller !== true) continue
    const name = `${reference.kind}/${reference.name}`
    if (controller !== '') {
      yield invalid(
        path,
        references,
        'Only one reference can have Controller set to true. ' +
          `Found "true" in references for ${controller} and ${name}`,
      )
    } else controller = name
  }
}

function* validateOwnerReference(reference: OwnerReference, path: FieldPath): FieldErrors {
  const { apiVersion, kind, name, uid } = reference
  if (!isGroupVersion(apiVersion)) {
    yield invalid(path.child('apiVersion'), apiVersion, 'version must not be empty')
  }
  if (kind === '') yield invalid(path.child('kind'), kind, 'must not be empty')
  if (name === '') yield invalid(path.child('name'), name, 'must not be empty')
  if (uid === '') yield invalid(path.child('uid'), uid, 'must not be empty')
  if (apiVersion === 'v1' && kind === 'Event') {
    yield invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner')
  }
}

function isGroupVersion(apiVersion: string): boolean {
  const parts = apiVersion.split('/')
  return parts.length <= 2 && parts.at(-1) !== ''
}

function* validateFinalizers(finalizers: readonly string[], path: FieldPath): FieldErrors {
  for (const finalizer of finalizers) {
    yield* invalids(path, finalizer, qualifiedNameErrors(finalizer))
  }
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    const why = `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`
    yield invalid(path, finalizers, why)
  }
}

/** Those without a domain are upstream's own. */
export function* validateKubeFinalizers(
  finalizers: readonly string[],
  path: FieldPath,
): FieldErrors {
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || PLAIN_FINALIZERS.has(finalizer)) continue
    const why = 'name is neither a standard finalizer name nor is it fully qualified'
    yield invalid(path.index(index), finalizer, why)
  }
}

/** While an object is being deleted, finalizers can only go. */
function* validateNoNewFinalizers(
  finalizers: readonly string[],
  old: readonly string[],
  path: FieldPath,
): FieldErrors {
  const added = [...new Set(finalizers)].filter((one) => !old.includes(one)).sort()
  if (added.length === 0) return
  const list = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
  const why = 'no new finalizers can be added if the object is being deleted'
  yield forbidden(path, `${why}, found new finalizers ${list}`)
}

function* validateManagedFields(
  entries: readonly ManagedFieldsEntry[],
  path: FieldPath,
): FieldErrors {
  for (const [index, entry] of entries.entries()) {
    const { manager = '', operation = '', fieldsType = '', subresource = '' } = entry
    const entryPath = path.index(index)
    if (operation !== 'Apply' && operation !== 'Update') {
      yield invalid(entryPath.child('operation'), operation, 'must be `Apply` or `Update`')
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      yield invalid(entryPath.child('fieldsType'), fieldsType, 'must be `FieldsV1`')
    }
    yield* validateFieldManager(manager, entryPath.child('manager'))
    if (subresource.length > MOST_SUBRESOURCE_CHARACTERS) {
      yield tooLong(entryPath.child('subresource'), MOST_SUBRESOURCE_CHARACTERS)
    }
  }
}

/** The name under which someone owns fields: printable, not too long. */
function* validateFieldManager(manager: string, path: FieldPath): FieldErrors {
  if (manager.length > MOST_MANAGER_CHARACTERS) yield tooLong(path, MOST_MANAGER_CHARACTERS)
  let position = 0
  for (const character of manager) {
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      yield invalid(path, manager, `invalid character U+${code} (at position ${position})`)
    }
    position += Buffer.byteLength(character)
  }
}

/** One error a reason, for the functions of `names.ts`. */
export function invalids(
  path: FieldPath,
  value: unknown,
  reasons: readonly string[],
): readonly FieldError[] {
  return reasons.map((reason) => invalid(path, value, reason))
}
