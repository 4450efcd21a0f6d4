import { deepEqual } from '../../../machinery/deep-equal.ts'
import { type FieldErrors, FieldPath, invalid, required } from '../../../machinery/field-error.ts'
import { dns1035LabelErrors, dns1123SubdomainErrors } from '../../../machinery/names.ts'
import { validateImmutable } from '../../../machinery/validate-object-meta.ts'
import { validateOneOf } from '../../core/v1/field-rules.ts'
import { validateCaBundle } from '../../webhook-client-validation.ts'
import { Structural } from '../schema/structural.ts'
import { hasUnprunedDefaults } from '../schema/validate-defaults.ts'
import { validateApproval } from './api-approval.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionSpec,
} from './custom-resource-definition.ts'
import { validateDefinitionNames } from './custom-resource-definition-names-validation.ts'
import type { CustomResourceDefinitionVersion } from './custom-resource-definition-version.ts'
import {
  validateColumn,
  validateSelectableFields,
  validateSubresources,
  validateValidation,
} from './custom-resource-definition-version-validation.ts'
import { validateDeprecation } from './deprecation-warning.ts'
import type { JSONSchemaProps } from './json-schema-props.ts'
import { KNOWN_TYPES, type SchemaOptions } from './json-schema-props-validation.ts'
import { hasNonAtomicSet, validateMapKeys } from './schema-list-type-validation.ts'
import { someSchema } from './schema-walk.ts'
import { shownVersions } from './shown-versions.ts'
import { isKnownReview, validateConversion } from './webhook-conversion-validation.ts'

type Definition = CustomResourceDefinition
type Spec = CustomResourceDefinitionSpec
type Version = CustomResourceDefinitionVersion

/** What a definition that is there already may keep (`undefined` for a new one). */
interface Options extends SchemaOptions {
  readonly requiresSchema: boolean
  readonly requiresKnownReview: boolean
  readonly allowsBadBundle: boolean
  readonly old: Spec | undefined
}

const NEW: Options = {
  requiresSchema: true,
  requiresKnownReview: true,
  allowsBadBundle: true,
  requiresKnownTypes: true,
  requiresAtomicSets: true,
  requiresSoundMapKeys: true,
  requiresPrunedDefaults: true,
  old: undefined,
}
const NAMES = ['plural', 'singular', 'kind', 'listKind'] as const
/** Upstream's hub type has what all versions share once, in the spec itself, as errors show. */
const SHARED = ['schema', 'subresources', 'additionalPrinterColumns', 'selectableFields'] as const

/** Rules of a new definition. */
export function* validateDefinition(definition: Definition, path: FieldPath): FieldErrors {
  const { metadata, spec } = definition
  for (const field of ['generateName', 'name'] as const) {
    const { [field]: name = '' } = metadata
    if (name === '' || name === `${spec.names.plural}.${spec.group}`) continue
    yield invalid(path.child('metadata', field), name, 'must be spec.names.plural+"."+spec.group')
  }
  yield* validateSpec(spec, NEW, path.child('spec'))
  yield* validateRest(definition, undefined, path)
}

/** Rules of a changed definition: what was once accepted may stay as it is. */
export function* validateDefinitionUpdate(
  definition: Definition,
  old: Definition,
  path: FieldPath,
): FieldErrors {
  const { spec } = definition
  const specPath = path.child('spec')
  yield* validateSpec(spec, optionsFor(old), specPath)
  if (isEstablished(old)) {
    yield* validateImmutable(spec.scope, old.spec.scope, specPath.child('scope'))
    const kindPath = specPath.child('names', 'kind')
    yield* validateImmutable(spec.names.kind, old.spec.names.kind, kindPath)
  }
  yield* validateImmutable(spec.group, old.spec.group, specPath.child('group'))
  const pluralPath = specPath.child('names', 'plural')
  yield* validateImmutable(spec.names.plural, old.spec.names.plural, pluralPath)
  yield* validateRest(definition, old, path)
}

/** Rules of a new status. */
export function validateDefinitionStatusUpdate(
  { status }: Definition,
  _old: Definition,
  path: FieldPath,
): FieldErrors {
  return validateDefinitionNames(status.acceptedNames, path.child('status', 'acceptedNames'))
}

function* validateRest(
  definition: Definition,
  old: Definition | undefined,
  path: FieldPath,
): FieldErrors {
  const { spec, status } = definition
  yield* validateDefinitionNames(status.acceptedNames, path.child('status', 'acceptedNames'))
  yield* validateStored(status.storedVersions ?? [], spec, path.child('status', 'storedVersions'))
  yield* validateApproval(definition, old, path)
  if (spec.preserveUnknownFields && !old?.spec.preserveUnknownFields) {
    const instead = 'set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema'
    const why = `cannot set to true, ${instead} instead`
    yield invalid(path.child('spec', 'preserveUnknownFields'), true, why)
  }
}

