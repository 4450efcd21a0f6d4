import {
  containersNamed,
  containersOf,
  type PodParts,
  quoted,
  sortedSet,
  type Violation,
} from '../check.ts'

/** Where the runtime's masks over /proc are taken away. */
export function findUnmaskedProc(pod: PodParts): Violation | undefined {
  const bad = containersOf(pod).filter(
    ({ securityContext }) => (securityContext?.procMount ?? 'Default') !== 'Default',
  )
  if (bad.length === 0) return undefined
  const who = containersNamed(bad.map(({ name }) => name))
  const types = sortedSet(bad.map(({ securityContext }) => String(securityContext?.procMount)))
  return {
    reason: 'procMount',
    detail: `${who} must not set securityContext.procMount to ${quoted(types)}`,
  }
}
