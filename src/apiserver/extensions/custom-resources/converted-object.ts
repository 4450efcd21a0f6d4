import { collected, FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { validateAnnotations, validateLabels } from '../../../machinery/validate-object-meta.ts'

/** Says in upstream's words why what a webhook has made of an object is not that object. */
export class ConvertedObjectError extends Error {
  override readonly name = 'ConvertedObjectError'
}

type Fields = Readonly<Record<string, unknown>>

/** What names an object stays. */
export function checkConverted({ kind, metadata }: KubeObject, converted: Fields): void {
  const given = isJsonObject(converted['metadata']) ? converted['metadata'] : {}
  const names = [
    ['kind', kind, converted['kind']],
    ['name', metadata.name, given['name']],
    ['namespace', metadata.namespace, given['namespace']],
    ['UID', metadata.uid, given['uid']],
  ] as const
  for (const [what, before, after] of names) {
    const [expected, actual] = [textOf(before), textOf(after)]
    if (expected === actual) continue
    throw new ConvertedObjectError(`must have the same ${what}: ${expected} != ${actual}`)
  }
}

/** The converted object with the metadata of before, of which labels and annotations may change. */
export function restoreMetadata(object: KubeObject, converted: Fields): KubeObject {
  const { metadata: given } = converted
  if (given === undefined) throw new ConvertedObjectError('missing metadata in converted object')
  if (!isJsonObject(given)) {
    throw new ConvertedObjectError(`invalid metadata of type ${goType(given)} in converted object`)
  }
  const { labels: _, annotations: __, ...kept } = object.metadata
  const labels = textsOf('labels', given, object)
  const annotations = textsOf('annotations', given, object)
  const metadata = {
    ...kept,
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  }
  return { ...converted, metadata } as unknown as KubeObject
}

function textsOf(
  field: 'labels' | 'annotations',
  { [field]: given }: Fields,
  { metadata }: KubeObject,
): Readonly<Record<string, string>> | undefined {
  if (given === undefined || given === null) return undefined
  if (!isJsonObject(given)) {
    const what = `invalid metadata.${field} of type ${goType(given)} in converted object`
    throw new ConvertedObjectError(what)
  }
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') continue
    const what = `metadata.${field}[${name}] must be a string, but is ${goType(value)}`
    throw new ConvertedObjectError(`${what} in converted object`)
  }
  const texts = given as Readonly<Record<string, string>>
  if (isSame(metadata[field] ?? {}, texts)) return texts
  const path = FieldPath.root.child('metadata')
  const errors = (
    field === 'labels'
      ? collected(validateLabels, texts, path.child('labels'))
      : collected(validateAnnotations, texts, path.child('annotation'))
  ).map(formatFieldError)
  if (errors.length === 0) return texts
  throw new ConvertedObjectError(errors.length === 1 ? errors.join() : `[${errors.join(', ')}]`)
}

function isSame(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(b)
  return Object.keys(a).length === names.length && names.every((name) => a[name] === b[name])
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** What Go's decoder makes of a JSON value. */
function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int64'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    case 'string':
      return 'string'
    default:
      return 'map[string]interface {}'
  }
}
