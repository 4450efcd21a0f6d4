import {
  collected,
  type FieldError,
  type FieldErrors,
  FieldPath,
} from '../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import {
  changedMetadataErrors,
  validateNewMetadata,
  validateNewName,
} from '../../machinery/metadata-rules.ts'
import { invalidObject } from '../../machinery/status-error.ts'
import { validateObjectMetaUpdate } from '../../machinery/validate-object-meta.ts'

const METADATA = FieldPath.root.child('metadata')
const NONE: readonly FieldError[] = []

/**
 * 422 with everything that is wrong with a new object, what is known beforehand `first`; `version`
 * is what the writer names.
 */
export function checkNew(
  kind: Kind,
  object: KubeObject,
  version: Kind,
  first: readonly FieldError[] = NONE,
): void {
  const { metadata } = object
  const errors = [...first]
  refuseOther(kind, object)
  if (kind.metadataRules?.onCreate !== 'none') validateNewMetadata(errors, kind, metadata, METADATA)
  if (kind.validate) errors.push(...kind.validate(object, FieldPath.root))
  if (version.storedAs?.validateStored) {
    errors.push(...version.storedAs.validateStored(object, undefined, FieldPath.root))
  }
  check(kind, object, errors)
  validateNewName(errors, kind, metadata, METADATA)
  check(kind, object, errors)
}

/** 422 with everything that is wrong with a change; `version` is what the writer names. */
export function checkUpdate(
  kind: Kind,
  object: KubeObject,
  old: KubeObject,
  version: Kind = kind,
): void {
  const { metadata } = object
  refuseOther(kind, object)
  const errors = [...changedMetadataErrors(kind, metadata, old.metadata, METADATA, false)]
  if (kind.validateUpdate) errors.push(...kind.validateUpdate(object, old, FieldPath.root))
  else if (kind.validate) errors.push(...kind.validate(object, FieldPath.root))
  if (version.storedAs?.validateStored) {
    errors.push(...version.storedAs.validateStored(object, old, FieldPath.root))
  }
  check(kind, object, errors)
}

/** 422 with everything that is wrong with a new status, what is known beforehand `first`. */
export function checkStatusUpdate(
  kind: Kind,
  object: KubeObject,
  old: KubeObject,
  first: readonly FieldError[] = NONE,
): void {
  const { metadata } = object
  refuseOther(kind, object)
  const errors = [...first, ...changedMetadataErrors(kind, metadata, old.metadata, METADATA, true)]
  if (kind.validateStatusUpdate) {
    errors.push(...kind.validateStatusUpdate(object, old, FieldPath.root))
  }
  check(kind, object, errors)
}

/** A custom resource that says it is of another kind hears of nothing else. */
function refuseOther(kind: Kind, object: KubeObject): void {
  if (kind.custom === undefined || object.kind === kind.kind) return
  if (kind.validate !== undefined) check(kind, object, [...kind.validate(object, FieldPath.root)])
}

function check(kind: Kind, object: KubeObject, errors: readonly FieldError[]): void {
  if (errors.length === 0) return
  // A custom resource that says it is of another kind is told what is wrong with that kind.
  const [group = ''] = object.apiVersion.includes('/') ? object.apiVersion.split('/') : []
  const named = kind.custom === undefined ? kind : { group, kind: object.kind }
  throw invalidObject(named, object.metadata.name ?? '', errors)
}

/** 422 with what is wrong with a change through a subresource that has rules of its own. */
export function checkBy<T extends KubeObject>(
  rules: (object: T, old: T, path: FieldPath) => FieldErrors,
): (kind: Kind, object: KubeObject, old: KubeObject) => void {
  return (kind, object, old) =>
    check(kind, object, [
      ...collected(validateObjectMetaUpdate, object.metadata, old.metadata, METADATA),
      ...rules(object as T, old as T, FieldPath.root),
    ])
}
