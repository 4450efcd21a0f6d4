import { deepEqual } from './deep-equal.ts'
import { withoutEmptyLists } from './empty-lists.ts'
import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  NO_ERRORS,
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
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u
const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

const NEVER_CHANGED = [
  ...(['name', 'namespace', 'uid', 'creationTimestamp'] as const),
  ...(['deletionTimestamp', 'deletionGracePeriodSeconds'] as const),
] as const
const PLAIN_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', ORPHAN, FOREGROUND])

export const FIELD_IS_IMMUTABLE = 'field is immutable'

interface NamedKind {
  readonly scope: Scope
  validateName?(name: string, isPrefix: boolean): readonly string[]
}

/** What is wrong with the metadata of a new object; its name has been generated already. */
export function validateObjectMeta(
  errors: FieldError[],
  kind: NamedKind,
  metadata: ObjectMeta,
  path: FieldPath,
): void {
  const { labels, annotations, ownerReferences, finalizers, managedFields } = metadata
  const { namespace = '', generation = 0 } = metadata
  validateObjectNames(errors, kind, metadata, path)

  if (kind.scope === 'Cluster') {
    if (namespace !== '') {
      errors.push(forbidden(path.child('namespace'), 'not allowed on this type'))
    }
  } else if (namespace === '') errors.push(required(path.child('namespace')))
  else
    errors.push(...invalids(path.child('namespace'), namespace, labelNameErrors(namespace, false)))

  if (generation < 0) {
    errors.push(invalid(path.child('generation'), generation, 'must be greater than or equal to 0'))
  }
  if (labels) validateLabels(errors, labels, path.child('labels'))
  if (annotations) validateAnnotations(errors, annotations, path.child('annotations'))
  if (ownerReferences) {
    validateOwnerReferences(errors, ownerReferences, path.child('ownerReferences'))
  }
  if (finalizers) validateFinalizers(errors, finalizers, path.child('finalizers'))
  if (managedFields) validateManagedFields(errors, managedFields, path.child('managedFields'))
}

/** The part of `validateObjectMeta` that depends on the kind: its name and what that began with. */
export function validateObjectNames(
  errors: FieldError[],
  kind: NamedKind,
  { name = '', generateName = '' }: ObjectMeta,
  path: FieldPath,
): void {
  if (generateName !== '') {
    const reasons = nameErrors(kind, generateName, true)
    errors.push(...invalids(path.child('generateName'), generateName, reasons))
  }
  if (name === '') errors.push(required(path.child('name'), 'name or generateName is required'))
  else errors.push(...invalids(path.child('name'), name, nameErrors(kind, name, false)))
}

function nameErrors(kind: NamedKind, name: string, isPrefix: boolean): readonly string[] {
  return kind.validateName?.(name, isPrefix) ?? subdomainNameErrors(name, isPrefix)
}

/** What is wrong with a change of an object's metadata. */
export function validateObjectMetaUpdate(
  errors: FieldError[],
  metadata: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
): void {
  const { labels, annotations, ownerReferences, managedFields } = metadata
  validateMetadataChange(errors, metadata, old, path)
  if (labels) validateLabels(errors, labels, path.child('labels'))
  if (annotations) validateAnnotations(errors, annotations, path.child('annotations'))
  if (ownerReferences) {
    validateOwnerReferences(errors, ownerReferences, path.child('ownerReferences'))
  }
  if (managedFields) validateManagedFields(errors, managedFields, path.child('managedFields'))
}

/** The part of `validateObjectMetaUpdate` that compares with what was there before. */
export function validateMetadataChange(
  errors: FieldError[],
  metadata: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
): void {
  const { finalizers = [], resourceVersion = '', generation = 0 } = metadata
  if (old.deletionTimestamp !== undefined) {
    validateNoNewFinalizers(errors, finalizers, old.finalizers ?? [], path.child('finalizers'))
  }
  if (resourceVersion === '') {
    errors.push(invalid(path.child('resourceVersion'), '', 'must be specified for an update'))
  }
  if (generation < (old.generation ?? 0)) {
    errors.push(invalid(path.child('generation'), generation, 'must not be decremented'))
  }
  for (const field of NEVER_CHANGED) {
    if (metadata[field] === old[field]) continue
    errors.push(...validateImmutable(metadata[field], old[field], path.child(field)))
  }
}

/** The error of a field that was changed although it never may. */
export function validateImmutable(
  value: unknown,
  old: unknown,
  path: FieldPath,
): readonly FieldError[] {
  if (deepEqual(value, old)) return NO_ERRORS
  const isSame = deepEqual(withoutEmptyLists(value), withoutEmptyLists(old))
  return isSame ? NO_ERRORS : [invalid(path, value, FIELD_IS_IMMUTABLE)]
}

/** Adds what is wrong with keys and values of labels. */
export function validateLabels(
  errors: FieldError[],
  labels: { readonly [key: string]: string } | undefined,
  path: FieldPath,
): void {
  for (const key in labels) {
    const value = labels[key] as string
    errors.push(...validateLabelName(key, path))
    errors.push(...invalids(path, value, labelValueErrors(value)))
  }
}

/** What is wrong with a label's key. */
export function validateLabelName(name: string, path: FieldPath): readonly FieldError[] {
  return invalids(path, name, qualifiedNameErrors(name))
}

