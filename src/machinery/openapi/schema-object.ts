import type { CustomBehaviour, Kind } from '../kind.ts'
import { ObjectMeta } from '../object-meta.ts'
import {
  type FieldNode,
  resolveNode,
  type SchemaNode,
  type StructNode,
  type Union,
} from '../schema.ts'
import type { Describe } from './descriptions.ts'
import { openApiName } from './names.ts'

/** Says which kinds a type is. */
export const GVK = 'x-kubernetes-group-version-kind'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** The group, version and kind of a kind. */
export function gvkOf({ group, version, kind }: Kind): GroupVersionKind {
  return { group, version, kind }
}

/** A part of an OpenAPI document. */
export type Part = Readonly<Record<string, unknown>>

/** The two forms of documents: OpenAPI 3.0 and Swagger 2.0. */
export type Form = 'v3' | 'v2'

const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity'
const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString'
const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time'
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime'
const RAW = 'io.k8s.apimachinery.pkg.runtime.RawExtension'
const FIELDS = 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1'

/** The scalar formats that are types with a name in OpenAPI. */
const NAMED: Readonly<Record<string, string>> = {
  quantity: QUANTITY,
  'int-or-string': INT_OR_STRING,
  time: TIME,
  'micro-time': MICRO_TIME,
  raw: RAW,
  'fields-v1': FIELDS,
}

const INLINE: Readonly<Record<string, Part>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  byte: { type: 'string', format: 'byte' },
}

const ZERO: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
}

/** The definitions of the named scalars, which differ between the forms. */
function scalarDefinition(name: string, form: Form): Part {
  const isV3 = form === 'v3'
  switch (name) {
    case QUANTITY:
      return isV3 ? { oneOf: [{ type: 'string' }, { type: 'number' }] } : { type: 'string' }
    case INT_OR_STRING:
      return isV3
        ? { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] }
        : { type: 'string', format: 'int-or-string' }
    case TIME:
    case MICRO_TIME:
      return { type: 'string', format: 'date-time' }
    case RAW:
    case FIELDS:
      return { type: 'object' }
    default:
      return {}
  }
}

/** Collects the definitions that a document needs, each once. */
export class Definitions {
  readonly found = new Map<string, Part>()
  readonly #form: Form
  readonly #describe: Describe
  readonly #prefix: string

  readonly #kinds: ReadonlyMap<string, Kind>

  /** `kinds` are known by their structs, which may stand within others (claims in templates). */
  constructor(form: Form, describe: Describe, kinds: readonly Kind[]) {
    this.#form = form
    this.#kinds = new Map(kinds.map((kind) => [kind.schema.name, kind]))
    this.#describe = describe
    this.#prefix = form === 'v3' ? '#/components/schemas/' : '#/definitions/'
  }

  /** Adds a definition that is written by hand. */
  add(name: string, definition: Part): Part {
    if (!this.found.has(name)) this.found.set(name, definition)
    return this.reference(name)
  }

