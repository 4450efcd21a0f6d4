import { BOOL, type CelType, DYN, INT, listOf, mapOf, NULL, STRING, typeOf } from '../types.ts'
import { CelList, CelMap, CelObject, type CelValue } from './value.ts'

const TYPE = typeOf()
const LIST = listOf(DYN)
const MAP = mapOf(DYN, DYN)

/** A type as a value: what `type(x)` gives and names such as `int` are. */
export class TypeValue extends CelObject {
  readonly named: CelType

  constructor(named: CelType) {
    super()
    this.named = named
  }

  get type() {
    return TYPE
  }

  /** Parameters are forgotten at run time: every list is of the type `list`. */
  equals(other: CelValue): boolean {
    return other instanceof TypeValue && other.named.name === this.named.name
  }

  toJson(): string {
    return this.named.name
  }
}

/** The type of a value at run time. */
export function typeOfValue(value: CelValue): CelType {
  if (value === null) return NULL
  switch (typeof value) {
    case 'boolean':
      return BOOL
    case 'string':
      return STRING
    case 'number':
    case 'bigint':
      return INT
    default:
      if (value instanceof CelList) return LIST
      return value instanceof CelMap ? MAP : value.type
  }
}
