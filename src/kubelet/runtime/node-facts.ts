import type { PodAddresses } from '../environment/pod-field.ts'

/** What pods' containers are told of the node, and what their limits follow from. */
export interface NodeFacts {
  readonly hostIps: readonly string[]
  readonly memoryBytes: number
  readonly allocatable: Readonly<Record<string, string>>
}

/** The addresses of a pod: the node's own where it shares the node's network. */
export function podAddresses(
  { hostIps }: NodeFacts,
  isOnHost: boolean,
  sandboxIps: readonly string[],
): PodAddresses {
  return { hostIps, podIps: isOnHost ? hostIps : sandboxIps }
}
