import { STANDARD_FUNCTIONS } from './functions/standard.ts'
import type { Library } from './library.ts'
import { STANDARD_MACROS } from './syntax/standard-macros.ts'
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  STRING,
  TIMESTAMP,
  typeOf,
  UINT,
} from './types.ts'

const NAMED = [BOOL, BYTES, DOUBLE, DURATION, INT, NULL, STRING, TIMESTAMP, UINT]

/** The language itself. */
export const STANDARD_LIBRARY: Library = {
  functions: STANDARD_FUNCTIONS,
  macros: STANDARD_MACROS,
  names: {
    ...Object.fromEntries(NAMED.map((type) => [type.name, typeOf(type)])),
    list: typeOf(listOf(DYN)),
    map: typeOf(mapOf(DYN, DYN)),
    type: typeOf(typeOf()),
  },
}
