import type { FieldError, FieldErrors, FieldPath } from './field-error.ts'
import type { Kind } from './kind.ts'
import { pathSegmentErrors } from './names.ts'
import type { ObjectMeta } from './object-meta.ts'
import {
  validateKubeFinalizers,
  validateObjectMeta,
  validateObjectMetaUpdate,
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

/** What is wrong with the metadata of a new object, whose name has been generated already. */
export function* validateNewMetadata(
  kind: RuledKind,
  metadata: ObjectMeta,
  path: FieldPath,
): FieldErrors {
  const { generateName: _, ...rest } = metadata
  const judged = kind.metadataRules?.ignoresNamePrefix ? rest : metadata
  yield* validateObjectMeta(kind, judged as ObjectMeta, path)
  yield* validateOwnFinalizers(kind, metadata, path)
}

/** The metadata of every new object once its kind has found nothing wrong: names fit into paths. */
export function validateNewName(
  { scope }: RuledKind,
  metadata: ObjectMeta,
  path: FieldPath,
): FieldErrors {
  return validateObjectMeta({ scope, validateName: pathSegmentErrors }, metadata, path)
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
  const { scope, metadataRules = {} } = kind
  const own = (isStatus ? metadataRules.onStatusUpdate : metadataRules.onUpdate) ?? 'update'
  const asNew = [
    ...validateObjectMeta({ scope, validateName: pathSegmentErrors }, metadata, path),
    ...(own === 'none' ? [] : validateOwnFinalizers(kind, metadata, path)),
  ]
  const asChanged = [...validateObjectMetaUpdate(metadata, old, path)]
  const hasOwnName = own !== 'update' && own !== 'none' && metadata.generateName !== undefined
  if (asNew.length === 0 && asChanged.length === 0 && !hasOwnName) return asNew
  return [
    ...validateObjectMeta({ scope, validateName: pathSegmentErrors }, metadata, path),
    ...asChanged,
    ...(own === 'update' || own === 'both' ? asChanged : []),
    ...(own === 'update' || own === 'both' ? validateOwnFinalizers(kind, metadata, path) : []),
    ...(own === 'update' || own === 'none' ? [] : validateNewMetadata(kind, metadata, path)),
    ...(own === 'new twice' ? validateNewMetadata(kind, metadata, path) : []),
  ]
}

function validateOwnFinalizers(
  { metadataRules }: RuledKind,
  { finalizers = [] }: ObjectMeta,
  path: FieldPath,
): FieldErrors {
  if (finalizers.length === 0 || metadataRules?.allowsPlainFinalizers) return []
  return validateKubeFinalizers(finalizers, path.child('finalizers'))
}
