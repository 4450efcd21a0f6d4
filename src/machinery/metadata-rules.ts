import { collected, type FieldError, type FieldPath } from './field-error.ts'
import type { Kind } from './kind.ts'
import { pathSegmentErrors } from './names.ts'
import type { ObjectMeta } from './object-meta.ts'
import {
  validateKubeFinalizers,
  validateMetadataChange,
  validateObjectMeta,
  validateObjectMetaUpdate,
  validateObjectNames,
} from './validate-object-meta.ts'

/** Which of upstream's rules for metadata a kind applies on its own, after those of all objects. */
export type OwnMetadataRules = 'update' | 'new' | 'new twice' | 'both' | 'none'

/** What a kind has of its own about metadata; what is not said is as for most kinds upstream. */
export interface MetadataRules {
  /** `update` when absent; `new` and `both`: an updated object is judged like a new one, too. */
  readonly onUpdate?: OwnMetadataRules
  readonly onStatusUpdate?: OwnMetadataRules
  /** A new object is judged by the rules for all objects alone. */
  readonly onCreate?: 'none'
  /** The name is judged, but not the prefix that it may have been generated from. */
  readonly ignoresNamePrefix?: true
  /** Finalizers need no domain. */
  readonly allowsPlainFinalizers?: true
  /** What a write to the status cannot change. */
  readonly statusKeeps?: readonly KeptMetadata[]
}

/** Metadata that writes to a status leave as it was. */
export type KeptMetadata =
  | 'labels'
  | 'annotations'
  | 'finalizers'
  | 'ownerReferences'
  | 'generateName'

/** For kinds of which a status write changes the status alone. */
export const STATUS_KEEPS_METADATA: MetadataRules = {
  onStatusUpdate: 'none',
  statusKeeps: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
}

type RuledKind = Pick<Kind, 'scope' | 'validateName' | 'metadataRules'>

/** The rules for objects of all kinds, whose names need only fit into paths. */
const OF_ALL_KINDS = {
  Namespaced: { scope: 'Namespaced', validateName: pathSegmentErrors },
  Cluster: { scope: 'Cluster', validateName: pathSegmentErrors },
} as const

/** What is wrong with the metadata of a new object, whose name has been generated already. */
export function validateNewMetadata(
  errors: FieldError[],
  kind: RuledKind,
  metadata: ObjectMeta,
  path: FieldPath,
): void {
  const ignoresPrefix = kind.metadataRules?.ignoresNamePrefix && metadata.generateName !== undefined
  const judged = ignoresPrefix ? { ...metadata, generateName: undefined } : metadata
  validateObjectMeta(errors, kind, judged, path)
  validateOwnFinalizers(errors, kind, metadata, path)
}

/**
 * The metadata of every new object once its kind has found nothing wrong: names fit into paths.
 * The rest is judged here only where `validateNewMetadata` did not judge it by the same rules.
 */
export function validateNewName(
  errors: FieldError[],
  { scope, metadataRules }: RuledKind,
  metadata: ObjectMeta,
  path: FieldPath,
): void {
  const validate = metadataRules?.onCreate === 'none' ? validateObjectMeta : validateObjectNames
  validate(errors, OF_ALL_KINDS[scope], metadata, path)
}

/**
 * What is wrong with changed metadata. Upstream judges it by rules for all objects and then again
 * by those of the kind, so that one mistake is several causes; here the repetition is made only
 * where there is a mistake.
 */
export function changedMetadataErrors(
  kind: RuledKind,
  metadata: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
  isStatus: boolean,
): readonly FieldError[] {
  const { metadataRules } = kind
  const own = (isStatus ? metadataRules?.onStatusUpdate : metadataRules?.onUpdate) ?? 'update'
  const errors: FieldError[] = []
  validateObjectMeta(errors, OF_ALL_KINDS[kind.scope], metadata, path)
  if (own !== 'none') validateOwnFinalizers(errors, kind, metadata, path)
  validateMetadataChange(errors, metadata, old, path)
  const hasOwnName = own !== 'update' && own !== 'none' && metadata.generateName !== undefined
  if (errors.length === 0 && !hasOwnName) return errors
  return repeatedErrors(kind, own, metadata, old, path)
}

function repeatedErrors(
  kind: RuledKind,
  own: OwnMetadataRules,
  metadata: ObjectMeta,
  old: ObjectMeta,
  path: FieldPath,
): readonly FieldError[] {
  const asChanged = collected(validateObjectMetaUpdate, metadata, old, path)
  const errors = [
    ...collected(validateObjectMeta, OF_ALL_KINDS[kind.scope], metadata, path),
    ...asChanged,
  ]
  if (own === 'update' || own === 'both') {
    errors.push(...asChanged)
    validateOwnFinalizers(errors, kind, metadata, path)
  }
  if (own !== 'update' && own !== 'none') validateNewMetadata(errors, kind, metadata, path)
  if (own === 'new twice') validateNewMetadata(errors, kind, metadata, path)
  return errors
}

function validateOwnFinalizers(
  errors: FieldError[],
  { metadataRules }: RuledKind,
  { finalizers }: ObjectMeta,
  path: FieldPath,
): void {
  if (finalizers === undefined || metadataRules?.allowsPlainFinalizers) return
  validateKubeFinalizers(errors, finalizers, path.child('finalizers'))
}
