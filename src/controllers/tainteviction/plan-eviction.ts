import type { Taint, Toleration } from '../../kinds/core/v1/toleration.ts'
import { matchingTolerations } from '../runtime/taints.ts'

/** How long a pod may stay on a node with these taints, in milliseconds; for ever: Infinity. */
export function toleratedMs(taints: readonly Taint[], tolerations: readonly Toleration[]): number {
  const noExecute = noExecuteTaints(taints)
  if (noExecute.length === 0) return Number.POSITIVE_INFINITY
  const used = matchingTolerations(noExecute, tolerations)
  if (used === undefined) return 0
  const seconds = used.map(({ tolerationSeconds }) => tolerationSeconds ?? Number.POSITIVE_INFINITY)
  return Math.max(0, Math.min(...seconds)) * 1000
}

export function noExecuteTaints(taints: readonly Taint[] | undefined): readonly Taint[] {
  return (taints ?? []).filter(({ effect }) => effect === 'NoExecute')
}
