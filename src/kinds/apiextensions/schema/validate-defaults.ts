import {
  type FieldError,
  type FieldErrors,
  FieldPath,
  formatFieldError,
  invalid,
} from '../../../machinery/field-error.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import { rootRuleNode } from '../rules/rule-node.ts'
import { validateByRules } from '../rules/validate-rules.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, someSchema, valueSchemaOf } from '../v1/schema-walk.ts'
import { coerceEmbedded, EmbeddedMetadataError, validateEmbedded } from './embedded-metadata.ts'
import { prune, RESOURCE_FIELDS } from './prune.ts'
import { Structural } from './structural.ts'
import { validateValue } from './validate-value.ts'
import { toFieldError } from './value-errors.ts'

const INT_OR_STRING = 'x-kubernetes-int-or-string'

/** Where a default is inside of metadata: from the object that the metadata is of. */
interface Surrounding {
  readonly resource: Structural
  /** A name for a field, undefined for an item. */
  readonly steps: readonly (string | undefined)[]
  readonly isInMetadata: boolean
}

/** Defaults fit their own schemas, with their rules, and have no unknown fields. */
export function validateDefaults(
  root: Structural,
  requiresPruned: boolean,
  path: FieldPath,
): FieldErrors {
  const surrounding = { resource: root, steps: [], isInMetadata: false }
  return validateAt(root, surrounding, requiresPruned, path)
}

/** Whether any default has fields that its schema does not know. */
export function hasUnprunedDefaults(schema: Structural): boolean {
  const { default: given = null } = schema.schema
  if (given !== null && hasLost(given, schema.default)) return true
  const { items, values } = schema
  if (items !== undefined && hasUnprunedDefaults(items)) return true
  if (values !== undefined && hasUnprunedDefaults(values)) return true
  return schema.propertyNames.some((name) => {
    const property = schema.property(name)
    return property !== undefined && hasUnprunedDefaults(property)
  })
}

/** Whether a value had more fields before it was pruned; nulls do not count. */
function hasLost(given: unknown, pruned: unknown): boolean {
  if (Array.isArray(given)) {
    return given.some((item, index) => hasLost(item, Array.isArray(pruned) ? pruned[index] : null))
  }
  if (!isJsonObject(given)) return false
  const left = isJsonObject(pruned) ? pruned : {}
  return Object.entries(given).some(
    ([name, value]) => value !== null && (!Object.hasOwn(left, name) || hasLost(value, left[name])),
  )
}

function* validateAt(
  schema: Structural,
  around: Surrounding,
  requiresPruned: boolean,
  path: FieldPath,
): FieldErrors {
  if (!schema.hasDefaults) return
  const { default: given = null } = schema.schema
  const here = schema.isEmbedded ? { resource: schema, steps: [], isInMetadata: false } : around
  if (given !== null)
    yield* validateDefault(schema, given, here, requiresPruned, path.child('default'))
  const { items } = schema
  if (items !== undefined) {
    const inner = { ...here, steps: [...here.steps, undefined] }
    yield* validateAt(items, inner, requiresPruned, path.child('items'))
  }
  for (const name of schema.propertyNames) {
    const property = schema.property(name)
    if (property === undefined) continue
    const isInMetadata = here.isInMetadata || (schema.isEmbedded && RESOURCE_FIELDS.has(name))
    const inner = { ...here, steps: [...here.steps, name], isInMetadata }
    yield* validateAt(property, inner, requiresPruned, path.child('properties').key(name))
  }
}

function* validateDefault(
  schema: Structural,
  given: unknown,
  around: Surrounding,
  requiresPruned: boolean,
  path: FieldPath,
): FieldErrors {
  if (around.isInMetadata) {
    const problem = metadataProblem(given, around)
    if (problem !== undefined) {
      yield invalid(path, given, `must result in valid metadata: ${problem}`)
      return
    }
  } else {
    if (requiresPruned && hasLost(given, prune(given, schema))) {
      yield invalid(path, given, 'must not have unknown fields')
    }
    const errors = [...embeddedErrors(given, schema, path)]
    if (errors.length > 0) {
      yield* errors
      return
    }
  }
  const judged = { value: given, at: '', correlation: undefined }
  const { errors } = validateValue(withoutIntOrString(schema.schema), judged)
  if (errors.length > 0) for (const error of errors) yield toFieldError(error, path)
  else yield* ruleErrors(schema, given, path)
}

/** Upstream asks of a default only what the schema says itself: such a value may be anything. */
function withoutIntOrString(schema: JSONSchemaProps): JSONSchemaProps {
  if (!someSchema(schema, (one) => one[INT_OR_STRING] === true)) return schema
  const { [INT_OR_STRING]: _, properties, ...others } = schema
  const items = itemSchemaOf(schema)
  const values = valueSchemaOf(schema)
  return {
    ...others,
    ...(properties !== undefined && { properties: mapFields(properties) }),
    ...(items !== undefined && { items: withoutIntOrString(items) }),
    ...(values !== undefined && { additionalProperties: withoutIntOrString(values) }),
  }
}

function mapFields(
  properties: Readonly<Record<string, JSONSchemaProps>>,
): Readonly<Record<string, JSONSchemaProps>> {
  const fields = Object.entries(properties)
  return Object.fromEntries(fields.map(([name, field]) => [name, withoutIntOrString(field)]))
}

function* embeddedErrors(given: unknown, schema: Structural, path: FieldPath): FieldErrors {
  try {
    coerceEmbedded(given, schema, { dropsInvalid: false }, 'default')
  } catch (error) {
    if (!(error instanceof EmbeddedMetadataError)) throw error
    const at = `${path}${error.at.slice('default'.length)}`
    yield { reason: 'FieldValueInvalid', field: at, message: error.detail }
    return
  }
  yield* validateEmbedded(given, schema, path, false)
}

/** Why an object with this in its metadata would be none, in words. */
function metadataProblem(given: unknown, { resource, steps }: Surrounding): string | undefined {
  let value: unknown = given
  for (const step of steps.toReversed()) value = step === undefined ? [value] : { [step]: value }
  const object = {
    kind: 'Validation',
    apiVersion: 'validation/v1',
    ...(isJsonObject(value) && value),
  }
  const whole = new Structural(resource.schema, true)
  try {
    coerceEmbedded({ whole: object }, wrapped(whole), { dropsInvalid: false })
  } catch (error) {
    if (error instanceof EmbeddedMetadataError) return error.message
    throw error
  }
  const errors: FieldError[] = [...validateEmbedded(object, whole, FieldPath.root, false)]
  if (errors.length === 0) return undefined
  const texts = errors.map(formatFieldError)
  return texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
}

/** A schema with the resource one step below its root. */
function wrapped({ schema }: Structural): Structural {
  const embedded = { ...schema, 'x-kubernetes-embedded-resource': true }
  return new Structural({ type: 'object', properties: { whole: embedded } })
}

/** A default comes where nothing was, and stays where it was: both must be allowed. */
function ruleErrors(schema: Structural, given: unknown, path: FieldPath): FieldErrors {
  const rules = rootRuleNode(schema.schema, schema.isEmbedded)
  if (rules === undefined) return []
  const kept = validateByRules(rules, given, given, undefined, path)
  if (kept.errors.length > 0) return kept.errors
  return validateByRules(rules, given, undefined, undefined, path).errors
}
