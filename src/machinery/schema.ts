/**
 * What a field holds. One value drives the TypeScript type, decoding, defaults, pruning, OpenAPI,
 * `explain`, patch keys, server-side apply and the protobuf codec.
 */
export type SchemaNode =
  | ScalarNode
  | ListNode
  | MapNode
  | StructNode
  /** A struct that is defined later, because it contains itself. */
  | { readonly type: 'lazy'; readonly name: string; readonly resolve: () => SchemaNode }

/** The formats of scalars; each has one canonical JSON form. */
export type ScalarFormat =
  | 'string'
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'double'
  /** Bytes, as base64 text in JSON. */
  | 'byte'
  /** metav1.Time: RFC 3339, whole seconds. */
  | 'time'
  /** metav1.MicroTime: RFC 3339, microseconds. */
  | 'micro-time'
  | 'quantity'
  | 'int-or-string'
  /** runtime.RawExtension: an object of whatever kind, kept as it is. */
  | 'raw'
  /** metav1.FieldsV1: the set of fields that a manager owns. */
  | 'fields-v1'
  /** Whatever JSON can hold (apiextensions JSON). */
  | 'json'

export interface ScalarNode {
  readonly type: 'scalar'
  readonly format: ScalarFormat
  /** The allowed values, where OpenAPI publishes them. */
  readonly enum?: readonly string[]
  /** The name under which OpenAPI publishes a type that may be anything (`json`). */
  readonly name?: string
  /** Bytes that OpenAPI says are merged as a whole. */
  readonly listType?: 'atomic'
  /** What JSON of a type with a reader of its own may be. */
  readonly forms?: JsonForms
}

/**
 * The forms of a value that Go reads with a method of the type: each is read as its schema says,
 * and unknown fields in it are dropped without a word.
 */
export interface JsonForms {
  readonly object: SchemaNode
  readonly list?: SchemaNode
  readonly takesBoolean?: boolean
  /** Said of any other value, which is taken for an empty object without it. */
  readonly refusal?: string
}

export interface ListNode {
  readonly type: 'list'
  readonly items: SchemaNode
  /** How server-side apply merges it; atomic when absent. */
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  /** How a strategic merge patch merges it; it replaces the list when absent. */
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
}

export interface MapNode {
  readonly type: 'map'
  readonly values: SchemaNode
  readonly mapType?: 'atomic' | 'granular'
}

export interface StructNode {
  readonly type: 'struct'
  /** Such as `core.v1.PodSpec`; the OpenAPI and protobuf names follow from it. */
  readonly name: string
  readonly fields: Readonly<Record<string, FieldNode>>
  readonly mapType?: 'atomic' | 'granular'
  /** Fields of which one may be set, for OpenAPI. */
  readonly union?: Union
  /** It may have fields that are not named: `x-kubernetes-preserve-unknown-fields`. */
  readonly isOpen?: true
}

/** Which value of the discriminator goes with which field. */
export interface Union {
  readonly discriminator?: string
  readonly fields: Readonly<Record<string, string>>
}

export interface FieldNode {
  readonly node: SchemaNode
  /** Listed under `required` in OpenAPI. What is missing is decoded as its zero value. */
  readonly required: boolean
  /** Filled in by the server when absent. */
  readonly default?: unknown
  /** Upstream holds it behind a pointer: its zero value is not the same as none. */
  readonly isPointer?: true
  /** Upstream writes it always: null where nobody gave it. */
  readonly writesNull?: true
  /** A list that is null once stored where it is empty: protobuf knows no difference. */
  readonly emptyIsNull?: true
  /** The default is in OpenAPI too (upstream's `+default` tag). */
  readonly publishesDefault?: true
  /** The zero value that OpenAPI names as default, although what is not given stays absent. */
  readonly publishedZero?: unknown
  /** A struct that a strategic merge patch treats specially, such as `retainKeys`. */
  readonly patchStrategy?: string
  /** On a struct field: replaces or merges as a whole in server-side apply. */
  readonly mapType?: 'atomic' | 'granular'
}

export type Presence = 'required' | 'optional' | 'defaulted'

