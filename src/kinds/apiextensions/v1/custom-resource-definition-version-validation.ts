import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  required,
  tooMany,
} from '../../../machinery/field-error.ts'
import { validateDefinitionRules } from '../rules/validate-definition-rules.ts'
import { Structural } from '../schema/structural.ts'
import { validateDefaults } from '../schema/validate-defaults.ts'
import type {
  CustomResourceColumnDefinition,
  CustomResourceSubresources,
  CustomResourceValidation,
  SelectableField,
} from './custom-resource-definition-version.ts'
import type { JSONSchemaProps } from './json-schema-props.ts'
import { type SchemaOptions, validateSchema } from './json-schema-props-validation.ts'
import { resolveFieldPath } from './schema-field-path.ts'
import { unsupportedBy, validateStructural } from './structural-schema-validation.ts'

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string']
const COLUMN_FORMATS = [
  'byte',
  'date',
  'date-time',
  'double',
  'float',
  'int32',
  'int64',
  'password',
]
const MOST_SELECTABLE_FIELDS = 8
const SELECTABLE_TYPES = ['string', 'boolean', 'integer']

/** In upstream's words and order, which are those of its Go fields. */
const ROOT_FIELDS = [
  ...['Description', 'Type', 'Format', 'Title', 'Maximum', 'ExclusiveMaximum', 'Minimum'],
  ...['ExclusiveMinimum', 'MaxLength', 'MinLength', 'Pattern', 'MaxItems', 'MinItems'],
  ...['UniqueItems', 'MultipleOf', 'Required', 'Items', 'Properties', 'ExternalDocs', 'Example'],
  ...['XPreserveUnknownFields', 'XValidations'],
]

/** The schema of a version, or of all of them. */
export function* validateValidation(
  { openAPIV3Schema: schema }: CustomResourceValidation,
  {
    hasStatus,
    isStructural,
    ...options
  }: SchemaOptions & {
    readonly hasStatus: boolean
    readonly isStructural: boolean
  },
  path: FieldPath,
): FieldErrors {
  if (schema === undefined) return
  const schemaPath = path.child('openAPIV3Schema')
  const errors = hasStatus ? [...validateRoot(schema, schemaPath)] : []
  if (schema.nullable) {
    errors.push(forbidden(schemaPath.child('nullable'), 'nullable cannot be true at the root'))
  }
  const unsupported = isStructural ? unsupportedBy(schema) : undefined
  if (isStructural && unsupported === undefined) {
    const structural = validateStructural(schema, schemaPath)
    errors.push(...structural)
    if (structural.length === 0) {
      const root = new Structural(schema, true)
      errors.push(...validateDefaults(root, options.requiresPrunedDefaults, schemaPath))
    }
  }
  errors.push(...validateSchema(schema, options, schemaPath))
  yield* errors
  if (errors.length === 0 && isStructural && unsupported === undefined) {
    yield* validateDefinitionRules(schema, options.ignoresRuleCost === true, schemaPath)
  }
  // What is not supported is mostly named above already, field by field.
  if (errors.length === 0 && unsupported !== undefined) yield invalid(schemaPath, '', unsupported)
}

/** With a status subresource, `properties.status` must hold all rules of the status. */
function* validateRoot(schema: JSONSchemaProps, path: FieldPath): FieldErrors {
  const said = Object.entries(schema).filter(
    ([name, value]) =>
      value !== undefined && value !== '' && (value !== false || name.startsWith('additional')),
  )
  const others = said.map(([name]) => name).filter((name) => !ROOT_FIELDS.includes(goName(name)))
  const isEarly = others.some((name) => ['id', '$schema', '$ref'].includes(name))
  const { type = '' } = schema
  if (!isEarly && type !== '' && type !== 'object') {
    const why =
      'only "object" is allowed as the type at the root of the schema if the status subresource is enabled'
    yield invalid(path.child('type'), type, why)
  } else if (others.length > 0) {
    const why = `only [${ROOT_FIELDS.join(' ')}] fields are allowed at the root of the schema`
    yield invalid(path, schema, `${why} if the status subresource is enabled`)
  }
}

function goName(name: string): string {
  return name
    .replace(/^x-kubernetes/, 'x')
    .replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** Where the replica counts and the selector are. */
export function* validateSubresources(
  { scale }: CustomResourceSubresources,
  path: FieldPath,
): FieldErrors {
  if (scale === undefined) return
  const { specReplicasPath, statusReplicasPath, labelSelectorPath = '' } = scale
  const scalePath = path.child('scale')
  yield* validateReplicasPath(specReplicasPath, '.spec', scalePath.child('specReplicasPath'))
  yield* validateReplicasPath(statusReplicasPath, '.status', scalePath.child('statusReplicasPath'))
  if (labelSelectorPath === '') return
  const at = scalePath.child('labelSelectorPath')
  if (!labelSelectorPath.startsWith('.')) yield notSimple(labelSelectorPath, at)
  else if (!/^\.(?:spec|status)\./.test(labelSelectorPath)) {
    yield invalid(at, labelSelectorPath, 'should be a json path under either .spec or .status')
  }
}

function* validateReplicasPath(text: string, under: string, path: FieldPath): FieldErrors {
  if (text === '') yield required(path)
  else if (!text.startsWith('.')) yield notSimple(text, path)
  else if (!text.startsWith(`${under}.`)) {
    yield invalid(path, text, `should be a json path under ${under}`)
  }
}

function notSimple(text: string, path: FieldPath) {
  return invalid(path, text, 'must be a simple json path starting with .')
}

export function* validateColumn(
  column: CustomResourceColumnDefinition,
  path: FieldPath,
): FieldErrors {
  const { name, type, format = '', jsonPath } = column
  if (name === '') yield required(path.child('name'))
  const types = `must be one of ${COLUMN_TYPES.join(',')}`
  if (type === '') yield required(path.child('type'), types)
  else if (!COLUMN_TYPES.includes(type)) yield invalid(path.child('type'), type, types)
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    yield invalid(path.child('format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`)
  }
  if (jsonPath === '') yield required(path.child('JSONPath'))
  else if (!jsonPath.startsWith('.')) yield notSimple(jsonPath, path.child('JSONPath'))
}

/** Fields for selectors are few, and texts, numbers or booleans. */
export function* validateSelectableFields(
  fields: readonly SelectableField[],
  schema: JSONSchemaProps,
  mayBeMany: boolean,
  path: FieldPath,
): FieldErrors {
  const seen = new Set<string>()
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = path.index(index).child('jsonPath')
    if (jsonPath === '') {
      yield required(at)
      continue
    }
    const resolved = resolveFieldPath(jsonPath, schema, false)
    if ('error' in resolved) {
      yield invalid(at, jsonPath, `is an invalid path: ${resolved.error}`)
      continue
    }
    if (resolved.names[0] === 'metadata') {
      yield invalid(at, jsonPath, 'must not point to fields in metadata')
    }
    if (!SELECTABLE_TYPES.includes(resolved.schema?.type ?? '')) {
      const what = 'must point to a field of type string, boolean or integer.'
      const also = 'Enum string fields and strings with formats are allowed.'
      yield invalid(at, jsonPath, `${what} ${also}`)
    }
    const name = resolved.names.join('.')
    if (seen.has(name)) yield duplicate(at, jsonPath)
    seen.add(name)
  }
  if (seen.size > MOST_SELECTABLE_FIELDS && !mayBeMany) {
    yield tooMany(path, seen.size, MOST_SELECTABLE_FIELDS)
  }
}
