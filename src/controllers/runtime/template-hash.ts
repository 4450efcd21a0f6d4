import type { PodTemplateSpec } from '../../kinds/core/v1/pod-template-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isJsonObject } from '../../machinery/json-value.ts'

/** The label that tells the pods of a deployment's replica sets apart. */
export const POD_TEMPLATE_HASH = 'pod-template-hash'

/** No vowels, so that no word comes out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'

/** A short name for a template, another one for each collision count; safe in names and labels. */
export function templateHash(
  template: PodTemplateSpec,
  collisionCount: number | undefined,
): string {
  const salt = collisionCount === undefined ? '' : `#${collisionCount}`
  const digits = `${fnv1a(canonicalText(template) + salt)}`
  return Array.from(digits, (digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('')
}

/** Whether two templates ask for the same pods, but for the label that carries their hash. */
export function isSameTemplate(a: PodTemplateSpec, b: PodTemplateSpec): boolean {
  return deepEqual(withoutEmptyLists(withoutHash(a)), withoutEmptyLists(withoutHash(b)))
}

export function withoutHash(template: PodTemplateSpec): PodTemplateSpec {
  const { [POD_TEMPLATE_HASH]: _, ...labels } = template.metadata.labels ?? {}
  return { ...template, metadata: { ...template.metadata, labels } }
}

/** JSON with sorted keys: equal objects give equal texts. */
function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  if (!isJsonObject(value)) return typeof value === 'bigint' ? `${value}` : JSON.stringify(value)
  const fields = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .toSorted()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key])}`)
  return `{${fields.join(',')}}`
}

/** An empty list and none at all mean the same. */
function withoutEmptyLists(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyLists)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => !Array.isArray(field) || field.length > 0)
      .map(([key, field]) => [key, withoutEmptyLists(field)]),
  )
}

/** FNV-1a, 32 bits, over the UTF-8 bytes. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash
}
