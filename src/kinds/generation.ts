import { deepEqual } from '../machinery/deep-equal.ts'
import type { KubeObject } from '../machinery/kind.ts'

/**
 * Raises the generation when one of these fields has changed, for kinds that count other changes
 * than those of a `spec`.
 */
export function raiseGeneration<T extends KubeObject>(
  object: T,
  old: T,
  partsOf: (object: T) => unknown,
): T {
  if (deepEqual(partsOf(object), partsOf(old))) return object
  const generation = Number(old.metadata.generation ?? 0) + 1
  return { ...object, metadata: { ...object.metadata, generation } }
}
