import type { KubeObject } from '../../machinery/kind.ts'

/**
 * Of the classes that an annotation marks as the default, the newest; of equally old ones the first
 * by name. Undefined where none is marked.
 */
export function newestDefault<T extends KubeObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  return classes
    .filter(({ metadata }) => annotations.some((key) => metadata.annotations?.[key] === 'true'))
    .toSorted(
      ({ metadata: a }, { metadata: b }) => ageOf(b) - ageOf(a) || (a.name < b.name ? -1 : 1),
    )[0]
}

function ageOf({ creationTimestamp }: KubeObject['metadata']): number {
  return creationTimestamp === undefined ? 0 : Date.parse(creationTimestamp)
}
