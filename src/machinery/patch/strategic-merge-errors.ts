import { isJsonObject } from '../json-value.ts'
import { PatchError } from './patch-error.ts'
import { goType } from './patch-meta.ts'

/** What Go's `%s` makes of nothing, and of its type. */
const NO_TYPE = '%!s(<nil>)'

type JsonMap = Readonly<Record<string, unknown>>

/** A `$patch` that names no directive. */
export function badPatchType(directive: unknown, patch: JsonMap): PatchError {
  const what = `unknown patch type: ${formatAsText(directive)} in map: ${formatGo(patch)}`
  return new PatchError('internal', what)
}

/** An item of a list that lacks the field by which items are merged. */
export function noMergeKey(item: JsonMap, key: string): PatchError {
  const what = `map: ${formatGo(item)} does not contain declared merge key: ${key}`
  return new PatchError('internal', what)
}

/** A value of the wrong sort, named as Go names its types. */
export function badType(expected: string, value: unknown): PatchError {
  const received = value === null ? NO_TYPE : goType(value)
  return new PatchError('internal', `expected a ${expected}, but received a ${received}`)
}

/** As Go prints an untyped JSON value with `%s`, which it marks where it is no text. */
function formatAsText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(formatAsText).join(' ')}]`
  if (value === null) return NO_TYPE
  if (!isJsonObject(value)) return `%!s(${goType(value)}=${value})`
  const names = fieldsOf(value)
  return `map[${names.map((name) => `${name}:${formatAsText(value[name])}`).join(' ')}]`
}

/** As Go prints an untyped JSON value with `%v`. */
export function formatGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatGo).join(' ')}]`
  if (!isJsonObject(value)) return value === null ? '<nil>' : String(value)
  const names = fieldsOf(value)
  return `map[${names.map((name) => `${name}:${formatGo(value[name])}`).join(' ')}]`
}

function fieldsOf(map: JsonMap): readonly string[] {
  return Object.keys(map)
    .filter((name) => map[name] !== undefined)
    .sort()
}