/** A version in which objects are stored must stay until they have been migrated. */
function* validateStored(stored: readonly string[], spec: Spec, path: FieldPath): FieldErrors {
  if (stored.length === 0) {
    yield invalid(path, stored, 'must have at least one stored version')
    return
  }
  const left = new Set(stored)
  for (const { name, storage } of spec.versions) {
    // Of versions with one name, the second has no place any more.
    if (!left.delete(name) && storage) {
      yield invalid(path, stored, `must have the storage version ${name}`)
    }
  }
  for (const [index, name] of stored.entries()) {
    if (spec.versions.some((version) => version.name === name)) continue
    const why =
      `missing from spec.versions; ${name} was previously a storage version, and must remain in ` +
      'spec.versions until a storage migration ensures no data remains persisted in ' +
      `${name} and removes ${name} from status.storedVersions`
    yield invalid(path.index(index), name, why)
  }
}

function* validateSpec(spec: Spec, options: Options, path: FieldPath): FieldErrors {
  const { group, names, scope, versions, conversion, preserveUnknownFields = false } = spec
  yield* validateGroup(group, path.child('group'))
  yield* validateOneOf(scope, ['Cluster', 'Namespaced'], path.child('scope'))
  yield* validateSchemasAreThere(spec, options, path.child('versions'))
  const schemas = versions.map(({ schema }) => schema?.openAPIV3Schema)
  const has = (isSo: (schema: JSONSchemaProps) => boolean) =>
    schemas.some((schema) => someSchema(schema, isSo))
  const hasDefaults = has((schema) => schema.default !== undefined)
  if (hasDefaults && preserveUnknownFields) {
    const why = 'must be false in order to use defaults in the schema'
    yield invalid(path.child('preserveUnknownFields'), true, why)
  }
  const isStructural = !preserveUnknownFields || hasDefaults || has(hasExtension)
  yield* validateVersions(spec, { ...options, isStructural }, path)
  for (const field of NAMES) {
    if (!names[field]) yield required(path.child('names', field))
  }
  yield* validateDefinitionNames(names, path.child('names'))
  yield* validateShared(spec, { ...options, isStructural }, path)
  if (conversion.strategy !== 'None' && preserveUnknownFields) {
    const why = 'must be None if spec.preserveUnknownFields is true'
    yield invalid(path.child('conversion', 'strategy'), conversion.strategy, why)
  }
  yield* validateConversion(conversion, options, path.child('conversion'))
}

function* validateGroup(group: string, path: FieldPath): FieldErrors {
  const reasons = dns1123SubdomainErrors(group)
  if (group === '') yield required(path)
  else if (reasons.length > 0) yield invalid(path, group, reasons.join(','))
  else if (!group.includes('.')) {
    yield invalid(path, group, 'should be a domain with at least one dot')
  }
}

function* validateSchemasAreThere(spec: Spec, options: Options, path: FieldPath): FieldErrors {
  for (const [index, { schema, served }] of spec.versions.entries()) {
    if (schema?.openAPIV3Schema !== undefined) continue
    const at = path.index(index).child('schema', 'openAPIV3Schema')
    if (options.requiresSchema) yield required(at)
    else if (served && !spec.preserveUnknownFields) {
      yield required(at, 'because otherwise all fields are pruned')
    }
  }
}

type SpecOptions = Options & { readonly isStructural: boolean }

function* validateVersions(spec: Spec, options: SpecOptions, path: FieldPath): FieldErrors {
  const { versions } = spec
  const shared = sharedOf(spec)
  for (const [index, version] of versions.entries()) {
    const at = path.child('versions').index(index)
    const reasons = dns1035LabelErrors(version.name)
    if (reasons.length > 0) yield invalid(at.child('name'), version.name, reasons.join(','))
    yield* validateDeprecation(version, at.child('deprecationWarning'))
    const own = { ...version }
    for (const field of shared) delete own[field]
    const hasStatus = version.subresources?.status !== undefined
    yield* validateParts(own, version, { ...options, hasStatus }, at)
  }
  const names = new Set(versions.map(({ name }) => name))
  if (names.size < versions.length) {
    const why = 'must contain unique version names'
    yield invalid(path.child('versions'), shownVersions(versions), why)
  }
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const why = 'must have exactly one version marked as storage version'
    yield invalid(path.child('versions'), shownVersions(versions), why)
  }
  // Upstream has the first version's name in a field of its own, too.
  const [{ name } = { name: '' }] = versions
  const reasons = name === '' ? [] : dns1035LabelErrors(name)
  if (reasons.length > 0) yield invalid(path.child('version'), name, reasons.join(','))
}

