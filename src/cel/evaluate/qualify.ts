import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { formatValue } from '../values/format-value.ts'
import { type Int, isInt, MAX_INT, shortInt } from '../values/integers.ts'
import { JsonMap } from '../values/json-map.ts'
import { typeOfValue } from '../values/type-value.ts'
import { Uint } from '../values/uint.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'

const noSuchKey = (key: CelValue) => new CelError(`no such key: ${formatValue(key)}`)

/** What `object[key]` is; `undefined` when it is not there. */
export function lookUp(object: CelValue, key: CelValue): Outcome | undefined {
  if (object instanceof CelMap) return object.find(key)
  if (object instanceof CelList) {
    const index = indexOf(key)
    if (index instanceof CelError) return index
    return index >= 0 && index < object.size ? object.at(Number(index)) : undefined
  }
  return undefined
}

/** As `lookUp`, of a field known beforehand; `unescaped` is the property that it names. */
export function lookUpField(
  object: CelValue,
  field: string,
  unescaped: string | undefined,
): Outcome | undefined {
  if (object instanceof JsonMap) return object.field(field, unescaped)
  return lookUp(object, field)
}

/** What is said of a key or an index that is not there. */
export function missing(object: CelValue, key: CelValue): CelError {
  if (object instanceof CelList) return new CelError(`index out of bounds: ${formatValue(key)}`)
  return noSuchKey(key)
}

function indexOf(key: CelValue): Int | CelError {
  if (isInt(key)) return key
  if (key instanceof Double && Number.isSafeInteger(key.value)) return key.value
  if (key instanceof Uint && key.value <= MAX_INT) return shortInt(key.value)
  if (key instanceof Double || key instanceof Uint) {
    return new CelError(`unsupported index value ${formatValue(key)} in list`)
  }
  return new CelError(`unsupported index type '${typeOfValue(key).name}' in list`)
}
