/** A document that may be changed. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** One operation of a JSON patch. */
export interface NaiveOperation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

/**
 * JSON patches as one would write them without a thought for speed: a whole copy of the document
 * for each operation. Throws for one that does not apply. The model of property tests.
 */
export function naiveJsonPatch(document: unknown, patch: readonly NaiveOperation[]): unknown {
  let now = structuredClone(document) as Json
  for (const { op, path, from = '', value } of patch) {
    now = structuredClone(now)
    const given = structuredClone(value ?? null) as Json
    if (op === 'add') place(now, path, given, 'insert')
    else if (op === 'replace') place(now, path, given, 'set')
    else if (op === 'remove') take(now, path)
    else if (op === 'copy') place(now, path, structuredClone(see(now, from)), 'insert')
    else if (op === 'move') {
      see(now, from)
      place(now, path, take(now, from), 'insert')
    } else if (JSON.stringify(sorted(see(now, path))) !== JSON.stringify(sorted(given))) {
      throw new Error('the test has failed')
    }
  }
  return now
}

/** RFC 7386, line by line; and as upstream's library, within lists nulls of objects go too. */
export function naiveMergePatch(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch)) return patch.map((item) => naiveMergePatch({}, item))
  if (!isMap(patch)) return patch
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = naiveMergePatch(result[key], value)
  }
  return result
}

function place(document: Json, path: string, value: Json, how: 'insert' | 'set'): void {
  const [parent, key] = parentOf(document, path)
  if (!Array.isArray(parent)) parent[key] = value
  else if (how === 'set') parent[indexIn(parent, key, parent.length)] = value
  else if (key === '-') parent.push(value)
  else parent.splice(indexIn(parent, key, parent.length + 1), 0, value)
}

function take(document: Json, path: string): Json {
  const [parent, key] = parentOf(document, path)
  if (Array.isArray(parent)) return parent.splice(indexIn(parent, key, parent.length), 1)[0] ?? null
  if (!Object.hasOwn(parent, key)) throw new Error('there is nothing to take')
  const value = parent[key] ?? null
  delete parent[key]
  return value
}

function see(document: Json, path: string): Json {
  const [parent, key] = parentOf(document, path)
  if (Array.isArray(parent)) return parent[indexIn(parent, key, parent.length)] ?? null
  return parent[key] ?? null
}

function parentOf(document: Json, path: string): [Json[] | { [key: string]: Json }, string] {
  const keys = path.split('/').slice(1)
  const last = keys.pop()
  let parent: Json | undefined = document
  for (const key of keys) {
    if (Array.isArray(parent)) parent = parent[indexIn(parent, key, parent.length)]
    else parent = isMap(parent) ? (parent[key] as Json) : undefined
  }
  if (last === undefined || typeof parent !== 'object' || parent === null) {
    throw new Error('there is no such place')
  }
  return [parent, last]
}

/** Upstream counts negative indexes from the end. */
function indexIn(_list: readonly Json[], key: string, size: number): number {
  const index = Number(key)
  if (!Number.isInteger(index) || key === '' || index >= size || index < -size) {
    throw new Error('there is no such item')
  }
  return index < 0 ? index + size : index
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item as Json)] as const)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
