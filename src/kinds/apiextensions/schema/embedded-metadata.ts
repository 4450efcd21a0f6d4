import { DecodeError, decodeValue } from '../../../machinery/decode.ts'
import {
  collected,
  type FieldErrors,
  FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { isJsonObject, sortedJson } from '../../../machinery/json-value.ts'
import { dns1035LabelErrors, pathSegmentErrors } from '../../../machinery/names.ts'
import { ObjectMeta } from '../../../machinery/object-meta.ts'
import { validateObjectMeta } from '../../../machinery/validate-object-meta.ts'
import { mapSharedFields, mapSharedItems } from './map-shared-values.ts'
import type { Structural } from './structural.ts'

/** Raised for metadata inside an object that is none; the text is upstream's. */
export class EmbeddedMetadataError extends Error {
  override readonly name = 'EmbeddedMetadataError'
  /** The field's path. */
  readonly at: string
  /** What is wrong there. */
  readonly detail: string

  constructor(at: string, detail: string) {
    super(`${at}: ${detail}`)
    this.at = at
    this.detail = detail
  }
}

/** What to do with metadata that cannot be read, and whom to tell of fields that are none. */
export interface CoerceOptions {
  /** What is stored was accepted before it was checked: it is dropped, not refused. */
  readonly dropsInvalid: boolean
  readonly unknown?: string[] | undefined
}

/**
 * A value in which the metadata of every embedded resource has its canonical form, as Go's types
 * would read it. Throws EmbeddedMetadataError.
 */
export function coerceEmbedded(
  value: unknown,
  schema: Structural | undefined,
  options: CoerceOptions,
  path = '',
): unknown {
  if (schema === undefined || !schema.hasEmbedded) return value
  if (Array.isArray(value)) {
    return mapSharedItems(value, (item, index) =>
      coerceEmbedded(item, schema.items, options, `${path}[${index}]`),
    )
  }
  if (!isJsonObject(value)) return value
  return mapSharedFields(value, (name, field) => {
    const at = path === '' ? name : `${path}.${name}`
    // The object itself has been read already.
    const coerced = schema.isEmbedded && path !== '' ? coerceOwn(name, field, options, at) : field
    if (coerced === undefined) return undefined
    return coerceEmbedded(coerced, schema.field(name), options, at)
  })
}

function coerceOwn(name: string, value: unknown, options: CoerceOptions, at: string): unknown {
  if (name === 'apiVersion' || name === 'kind') {
    if (typeof value === 'string') return value
    if (options.dropsInvalid) return undefined
    throw embeddedError(at, value, 'must be a string')
  }
  if (name !== 'metadata') return value
  try {
    return readMetadata(value, options.dropsInvalid, options.unknown, at)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    if (options.dropsInvalid) return value
    throw embeddedError(at, value, error.message)
  }
}

function embeddedError(at: string, value: unknown, why: string): EmbeddedMetadataError {
  return new EmbeddedMetadataError(at, invalid(FieldPath.root, sortedJson(value), why).message)
}

/** Metadata by its own schema; field by field where what cannot be read is dropped. */
export function readMetadata(
  value: unknown,
  dropsInvalid: boolean,
  unknown?: string[],
  at = 'metadata',
): unknown {
  try {
    const { value: metadata, problems } = decodeValue(ObjectMeta.node, value ?? {})
    for (const problem of problems) unknown?.push(`${at}.${unquote(problem)}`)
    return metadata
  } catch (error) {
    if (!dropsInvalid || !isJsonObject(value) || !(error instanceof DecodeError)) throw error
    const readable = Object.entries(value).filter(([name, field]) => isReadable(name, field))
    return decodeValue(ObjectMeta.node, Object.fromEntries(readable)).value
  }
}

function unquote(problem: string): string {
  return JSON.parse(problem.slice('unknown field '.length)) as string
}

function isReadable(name: string, field: unknown): boolean {
  try {
    decodeValue(ObjectMeta.node, { [name]: field })
    return true
  } catch {
    return false
  }
}

/** Embedded resources have a version and a kind, and metadata like any other object. */
export function* validateEmbedded(
  value: unknown,
  schema: Structural | undefined,
  path: FieldPath,
  isRoot = true,
): FieldErrors {
  if (schema === undefined || !schema.hasEmbedded) return
  if (Array.isArray(value)) {
    const { items } = schema
    for (const [index, item] of value.entries()) {
      yield* validateEmbedded(item, items, path.index(index), false)
    }
  }
  if (!isJsonObject(value)) return
  if (schema.isEmbedded && !isRoot) yield* validateResource(value, path)
  for (const [name, field] of Object.entries(value)) {
    const property = schema.property(name)
    const at = property === undefined ? path.key(name) : path.child(name)
    yield* validateEmbedded(field, property ?? schema.values, at, false)
  }
}

function* validateResource(object: Record<string, unknown>, path: FieldPath): FieldErrors {
  const { apiVersion, kind, metadata } = object
  if (apiVersion === undefined) yield required(path.child('apiVersion'))
  if (kind === undefined) yield required(path.child('kind'))
  if (apiVersion !== undefined) yield* validateVersion(apiVersion, path.child('apiVersion'))
  if (kind !== undefined) yield* validateKind(kind, path.child('kind'))
  if (metadata === undefined) return
  const metadataPath = path.child('metadata')
  let meta: ObjectMeta
  try {
    meta = readMetadata(metadata, false) as ObjectMeta
  } catch (error) {
    yield invalid(metadataPath, metadata, (error as Error).message)
    return
  }
  const named = (meta.name ?? '') === '' ? { ...meta, name: 'fakename' } : meta
  const isNamespaced = (meta.namespace ?? '') !== ''
  const rules = {
    scope: isNamespaced ? ('Namespaced' as const) : ('Cluster' as const),
    validateName: pathSegmentErrors,
  }
  yield* collected(validateObjectMeta, rules, named, metadataPath)
}

function* validateVersion(apiVersion: unknown, path: FieldPath): FieldErrors {
  if (typeof apiVersion !== 'string') yield invalid(path, apiVersion, 'must be a string')
  else if (apiVersion === '') yield invalid(path, apiVersion, 'must not be empty')
  else if (apiVersion.split('/').length > 2) {
    yield invalid(path, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)
  }
}

function* validateKind(kind: unknown, path: FieldPath): FieldErrors {
  if (typeof kind !== 'string') yield invalid(path, kind, 'must be a string')
  else if (kind === '') yield invalid(path, kind, 'must not be empty')
  else {
    const reasons = dns1035LabelErrors(kind.toLowerCase())
    if (reasons.length === 0) return
    const why = `may have mixed case, but should otherwise match: ${reasons.join(',')}`
    yield invalid(path, kind, why)
  }
}
