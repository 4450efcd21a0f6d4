import type { Taint, Toleration } from '../../kinds/core/v1/toleration.ts'
import { normalizeScores, type Plugin, unresolvable } from '../framework/plugin.ts'
import { firstUntolerated, tolerates } from './tolerations.ts'

const REASON = 'node(s) had untolerated taint(s)'

const keepsPodsAway = ({ effect }: Taint) => effect === 'NoSchedule' || effect === 'NoExecute'

/** Taints keep pods away; those that only prefer to do so lower a node's score. */
export const taintToleration: Plugin = {
  name: 'TaintToleration',
  filter(_state, { pod }, { node }) {
    const taint = firstUntolerated(node?.spec?.taints, pod.spec.tolerations, keepsPodsAway)
    return taint === undefined ? undefined : unresolvable(REASON)
  },
  score(_state, { pod }, { node }) {
    const preferring = (pod.spec.tolerations ?? []).filter(coversPreference)
    return (node?.spec?.taints ?? []).filter(
      (taint) =>
        taint.effect === 'PreferNoSchedule' && !preferring.some((one) => tolerates(one, taint)),
    ).length
  },
  normalize: (_state, _pod, scores) => normalizeScores(scores, true),
  isHelpful(event, pod) {
    if (event.resource === 'Pod') return event.object.metadata.uid === pod.metadata.uid
    if (event.resource !== 'Node') return false
    const { object } = event
    return firstUntolerated(object.spec?.taints, pod.spec.tolerations, keepsPodsAway) === undefined
  },
}

function coversPreference({ effect }: Toleration): boolean {
  return effect === undefined || effect === 'PreferNoSchedule'
}
