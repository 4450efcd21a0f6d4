import type { InformerEvent } from '../../client/lister.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { controllerOf } from '../../machinery/owner-references.ts'

/** Whether a change touches who controls an object. */
export function hasNewController({ object, old }: InformerEvent<KubeObject>): boolean {
  if (old === undefined) return false
  const now = controllerOf(object)
  const before = controllerOf(old)
  return now?.uid !== before?.uid || now?.name !== before?.name || now?.kind !== before?.kind
}

/** Equal maps of strings, such as labels; an absent one is empty. */
export function areSameStrings(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  if (a === b) return true
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}
