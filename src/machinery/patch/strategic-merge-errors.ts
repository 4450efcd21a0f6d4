import { isJsonObject } from '../json-value.ts'
import { PatchError } from './patch-error.ts'
import { goType } from './patch-meta.ts'

type JsonMap = Readonly<Record<string, unknown>>

/** A `$patch` that names no directive. */
export function badPatchType(directive: unknown, patch: JsonMap): PatchError {
  return new PatchError('internal', `unknown patch type: ${directive} in map: ${formatGo(patch)}`)
}

/** An item of a list that lacks the field by which items are merged. */
export function noMergeKey(item: JsonMap, key: string): PatchError {
  const what = `map: ${formatGo(item)} does not contain declared merge key: ${key}`
  return new PatchError('internal', what)
}

/** A value of the wrong sort, named as Go names its types. */
export function badType(expected: string, value: unknown): PatchError {
  return new PatchError('internal', `expected a ${expected}, but received a ${goType(value)}`)
}

/** As Go prints an untyped JSON value with `%v`. */
export function formatGo(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatGo).join(' ')}]`
  if (!isJsonObject(value)) return value === null ? '<nil>' : String(value)
  const names = Object.keys(value).sort()
  return `map[${names.map((name) => `${name}:${formatGo(value[name])}`).join(' ')}]`
}
