import { type FieldError, type FieldErrors, FieldPath } from '../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import {
  changedMetadataErrors,
  validateNewMetadata,
  validateNewName,
} from '../../machinery/metadata-rules.ts'
import { invalidObject } from '../../machinery/status-error.ts'
import { validateObjectMetaUpdate } from '../../machinery/validate-object-meta.ts'

const METADATA = FieldPath.root.child('metadata')

/** 422 with everything that is wrong with a new object; `version` is what the writer names. */
export function checkNew(kind: Kind, object: KubeObject, version: Kind): void {
  check(kind, object, [
    ...(kind.metadataRules?.onCreate === 'none'
      ? []
      : validateNewMetadata(kind, object.metadata, METADATA)),
    ...(kind.validate?.(object, FieldPath.root) ?? []),
    ...(version.storedAs?.validateStored?.(object, undefined, FieldPath.root) ?? []),
  ])
  check(kind, object, [...validateNewName(kind, object.metadata, METADATA)])
}

/** 422 with everything that is wrong with a change; `version` is what the writer names. */
export function checkUpdate(
  kind: Kind,
  object: KubeObject,
  old: KubeObject,
  version: Kind = kind,
): void {
  check(kind, object, [
    ...changedMetadataErrors(kind, object.metadata, old.metadata, METADATA, false),
    ...(kind.validateUpdate?.(object, old, FieldPath.root) ??
      kind.validate?.(object, FieldPath.root) ??
      []),
    ...(version.storedAs?.validateStored?.(object, old, FieldPath.root) ?? []),
  ])
}

/** 422 with everything that is wrong with a new status. */
export function checkStatusUpdate(kind: Kind, object: KubeObject, old: KubeObject): void {
  check(kind, object, [
    ...changedMetadataErrors(kind, object.metadata, old.metadata, METADATA, true),
    ...(kind.validateStatusUpdate?.(object, old, FieldPath.root) ?? []),
  ])
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
      ...validateObjectMetaUpdate(object.metadata, old.metadata, METADATA),
      ...rules(object as T, old as T, FieldPath.root),
    ])
}
