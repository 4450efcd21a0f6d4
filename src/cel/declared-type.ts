import type { CelType } from './types.ts'

/** A field of an object type. */
export interface DeclaredField {
  readonly type: DeclaredType
  /** The key in the JSON object; the name in expressions is the escaped one. */
  readonly key: string
  readonly isRequired: boolean
}

/** How two lists, or two maps, of a schema are compared and joined by `+`. */
export type ListStyle = 'atomic' | 'set' | 'map'

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
  /** Of a list: whether its order counts. */
  readonly listStyle?: ListStyle
  /** Of a list of style `map`: the keys of an item (not escaped). */
  readonly listKeys?: readonly string[]
  /** How JSON is read where the type alone does not tell: dates are timestamps too. */
  readonly reads?: 'date' | 'int-or-string' | 'quantity'
}
