import { decodeCbor } from '../../machinery/codec/cbor.ts'
import { CodecError, type DecodedDocument } from '../../machinery/codec/json.ts'
import { cannotBeHandled } from '../../machinery/decode.ts'
import { isJsonObject } from '../../machinery/json-value.ts'
import { badRequest, type StatusError } from '../../machinery/status-error.ts'

/**
 * Reads a body in CBOR that should be a kind's object. What has no names that could be read is
 * refused with `unreadable`; of what has names, a fault is told with them, as upstream does.
 */
export function decodeCborBody(
  bytes: Uint8Array,
  expected: { readonly kind: string; readonly version: string },
  unreadable: (why: string) => StatusError,
): DecodedDocument {
  const { value, type, fault } = readOr(bytes, (why) =>
    unreadable(`unable to determine group/version/kind: ${why}`),
  )
  if (value !== null && !isJsonObject(value)) {
    const what = `cbor: cannot unmarshal ${type} into Go value of type v1.TypeMeta`
    const why =
      type === 'array' ? ' (cannot decode CBOR array to struct without toarray option)' : ''
    throw unreadable(`unable to determine group/version/kind: ${what}${why}`)
  }
  if (fault !== undefined) {
    const { kind, apiVersion } = value ?? {}
    const version = typeof apiVersion === 'string' ? apiVersion.replace(/^.*\//, '') : ''
    const name = typeof kind === 'string' ? kind : ''
    throw cannotBeHandled(
      { kind: name || expected.kind, version: version || expected.version },
      fault,
    )
  }
  return { value, problems: [] }
}

/** Reads the configuration of an apply, whose decoder upstream names after YAML in any case. */
export function decodeCborConfiguration(bytes: Uint8Array): DecodedDocument {
  const refuse = (why: string) => badRequest(`error decoding YAML: ${why}`)
  const { value, type, fault } = readOr(bytes, refuse)
  if (value !== null && !isJsonObject(value)) {
    const to = 'Go value of type map[string]interface {}'
    throw refuse(`cbor: cannot unmarshal ${type} into ${to}`)
  }
  if (fault !== undefined) throw refuse(fault)
  return { value, problems: [] }
}

function readOr(bytes: Uint8Array, refuse: (why: string) => StatusError) {
  try {
    return decodeCbor(bytes)
  } catch (error) {
    throw error instanceof CodecError ? refuse(error.message) : error
  }
}

/**
 * The one text in which upstream tells that fields are unknown: the place of the first of them
 * within its map, counted from 0. `problems` are those of the decoded value, by their paths.
 */
export function unknownCborField(value: unknown, problems: readonly string[]): readonly string[] {
  const paths = new Set(
    problems.flatMap((problem) => {
      const path = UNKNOWN_FIELD.exec(problem)?.[1]
      return path === undefined ? [] : [JSON.parse(path) as string]
    }),
  )
  const index = paths.size === 0 ? undefined : firstIndex(value, '', paths)
  return index === undefined
    ? problems
    : [`cbor: found unknown field at map element index ${index}`]
}

const UNKNOWN_FIELD = /^unknown field (".*")$/

function firstIndex(value: unknown, path: string, paths: ReadonlySet<string>): number | undefined {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const found = firstIndex(item, `${path}[${index}]`, paths)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (!isJsonObject(value)) return undefined
  for (const [index, [key, field]] of Object.entries(value).entries()) {
    const inner = path === '' ? key : `${path}.${key}`
    if (paths.has(inner)) return index
    const found = firstIndex(field, inner, paths)
    if (found !== undefined) return found
  }
  return undefined
}
