import { CelError } from '../../../../cel/values/cel-error.ts'
import { JsonList } from '../../../../cel/values/json-list.ts'
import { JsonMap } from '../../../../cel/values/json-map.ts'
import { TypeValue } from '../../../../cel/values/type-value.ts'
import { Uint } from '../../../../cel/values/uint.ts'
import { CelList, CelMap, type CelValue } from '../../../../cel/values/value.ts'

/** Why JSON has no form for a value, as cel-go says it; undefined where it has one. */
export function jsonFault(value: CelValue): string | undefined {
  if (value instanceof TypeValue) return `type conversion not supported for 'type'`
  // What came from JSON is JSON.
  if (value instanceof JsonMap || value instanceof JsonList) return undefined
  for (const [key, item] of itemsOf(value)) {
    const fault = keyFault(key) ?? (item instanceof CelError ? undefined : jsonFault(item))
    if (fault !== undefined) return fault
  }
  return undefined
}

function* itemsOf(value: CelValue): Iterable<readonly [CelValue, CelValue | CelError]> {
  if (value instanceof CelList) {
    for (let index = 0; index < value.size; index++) yield ['', value.at(index)]
  } else if (value instanceof CelMap) {
    for (const key of value.keys()) yield [key, value.find(key) ?? null]
  }
}

function keyFault(key: CelValue): string | undefined {
  if (typeof key === 'boolean') return `type conversion error from bool to 'string'`
  if (key instanceof Uint) return `unsupported type conversion from 'uint' to string`
  return typeof key === 'string' ? undefined : `unsupported type conversion from 'int' to string`
}