/** What all versions have in common is checked once, under the spec. */
function* validateShared(spec: Spec, options: SpecOptions, path: FieldPath): FieldErrors {
  const [first] = spec.versions
  if (first === undefined) return
  const shared = sharedOf(spec)
  const parts = { ...first }
  for (const field of SHARED) if (!shared.includes(field)) delete parts[field]
  const hasStatus = spec.versions.some(({ subresources }) => subresources?.status !== undefined)
  yield* validateParts(parts, first, { ...options, hasStatus }, path, 'validation')
}

function* validateParts(
  parts: Version,
  version: Version,
  options: SpecOptions & { readonly hasStatus: boolean },
  path: FieldPath,
  schemaField: 'schema' | 'validation' = 'schema',
): FieldErrors {
  const { schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = parts
  if (schema !== undefined) {
    const before = options.old?.versions.find(({ name }) => name === version.name)?.schema
    const ignoresRuleCost = before !== undefined && deepEqual(before, schema)
    const judged = { ...options, ignoresRuleCost }
    yield* validateValidation(schema, judged, path.child(schemaField))
  }
  if (subresources !== undefined) {
    yield* validateSubresources(subresources, path.child('subresources'))
  }
  for (const [index, column] of additionalPrinterColumns.entries()) {
    yield* validateColumn(column, path.child('additionalPrinterColumns').index(index))
  }
  if (selectableFields.length === 0) return
  const at = path.child('selectableFields')
  const root = version.schema?.openAPIV3Schema
  if (root === undefined) {
    const why =
      schemaField === 'validation'
        ? 'may only be set when validations.schema is included'
        : 'may only be set when `version.schema.openAPIV3Schema` is not included'
    yield invalid(at, '', why)
    return
  }
  const before = options.old?.versions.find(({ name }) => name === version.name)?.selectableFields
  const mayBeMany = deepEqual(before, selectableFields)
  yield* validateSelectableFields(selectableFields, root, mayBeMany, at)
}

function sharedOf({ versions }: Spec): readonly (typeof SHARED)[number][] {
  return SHARED.filter((field) =>
    versions.every(({ [field]: part }) => deepEqual(part, versions[0]?.[field])),
  )
}

function hasExtension(schema: JSONSchemaProps): boolean {
  return (
    schema['x-kubernetes-embedded-resource'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] !== undefined ||
    schema['x-kubernetes-int-or-string'] === true ||
    (schema['x-kubernetes-list-map-keys'] ?? []).length > 0 ||
    schema['x-kubernetes-list-type'] !== undefined ||
    (schema['x-kubernetes-validations'] ?? []).length > 0
  )
}

function optionsFor(old: Definition): Options {
  const { versions, conversion } = old.spec
  const schemas = versions.map(({ schema }) => schema?.openAPIV3Schema)
  const has = (isSo: (schema: JSONSchemaProps) => boolean) =>
    schemas.some((schema) => someSchema(schema, isSo))
  const reviews = conversion.webhook?.conversionReviewVersions ?? []
  const bundle = conversion.webhook?.clientConfig?.caBundle ?? ''
  const hasBadBundle = bundle !== '' && isAny(validateCaBundle(bundle, FieldPath.root))
  return {
    requiresSchema: schemas.every((schema) => schema !== undefined),
    requiresKnownReview: reviews.length === 0 || reviews.some(isKnownReview),
    allowsBadBundle: !isEstablished(old) || hasBadBundle,
    requiresKnownTypes: !has(({ type }) => Boolean(type) && !KNOWN_TYPES.includes(type ?? '')),
    requiresAtomicSets: !has(hasNonAtomicSet),
    requiresSoundMapKeys: !has((schema) => isAny(validateMapKeys(schema, FieldPath.root))),
    requiresPrunedDefaults: !schemas.some(
      (schema) => schema !== undefined && hasUnprunedDefaults(new Structural(schema, true)),
    ),
    old: old.spec,
  }
}

function isAny(errors: FieldErrors): boolean {
  return [...errors].length > 0
}

function isEstablished({ status }: Definition): boolean {
  return (status.conditions ?? []).some(
    (condition) => condition.type === 'Established' && condition.status === 'True',
  )
}
