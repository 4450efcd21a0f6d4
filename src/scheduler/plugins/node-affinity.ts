import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Labels } from '../../machinery/label-selector.ts'
import { CONTINUE, normalizeScores, type Plugin, SKIP, unresolvable } from '../framework/plugin.ts'
import { matchesNodeSelector, matchesTerm, namedNodes } from './node-selector.ts'

const MISMATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")
const CONFLICT = 'pod affinity terms conflict'

/** `nodeSelector` and node affinity: labels that a node must have, or had better have. */
export const nodeAffinity: Plugin = {
  name: 'NodeAffinity',
  preFilter(_state, { pod }) {
    const required = requiredOf(pod)
    if (required === undefined && pod.spec.nodeSelector === undefined) return SKIP
    if (required === undefined) return CONTINUE
    const nodeNames = namedNodes(required)
    if (nodeNames === undefined || required.nodeSelectorTerms.length === 0) return CONTINUE
    return nodeNames.size === 0 ? unresolvable(CONFLICT) : { code: 'Continue', nodeNames }
  },
  filter(_state, { pod }, { node }) {
    return node !== undefined && isWanted(pod, node) ? undefined : MISMATCH
  },
  preScore(_state, { pod }) {
    return preferredOf(pod).length === 0 ? SKIP : undefined
  },
  score(_state, { pod }, { node }) {
    return preferredOf(pod)
      .filter(({ preference }) => node !== undefined && matchesTerm(preference, node))
      .reduce((sum, { weight }) => sum + weight, 0)
  },
  normalize: (_state, _pod, scores) => normalizeScores(scores, false),
  helpedBy: ['Node/Added', 'Node/Labels'],
  isHelpful(event, pod) {
    if (event.resource !== 'Node' || !isWanted(pod, event.object)) return false
    return event.old === undefined || !isWanted(pod, event.old)
  },
}

/** Whether the pod's node selector and required affinity allow the node. */
export function isWanted(pod: Pod, node: Node): boolean {
  const { nodeSelector } = pod.spec
  if (nodeSelector !== undefined && !hasAll(node.metadata.labels ?? {}, nodeSelector)) return false
  const required = requiredOf(pod)
  return required === undefined || matchesNodeSelector(required, node)
}

function hasAll(labels: Labels, selected: Labels): boolean {
  return Object.entries(selected).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  )
}

function requiredOf({ spec }: Pod) {
  return spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
}

function preferredOf({ spec }: Pod) {
  const { nodeAffinity: affinity } = spec.affinity ?? {}
  return affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
}
