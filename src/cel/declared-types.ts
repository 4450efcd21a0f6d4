import type { DeclaredField, DeclaredType } from './declared-type.ts'
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  objectNamed,
  STRING,
  TIMESTAMP,
} from './types.ts'

const declared = (type: CelType, minSerializedSize: number, maxElements = 0): DeclaredType => ({
  type,
  minSerializedSize,
  maxElements,
})

/** Types whose values all have the same size. */
export const SCALAR_TYPES = {
  boolean: declared(BOOL, 4),
  number: declared(DOUBLE, 1),
  integer: declared(INT, 1),
  timestamp: declared(TIMESTAMP, 12),
  dyn: declared(DYN, 1),
} as const

const SIZED = {
  string: declared(STRING, 2),
  bytes: declared(BYTES, 2),
  duration: declared(DURATION, 3),
  date: declared(TIMESTAMP, 12),
  'date-time': declared(TIMESTAMP, 21),
  'int-or-string': declared(DYN, 1),
} as const

export type SizedTypeName = keyof typeof SIZED

/** A type whose values are texts of at most so many bytes. */
export const sizedType = (name: SizedTypeName, maxElements: number): DeclaredType => ({
  ...SIZED[name],
  maxElements,
})

/** A text of no known length. */
export const STRING_TYPE: DeclaredType = SIZED.string

export const listType = (elements: DeclaredType, maxElements: number): DeclaredType => ({
  type: listOf(elements.type),
  elements,
  maxElements,
  minSerializedSize: 2,
})

/** A map with texts as keys. */
export const mapType = (elements: DeclaredType, maxElements: number): DeclaredType => ({
  type: mapOf(STRING, elements.type),
  keys: STRING_TYPE,
  elements,
  maxElements,
  minSerializedSize: 2,
})

/** An object type with a name of its own; `fields` by the names that expressions use. */
export const objectType = (
  name: string,
  fields: ReadonlyMap<string, DeclaredField>,
): DeclaredType => ({
  type: objectNamed(name),
  fields,
  maxElements: 0,
  minSerializedSize: 2,
})

/** An object type declared by hand, without the JSON of a schema: its fields, all required. */
export const objectOf = (
  name: string,
  fields: Readonly<Record<string, DeclaredType>>,
): DeclaredType =>
  objectType(
    name,
    new Map(Object.entries(fields).map(([field, type]) => [field, { type, isRequired: true }])),
  )
