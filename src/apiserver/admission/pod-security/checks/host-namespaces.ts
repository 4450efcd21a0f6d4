import type { Check, PodParts } from '../check.ts'

function find({ spec }: PodParts) {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((one) => spec[one])
  if (shared.length === 0) return undefined
  return { reason: 'host namespaces', detail: shared.map((one) => `${one}=true`).join(', ') }
}

/** The node's network, processes and IPC objects are not shared. */
export const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
