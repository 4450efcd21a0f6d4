import { setOwn } from '../../base/json.ts'
import { isJsonObject } from '../json-value.ts'
import { PatchError } from './patch-error.ts'

/**
 * Applies RFC 7386: objects are merged, null removes, everything else replaces. Answers a new
 * document that shares what did not change. Throws PatchError for a patch that is a scalar.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null) {
    throw new PatchError('format', 'Invalid JSON Patch')
  }
  return isJsonObject(patch) && isJsonObject(document)
    ? merge(document, patch)
    : withoutNulls(patch)
}

function merge(document: Record<string, unknown>, patch: Record<string, unknown>) {
  const removed = new Set(Object.keys(patch).filter((key) => patch[key] === null))
  const result: Record<string, unknown> = {}
  let hasChanged = false
  for (const [key, value] of Object.entries(document)) {
    if (removed.has(key)) hasChanged = true
    else setOwn(result, key, value)
  }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) continue
    const before = Object.hasOwn(result, key) ? result[key] : undefined
    const isMerged = isJsonObject(before) && isJsonObject(value)
    const after = isMerged ? merge(before, value) : withoutNulls(value)
    if (after === before) continue
    hasChanged = true
    setOwn(result, key, after)
  }
  return hasChanged ? result : document
}

/** In what a patch adds, null stands for nothing, except as an item of a list. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isJsonObject(value)) return value
  const result: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item !== null) setOwn(result, key, withoutNulls(item))
  }
  return result
}
