import { JsonSyntaxError, parseJson, stringifyJson } from '../../base/json.ts'
import { isJsonObject } from '../json-value.ts'
import type { KubeObject } from '../kind.ts'
import { compare } from './compare.ts'
import type { FieldSet } from './field-set.ts'
import { fieldSetOfValue } from './owned-fields.ts'
import { compareText, escapedAsGo, TypedValueError } from './path-element.ts'
import type { Shape } from './shape.ts'
import { validateTyped } from './validate-typed.ts'

/** Where kubectl keeps what it has applied by itself. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** All annotations of an object together, names and values. */
const MOST_ANNOTATION_BYTES = 256 * 1024

/**
 * The fields that kubectl has applied on the client's side and that nobody has changed since:
 * server-side apply under kubectl's name may take them. Undefined without such a record.
 */
export function allowedByLastApplied(
  shape: Shape,
  apiVersion: string,
  live: KubeObject,
): FieldSet | undefined {
  const text = live.metadata.annotations?.[LAST_APPLIED] ?? ''
  if (text === '') return undefined
  try {
    const applied = parseJson(text)
    if (!isJsonObject(applied) || applied['apiVersion'] !== apiVersion) return undefined
    validateTyped(shape, applied)
    const { added, modified, removed } = compare(shape, applied, live)
    return fieldSetOfValue(shape, applied)
      .difference(modified)
      .difference(added)
      .difference(removed)
  } catch (error) {
    if (error instanceof TypedValueError || error instanceof JsonSyntaxError) return undefined
    throw error
  }
}

/** An object that has the record gets a new one, so that client-side apply can go on from here. */
export function withLastApplied(
  object: Record<string, unknown>,
  config: Record<string, unknown>,
): Record<string, unknown> {
  const annotations = annotationsOf(object)
  if (!annotations?.[LAST_APPLIED]) return object
  const changed: Record<string, unknown> = {
    ...annotations,
    [LAST_APPLIED]: formatConfiguration(config),
  }
  if (bytesOf(changed) > MOST_ANNOTATION_BYTES) delete changed[LAST_APPLIED]
  const metadata = { ...(object['metadata'] as object), annotations: changed }
  return { ...object, metadata }
}

function annotationsOf({ metadata }: Record<string, unknown>): Record<string, unknown> | undefined {
  const annotations = isJsonObject(metadata) ? metadata['annotations'] : undefined
  return isJsonObject(annotations) ? annotations : undefined
}

/** As Go writes JSON: keys sorted, HTML escaped, a line's end; without the record itself. */
function formatConfiguration(config: Record<string, unknown>): string {
  const annotations = annotationsOf(config)
  if (annotations === undefined) return formatGoJson(config)
  const { [LAST_APPLIED]: _, ...others } = annotations
  const metadata = { ...(config['metadata'] as object), annotations: others }
  return formatGoJson({ ...config, metadata })
}

function formatGoJson(config: Record<string, unknown>): string {
  return `${escapedAsGo(stringifyJson(sorted(config)))}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const names = Object.keys(value).sort(compareText)
  return Object.fromEntries(names.map((name) => [name, sorted(value[name])]))
}

function bytesOf(annotations: Record<string, unknown>): number {
  let bytes = 0
  for (const [name, value] of Object.entries(annotations)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(String(value))
  }
  return bytes
}