/** A typed schema: `T` is what is stored, `I` what a client may send, `P` whether it may lack. */
export class Schema<T, I = T, P extends Presence = Presence> {
  declare readonly stored: T
  declare readonly input: I
  declare readonly presence: P
  readonly node: SchemaNode
  readonly field: Omit<FieldNode, 'node'>

  constructor(node: SchemaNode, field: Omit<FieldNode, 'node'>) {
    this.node = node
    this.field = field
  }

  /** The field may be absent, and stays absent when stored. */
  optional(): Schema<T, I, 'optional'> {
    return new Schema(this.node, { ...this.field, required: false })
  }

  /**
   * The field may be absent in a request, and is always present once stored. For a constant that
   * upstream's defaulting code fills in; the OpenAPI document does not mention it.
   */
  default(value: I): Schema<T, I, 'defaulted'> {
    return new Schema(this.node, { ...this.field, required: false, default: value })
  }

  /** As `default`, and OpenAPI publishes the value (upstream's `+default` tag). */
  publishedDefault(value: I): Schema<T, I, 'defaulted'> {
    const field = { ...this.field, required: false, default: value, publishesDefault: true }
    return new Schema(this.node, field as Omit<FieldNode, 'node'>)
  }

  /** Optional, and OpenAPI names the zero value as its default: `omitempty` leaves that out. */
  publishedZero(value: I): Schema<T, I, 'optional'> {
    return new Schema(this.node, { ...this.field, required: false, publishedZero: value })
  }

  /**
   * Always present once stored, because code (a kind's `setDefaults`, the registry, a strategy)
   * sets it, though no constant can be named here.
   */
  filled(): Schema<T, I, 'defaulted'> {
    return new Schema(this.node, { ...this.field, required: false })
  }

  /**
   * A struct that is always written, even when it is empty: upstream holds it by value. As
   * `default({})` for structs that have required fields, which then get their zero values.
   */
  present(): Schema<T, I, 'defaulted'> {
    return new Schema(this.node, { ...this.field, required: false, default: {} })
  }

  /**
   * The field may be absent in a request, and is null then once stored: a time that upstream holds
   * by value, or a list or pointer without `omitempty`.
   */
  orNull(): Schema<T | null, I | null, 'optional'> {
    return new Schema(this.node, { ...this.field, required: false, writesNull: true })
  }

  /**
   * A list without `omitempty`: null where nobody gave it, as with `orNull`, and null once stored
   * where it is empty, as what upstream stores as protobuf comes back.
   */
  nullWhenEmpty(): Schema<T | null, I | null, P> {
    return new Schema(this.node, { ...this.field, writesNull: true, emptyIsNull: true })
  }

  /**
   * Upstream holds this field behind a pointer. So OpenAPI shows no zero value for it, and a zero
   * value that a client sends is kept, where otherwise it is the same as none.
   */
  pointer(): Schema<T, I, P> {
    return new Schema(this.node, { ...this.field, isPointer: true })
  }

  /** How a strategic merge patch treats this struct, such as `retainKeys`. */
  patch(patchStrategy: string): Schema<T, I, P> {
    return new Schema(this.node, { ...this.field, patchStrategy })
  }

  /** Server-side apply owns this struct or map as a whole. */
  atomic(): Schema<T, I, P> {
    return new Schema(this.node, { ...this.field, mapType: 'atomic' })
  }

  /** Server-side apply owns the fields of this struct one by one, although its type is atomic. */
  granular(): Schema<T, I, P> {
    return new Schema(this.node, { ...this.field, mapType: 'granular' })
  }
}

export type Fields = Readonly<Record<string, Schema<unknown, unknown>>>

type KeysOf<F, P extends Presence> = {
  [K in keyof F]: F[K] extends Schema<unknown, unknown, P> ? K : never
}[keyof F]

type Flatten<T> = { readonly [K in keyof T]: T[K] } & {}

/** The type of the stored objects: defaulted fields are always there. */
export type StoredOf<F extends Fields> = Flatten<
  { [K in KeysOf<F, 'required' | 'defaulted'>]: F[K]['stored'] } & {
    [K in KeysOf<F, 'optional'>]?: F[K]['stored'] | undefined
  }