  /** Adds a struct with all that it holds. */
  addStruct(given: StructNode, extra: Part = {}): Part {
    const name = openApiName(given.name)
    if (!this.found.has(name)) {
      // Reserved first, since a struct may contain itself.
      this.found.set(name, {})
      this.found.set(name, { ...this.#struct(given), ...extra })
    }
    return this.reference(name)
  }

  /** Adds the objects of a kind that was added at run time. */
  addCustom({ group, version, kind, schema }: Kind, custom: CustomBehaviour): Part {
    const name = openApiName(schema.name)
    const metadata = () =>
      this.#field(
        { node: ObjectMeta.node, required: false, isPointer: true },
        "Standard object's metadata: its names, its place in time, its owners.",
      )
    if (!this.found.has(name)) {
      const definition = custom.openApi(this.#form, metadata)
      this.found.set(name, { ...definition, [GVK]: [{ group, version, kind }] })
    }
    return this.reference(name)
  }

  reference(name: string): Part {
    return { $ref: `${this.#prefix}${name}` }
  }

  #struct(struct: StructNode): Part {
    const { type, fields = {} } = this.#describe(struct.name) ?? {}
    const entries = Object.entries(struct.fields)
    const required = entries.filter(([, field]) => field.required).map(([key]) => key)
    const properties = entries.map(([key, field]) => [
      key,
      this.#field(field, Object.hasOwn(fields, key) ? fields[key] : undefined),
    ])
    const kind = this.#kinds.get(struct.name)
    return {
      ...(type === undefined ? {} : { description: type }),
      type: 'object',
      ...(required.length > 0 ? { required } : {}),
      ...(properties.length > 0 ? { properties: Object.fromEntries(properties) } : {}),
      ...(struct.mapType === undefined ? {} : { 'x-kubernetes-map-type': struct.mapType }),
      ...(kind === undefined ? {} : { [GVK]: [gvkOf(kind)] }),
      ...(struct.union === undefined ? {} : { 'x-kubernetes-unions': [unionPart(struct.union)] }),
    }
  }

  #field(field: FieldNode, description: string | undefined): Part {
    const extensions = {
      ...(field.patchStrategy === undefined
        ? {}
        : { 'x-kubernetes-patch-strategy': field.patchStrategy }),
      ...(field.mapType === undefined ? {} : { 'x-kubernetes-map-type': field.mapType }),
    }
    const said = description === undefined ? {} : { description }
    const value = publishedDefault(field, this.#form)
    const defaulted = value === undefined ? {} : { default: value }
    const schema = this.node(field.node)
    // OpenAPI 3.0 ignores what stands beside a reference.
    const more = { ...said, ...defaulted, ...extensions }
    const isHidden = this.#form === 'v3' && '$ref' in schema && Object.keys(more).length > 0
    return { ...(isHidden ? { allOf: [schema] } : schema), ...more }
  }

  /** The schema of a node; structs and named scalars become references. */
  node(given: SchemaNode): Part {
    const node = resolveNode(given)
    switch (node.type) {
      case 'struct':
        return this.addStruct(node)
      case 'map':
        return {
          type: 'object',
          additionalProperties: this.node(node.values),
          ...(node.mapType === undefined ? {} : { 'x-kubernetes-map-type': node.mapType }),
        }
      case 'list':
        return {
          type: 'array',
          items: this.node(node.items),
          ...(node.listMapKeys === undefined
            ? {}
            : { 'x-kubernetes-list-map-keys': node.listMapKeys }),
          ...(node.listType === undefined ? {} : { 'x-kubernetes-list-type': node.listType }),
          ...(node.patchMergeKey === undefined
            ? {}
            : { 'x-kubernetes-patch-merge-key': node.patchMergeKey }),
          ...(node.patchStrategy === undefined
            ? {}
            : { 'x-kubernetes-patch-strategy': node.patchStrategy }),
        }
      case 'scalar':
        return this.#scalar(node)
    }
  }

  #scalar(node: Extract<SchemaNode, { type: 'scalar' }>): Part {
    const name = node.name === undefined ? NAMED[node.format] : openApiName(node.name)
    if (name !== undefined) {
      return this.add(name, scalarDefinition(name, this.#form))
    }
    return {
      ...(INLINE[node.format] ?? {}),
      ...(node.enum === undefined ? {} : { enum: [...node.enum].toSorted() }),
      ...(node.listType === undefined ? {} : { 'x-kubernetes-list-type': node.listType }),
    }
  }
}

const METADATA = new Set(['meta.v1.ObjectMeta', 'meta.v1.ListMeta'])

function unionPart({ discriminator, fields }: Union): Part {
  return {
    ...(discriminator === undefined ? {} : { discriminator }),
    'fields-to-discriminateBy': fields,
  }
}

/** The default that OpenAPI shows: a published one, or the zero value of what Go holds by value. */
function publishedDefault(field: FieldNode, form: Form): unknown {
  if (form === 'v2') return undefined
  if (field.publishesDefault) return field.default
  if (field.publishedZero !== undefined) return field.publishedZero
  if (field.isPointer) return undefined
  const node = resolveNode(field.node)
  if (node.type === 'struct') {
    const isByValue = field.required || isEmptyObject(field.default) || METADATA.has(node.name)
    return isByValue ? {} : undefined
  }
  if (node.type !== 'scalar' || !field.required) return undefined
  return ZERO[node.format]
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}
