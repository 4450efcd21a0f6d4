import { typeOfValue } from './type-value.ts'
import type { CelValue } from './value.ts'

const NAMES: Readonly<Record<string, string>> = {
  bool: 'types.Bool',
  bytes: 'types.Bytes',
  double: 'types.Double',
  duration: 'types.Duration',
  int: 'types.Int',
  list: '*types.baseList',
  map: '*types.baseMap',
  null: 'types.Null',
  string: 'types.String',
  timestamp: 'types.Timestamp',
  type: '*types.Type',
  uint: 'types.Uint',
}

/** What upstream's implementation calls the type of a value in a few messages. */
export function goTypeName(value: CelValue): string {
  const { kind, name } = typeOfValue(value)
  return NAMES[kind] ?? name
}