>

/** The type of what a client sends: defaulted fields may be absent. */
export type InputOf<F extends Fields> = Flatten<
  { [K in KeysOf<F, 'required'>]: F[K]['input'] } & {
    [K in KeysOf<F, 'optional' | 'defaulted'>]?: F[K]['input'] | undefined
  }
>

/** The stored type of a schema: `interface PodSpec extends Infer<typeof PodSpec> {}`. */
export type Infer<S extends Schema<unknown, unknown>> = S['stored']
/** What a client may send for a schema. */
export type InferInput<S extends Schema<unknown, unknown>> = S['input']

export interface ListOptions {
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
}

const required = <T, I = T>(node: SchemaNode) =>
  new Schema<T, I, 'required'>(node, { required: true })
const scalar = <T>(format: ScalarFormat) => required<T>({ type: 'scalar', format })

function structNode(name: string, fields: Fields, options: StructOptions): StructNode {
  // Hundreds of structs are declared at every start: a loop, where a chain would cost more.
  const nodes: Record<string, FieldNode> = {}
  for (const [key, { node, field }] of Object.entries(fields)) nodes[key] = { ...field, node }
  return { type: 'struct', name, fields: nodes, ...options }
}

/** How server-side apply merges a struct, and which of its fields exclude each other. */
export interface StructOptions {
  readonly mapType?: 'atomic' | 'granular'
  readonly union?: Union
}

/** The constructors of schemas. */
export const s = {
  string: () => scalar<string>('string'),
  bool: () => scalar<boolean>('boolean'),
  int32: () => scalar<number>('int32'),
  /** Beyond 2^53 the value is a bigint at run time; code that computes must expect that. */
  int64: () => scalar<number>('int64'),
  double: () => scalar<number>('double'),
  bytes: (options: { readonly listType?: 'atomic' } = {}) =>
    required<string>({ type: 'scalar', format: 'byte', ...options }),
  time: () => scalar<string>('time'),
  microTime: () => scalar<string>('micro-time'),
  quantity: () => required<string, string | number>({ type: 'scalar', format: 'quantity' }),
  intOrString: () => scalar<number | string>('int-or-string'),
  raw: () => scalar<JsonObject>('raw'),
  fieldsV1: () => scalar<JsonObject>('fields-v1'),
  /** `name` is that of the type in OpenAPI. */
  json: <T = unknown>(name: string, forms?: JsonForms) =>
    required<T>({ type: 'scalar', format: 'json', name, ...(forms && { forms }) }),

  /** A string of which OpenAPI lists the allowed values. */
  oneOf: <const V extends readonly string[]>(...values: V) =>
    required<V[number]>({ type: 'scalar', format: 'string', enum: values }),
  /** A string with these known values, which OpenAPI does not list. */
  known: <const V extends readonly string[]>(..._values: V) => scalar<V[number]>('string'),

  map: <T, I>(of: Schema<T, I>, options: { readonly mapType?: 'atomic' | 'granular' } = {}) =>
    required<{ readonly [key: string]: T }, { readonly [key: string]: I }>({
      type: 'map',
      values: of.node,
      ...options,
    }),

  list: <T, I>(of: Schema<T, I>, options: ListOptions = {}) =>
    required<readonly T[], readonly I[]>({ type: 'list', items: of.node, ...options }),

  /** A named object type, such as `s.struct('core.v1.EnvVar', { name: s.string(), ... })`. */
  struct: <const F extends Fields>(name: string, fields: F, options: StructOptions = {}) =>
    required<StoredOf<F>, InputOf<F>>(structNode(name, fields, options)),

  /** For a type that contains itself; its TypeScript type is written by hand. */
  lazy: <T>(name: string, resolve: () => SchemaNode) =>
    required<T>({ type: 'lazy', name, resolve }),
}

export interface JsonObject {
  readonly [key: string]: unknown
}

/** The node itself, with a lazy one resolved. */
export function resolveNode(node: SchemaNode): Exclude<SchemaNode, { type: 'lazy' }> {
  return node.type === 'lazy' ? resolveNode(node.resolve()) : node
}
