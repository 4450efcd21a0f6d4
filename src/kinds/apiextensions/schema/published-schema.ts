import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, valueSchemaOf } from '../v1/schema-walk.ts'

type Part = Readonly<Record<string, unknown>>

/** How OpenAPI documents of one form show the schemas of custom resources. */
export interface PublishOptions {
  readonly form: 'v2' | 'v3'
  /** The property `metadata` of whatever is an object of its own. */
  metadata(): Part
}

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]

/** What `kubectl explain` says of the names that every object has. */
const API_VERSION: Part = {
  description: 'APIVersion defines the group and version of the schema that the object has.',
  type: 'string',
}
const KIND: Part = {
  description: 'Kind names what the object is, in the words of its group.',
  type: 'string',
}

/** A whole object as OpenAPI shows it: the schema of its definition with what every object has. */
export function publishedObject(
  schema: JSONSchemaProps | undefined,
  keepsUnknown: boolean,
  options: PublishOptions,
): Part {
  const isOpen = keepsUnknown || schema?.['x-kubernetes-preserve-unknown-fields'] === true
  // kubectl takes the fields that it is told of for all that there are.
  if (schema === undefined || (options.form === 'v2' && isOpen)) return { type: 'object' }
  const published = publishedSchema(schema, options)
  const { properties } = published as { readonly properties?: Part }
  const common = { apiVersion: API_VERSION, kind: KIND, metadata: options.metadata() }
  return { ...published, properties: { ...properties, ...common } }
}

function publishedSchema(given: JSONSchemaProps, options: PublishOptions): Part {
  const schema = options.form === 'v2' ? reduced(given) : unfolded(given)
  const { properties, items: _, additionalProperties, ...rest } = schema
  const items = itemSchemaOf(schema)
  const values = valueSchemaOf(schema)
  const part: Record<string, unknown> = { ...definedOf(rest) }
  if (properties !== undefined) {
    part['properties'] = Object.fromEntries(
      Object.entries(properties).map(([name, one]) => [name, publishedSchema(one, options)]),
    )
  }
  if (items !== undefined) part['items'] = publishedSchema(items, options)
  if (values !== undefined) part['additionalProperties'] = publishedSchema(values, options)
  else if (additionalProperties !== undefined) part['additionalProperties'] = additionalProperties
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  return isEmbedded && !(isOpen && options.form === 'v2') ? withResource(part, options) : part
}

/** An object inside the object must say what it is. */
function withResource(part: Part, options: PublishOptions): Part {
  const { properties, required = [] } = part as {
    readonly properties?: Part
    readonly required?: readonly string[]
  }
  const missing = ['kind', 'apiVersion'].filter((name) => !required.includes(name))
  return {
    ...part,
    properties: {
      ...properties,
      apiVersion: API_VERSION,
      kind: KIND,
      metadata: options.metadata(),
    },
    required: [...required, ...missing],
  }
}

/** What may be a number or a text says so to those who do not know the extension. */
function unfolded(schema: JSONSchemaProps): JSONSchemaProps {
  if (schema['x-kubernetes-int-or-string'] !== true) return schema
  const { anyOf, allOf = [] } = schema
  if (deepEqual(anyOf, INT_OR_STRING) || deepEqual(allOf[0]?.anyOf, INT_OR_STRING)) return schema
  if (anyOf === undefined) return { ...schema, anyOf: INT_OR_STRING }
  return { ...schema, allOf: [{ anyOf: INT_OR_STRING }, ...allOf] }
}

/** What Swagger 2 can say, and kubectl understands of it. */
function reduced(schema: JSONSchemaProps): JSONSchemaProps {
  const { allOf: _all, anyOf: _any, oneOf: _one, not: _not, default: _default, ...kept } = schema
  const { nullable, ...rest } = kept
  const isOpen = rest['x-kubernetes-preserve-unknown-fields'] === true
  const isBare = nullable === true || isOpen
  const { items, properties, type, ...others } = rest
  const isUntyped =
    nullable === true ||
    (type === 'array' && (isBare || items === undefined)) ||
    (type === 'object' && isOpen)
  const required = requiredOf(schema, isBare)
  return {
    ...others,
    ...(!isUntyped && { type }),
    ...(!isBare && { items, properties }),
    required: required.length === 0 ? undefined : required,
  }
}

/** Nullable fields cannot be required there. */
function requiredOf(schema: JSONSchemaProps, isBare: boolean): readonly string[] {
  const { required = [], properties = {} } = schema
  if (valueSchemaOf(schema)?.nullable === true) return []
  if (isBare) return required
  return required.filter(
    (name) => !(Object.hasOwn(properties, name) && properties[name]?.nullable === true),
  )
}

/** Without fields that say nothing, as Go leaves them out. */
function definedOf(schema: object): Part {
  const said = Object.entries(schema).filter(
    ([name, value]) =>
      value !== undefined &&
      value !== null &&
      (name === 'default' ||
        (value !== '' && value !== false && !(Array.isArray(value) && value.length === 0))),
  )
  return Object.fromEntries(said)
}
