import type { CelType } from './types.ts'

/** A field of an object type. */
export interface DeclaredField {
  readonly type: DeclaredType
  readonly isRequired: boolean
}

/**
 * What a schema says of a JSON value: its type in expressions, how it is read without copying, and
 * the largest size it can have in a request, of which costs are estimated.
 */
export interface DeclaredType {
  readonly type: CelType
  /** The most characters, bytes, items or entries that a value can have. */
  readonly maxElements: number
  /** The fewest bytes of it in JSON. */
  readonly minSerializedSize: number
  /** Of an object: its fields by the names that expressions use (`__dot__` and so on). */
  readonly fields?: ReadonlyMap<string, DeclaredField>
  /** Of a map: the type of its keys. */
  readonly keys?: DeclaredType
  /** Of a list or a map: the type of its items or values. */
  readonly elements?: DeclaredType
  /** How its JSON is read; without it, by what the JSON is. */
  readonly shape?: JsonShape
}

/** How a JSON value of a schema is read. */
export type JsonShape = ScalarShape | ObjectShape | MapShape | ListShape

export interface ScalarShape {
  readonly kind:
    | 'string'
    | 'boolean'
    | 'integer'
    | 'number'
    | 'int-or-string'
    | 'duration'
    | 'date'
    | 'date-time'
    | 'byte'
    /** Whatever it is, expressions can only compare it. */
    | 'preserved'
  readonly isNullable: boolean
}

/** An object with properties, by their own names; expressions use the escaped ones. */
export interface ObjectShape {
  readonly kind: 'object'
  readonly isNullable: boolean
  readonly properties: ReadonlyMap<string, JsonShape>
}

/** An object whose values are all alike; without a shape of the values they are not seen. */
export interface MapShape {
  readonly kind: 'map'
  readonly isNullable: boolean
  readonly values?: JsonShape
}

export interface ListShape {
  readonly kind: 'list'
  readonly isNullable: boolean
  readonly items: JsonShape
  /** As sets and maps they are equal in whatever order, and `+` merges. */
  readonly style: 'atomic' | 'set' | 'map'
  /** Of the style `map`: the properties that tell the items apart. */
  readonly keys: readonly string[]
}
