import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { FIELD_IS_IMMUTABLE, validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateMetaConditions } from '../../meta-conditions-validation.ts'
import type { StorageVersionMigration } from './storage-version-migration.ts'

type Migration = StorageVersionMigration

/** A migration is of one resource. */
export function* validateMigration({ spec }: Migration, path: FieldPath): FieldErrors {
  const { resource, group } = spec.resource
  const resourcePath = path.child('spec', 'resource', 'resource')
  const reasons = dns1035LabelErrors(resource)
  if (resource === '') yield required(resourcePath, 'resource is required to be set')
  else if (reasons.length > 0) yield invalid(resourcePath, resource, reasons.join(','))
  const groupReasons = group === '' ? [] : dns1123SubdomainErrors(group)
  if (groupReasons.length > 0) {
    yield invalid(path.child('spec', 'resource', 'group'), group, groupReasons.join(','))
  }
}

export function* validateMigrationUpdate(
  migration: Migration,
  old: Migration,
  path: FieldPath,
): FieldErrors {
  yield* validateMigration(migration, path)
  yield* validateImmutable(migration.spec, old.spec, path.child('spec'))
}

/** A migration ends once: well or badly, and at the version at which it began. */
export function* validateMigrationStatusUpdate(
  migration: Migration,
  old: Migration,
  path: FieldPath,
): FieldErrors {
  const { resourceVersion = '', conditions } = migration.status
  const versionPath = path.child('status', 'resourceVersion')
  if (resourceVersion !== '' && !/^[1-9][0-9]*$/.test(resourceVersion)) {
    const why = `resource version is not well formed: ${resourceVersion}`
    yield invalid(versionPath, resourceVersion, why)
  }
  const conditionsPath = path.child('status', 'conditions')
  yield* validateMetaConditions(conditions, conditionsPath)
  const { resourceVersion: before = '' } = old.status
  if (before !== '' && before !== resourceVersion) {
    yield invalid(versionPath, resourceVersion, FIELD_IS_IMMUTABLE)
  }
  if (isTrue(migration, 'Succeeded') && isTrue(migration, 'Failed')) {
    const why = 'Both success and failed conditions cannot be true at the same time'
    yield invalid(conditionsPath, conditions, why)
  }
  for (const [type, name] of [
    ['Succeeded', 'Success'],
    ['Failed', 'Failed'],
  ] as const) {
    if (!isTrue(old, type) || isTrue(migration, type)) continue
    const why = `${name} condition cannot be set to false once it is true`
    yield invalid(conditionsPath, conditions, why)
  }
}

function isTrue({ status }: Migration, type: string): boolean {
  return (status.conditions ?? []).some((one) => one.type === type && one.status === 'True')
}
