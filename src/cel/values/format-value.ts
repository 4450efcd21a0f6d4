import { Bytes } from './bytes.ts'
import { CelError } from './cel-error.ts'
import { Double } from './double.ts'
import { formatGoFloat } from './format-number.ts'
import { Optional } from './optional.ts'
import { TypeValue } from './type-value.ts'
import { Uint } from './uint.ts'
import { CelList, CelMap, type CelValue, type Outcome } from './value.ts'

/** A value as upstream's messages print it: texts bare, `[1, 2]`, `{a: 1}`. */
export function formatValue(value: CelValue): string {
  if (value === null) return 'null'
  if (typeof value !== 'object') return String(value)
  if (value instanceof Double) return formatGoFloat(value.value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Bytes) return `[${value.value.join(' ')}]`
  if (value instanceof TypeValue) return value.named.name
  if (value instanceof Optional) {
    if (value.content === undefined) return 'optional.none()'
    return `optional(${formatValue(value.content)})`
  }
  if (value instanceof CelList) {
    const items = Array.from({ length: value.size }, (_, index) => formatOutcome(value.at(index)))
    return `[${items.join(', ')}]`
  }
  if (value instanceof CelMap) {
    const entries = Array.from(value.keys(), (key) => {
      return `${formatValue(key)}: ${formatOutcome(value.find(key) ?? null)}`
    })
    return `{${entries.join(', ')}}`
  }
  return String(value)
}

const formatOutcome = (outcome: Outcome) =>
  outcome instanceof CelError ? outcome.message : formatValue(outcome)
