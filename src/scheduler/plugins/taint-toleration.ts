import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Taint, Toleration } from '../../kinds/core/v1/toleration.ts'
import { normalizeScores, type Plugin, unresolvable } from '../framework/plugin.ts'
import { firstUntolerated, tolerates } from './tolerations.ts'

const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)')

const keepsPodsAway = ({ effect }: Taint) => effect === 'NoSchedule' || effect === 'NoExecute'

/** Taints keep pods away; those that only prefer to do so lower a node's score. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter(_state, { pod }, { node }) {
    return node === undefined || isTolerated(pod, node) ? undefined : UNTOLERATED
  },
  score(_state, { pod }, { node }) {
    if (node?.spec.taints === undefined) return 0
    const preferring = (pod.spec.tolerations ?? []).filter(coversPreference)
    return node.spec.taints.filter(
      (taint) =>
        taint.effect === 'PreferNoSchedule' && !preferring.some((one) => tolerates(one, taint)),
    ).length
  },
  normalize: (_state, _pod, scores) => normalizeScores(scores, true),
  helpedBy: ['Node/Added', 'Node/Taints', 'Pod/Tolerations'],
  isHelpful(event, pod) {
    if (event.resource !== 'Node') return true
    const { object, old } = event
    return isTolerated(pod, object) && (old === undefined || !isTolerated(pod, old))
  },
}

/** Whether taints of the node keep the pod away. */
export function isTolerated({ spec: { tolerations } }: Pod, { spec }: Node): boolean {
  return firstUntolerated(spec.taints, tolerations, keepsPodsAway) === undefined
}

function coversPreference({ effect }: Toleration): boolean {
  return effect === undefined || effect === 'PreferNoSchedule'
}