/** Keys as those of labels, but in any case; the size counts keys and values in bytes. */
export function validateAnnotations(
  errors: FieldError[],
  annotations: { readonly [key: string]: string } | undefined,
  path: FieldPath,
): void {
  let bytes = 0
  for (const key in annotations) {
    errors.push(...invalids(path, key, qualifiedNameErrors(key.toLowerCase())))
    bytes += Buffer.byteLength(key) + Buffer.byteLength(annotations[key] as string)
  }
  if (bytes > MOST_ANNOTATION_BYTES) errors.push(tooLong(path, MOST_ANNOTATION_BYTES))
}

/** The metadata of what is made from a template: labels and annotations, nothing else. */
export function validateTemplateMetadata(
  errors: FieldError[],
  metadata: ObjectMetaInput,
  path: FieldPath,
): void {
  validateAnnotations(errors, metadata.annotations, path.child('annotations'))
  validateLabels(errors, metadata.labels, path.child('labels'))
  for (const field of NOT_IN_TEMPLATES) {
    const value = metadata[field]
    const isSet = value !== undefined && value !== null && value !== '' && value !== 0
    if (isSet) errors.push(forbidden(path.child(field === 'uid' ? 'uID' : field), 'cannot be set'))
  }
}

const NOT_IN_TEMPLATES = [
  ...(['name', 'generateName', 'namespace', 'selfLink', 'uid', 'resourceVersion'] as const),
  ...(['generation', 'creationTimestamp', 'deletionTimestamp'] as const),
  ...(['deletionGracePeriodSeconds', 'ownerReferences', 'finalizers', 'managedFields'] as const),
] as const

function validateOwnerReferences(
  errors: FieldError[],
  references: readonly OwnerReference[],
  path: FieldPath,
): void {
  let controller = ''
  for (const reference of references) {
    validateOwnerReference(errors, reference, path)
    if (reference.controller !== true) continue
    const name = `${reference.kind}/${reference.name}`
    if (controller !== '') {
      errors.push(
        invalid(
          path,
          references,
          'Only one reference can have Controller set to true. ' +
            `Found "true" in references for ${controller} and ${name}`,
        ),
      )
    } else controller = name
  }
}

function validateOwnerReference(
  errors: FieldError[],
  reference: OwnerReference,
  path: FieldPath,
): void {
  const { apiVersion, kind, name, uid } = reference
  if (!isGroupVersion(apiVersion)) {
    errors.push(invalid(path.child('apiVersion'), apiVersion, 'version must not be empty'))
  }
  if (kind === '') errors.push(invalid(path.child('kind'), kind, 'must not be empty'))
  if (name === '') errors.push(invalid(path.child('name'), name, 'must not be empty'))
  if (uid === '') errors.push(invalid(path.child('uid'), uid, 'must not be empty'))
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalid(path, reference, '/v1, Kind=Event is disallowed from being an owner'))
  }
}

function isGroupVersion(apiVersion: string): boolean {
  const slash = apiVersion.indexOf('/')
  const version = apiVersion.slice(slash + 1)
  return version !== '' && !version.includes('/')
}

function validateFinalizers(
  errors: FieldError[],
  finalizers: readonly string[],
  path: FieldPath,
): void {
  for (const finalizer of finalizers) {
    errors.push(...invalids(path, finalizer, qualifiedNameErrors(finalizer)))
  }
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    const why = `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`
    errors.push(invalid(path, finalizers, why))
  }
}

/** Those without a domain are upstream's own. */
export function validateKubeFinalizers(
  errors: FieldError[],
  finalizers: readonly string[],
  path: FieldPath,
): void {
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || PLAIN_FINALIZERS.has(finalizer)) continue
    const why = 'name is neither a standard finalizer name nor is it fully qualified'
    errors.push(invalid(path.index(index), finalizer, why))
  }
}

/** While an object is being deleted, finalizers can only go. */
function validateNoNewFinalizers(
  errors: FieldError[],
  finalizers: readonly string[],
  old: readonly string[],
  path: FieldPath,
): void {
  if (finalizers.every((one) => old.includes(one))) return
  const added = [...new Set(finalizers)].filter((one) => !old.includes(one)).sort()
  const list = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
  const why = 'no new finalizers can be added if the object is being deleted'
  errors.push(forbidden(path, `${why}, found new finalizers ${list}`))
}

function validateManagedFields(
  errors: FieldError[],
  entries: readonly ManagedFieldsEntry[],
  path: FieldPath,
): void {
  for (const [index, entry] of entries.entries()) {
    const { manager = '', operation = '', fieldsType = '', subresource = '' } = entry
    const entryPath = path.index(index)
    if (operation !== 'Apply' && operation !== 'Update') {
      errors.push(invalid(entryPath.child('operation'), operation, 'must be `Apply` or `Update`'))
    }
    if (fieldsType !== '' && fieldsType !== 'FieldsV1') {
      errors.push(invalid(entryPath.child('fieldsType'), fieldsType, 'must be `FieldsV1`'))
    }
    validateFieldManager(errors, manager, entryPath.child('manager'))
    if (subresource.length > MOST_SUBRESOURCE_CHARACTERS) {
      errors.push(tooLong(entryPath.child('subresource'), MOST_SUBRESOURCE_CHARACTERS))
    }
  }
}

/** The name under which someone owns fields: printable, not too long. */
function validateFieldManager(errors: FieldError[], manager: string, path: FieldPath): void {
  if (manager.length > MOST_MANAGER_CHARACTERS) errors.push(tooLong(path, MOST_MANAGER_CHARACTERS))
  if (PRINTABLE.test(manager)) return
  let position = 0
  for (const character of manager) {
    if (!PRINTABLE.test(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      errors.push(invalid(path, manager, `invalid character U+${code} (at position ${position})`))
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
  return reasons.length === 0 ? NO_ERRORS : reasons.map((reason) => invalid(path, value, reason))
}
