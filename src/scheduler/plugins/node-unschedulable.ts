import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Taint } from '../../kinds/core/v1/toleration.ts'
import { type Plugin, unresolvable } from '../framework/plugin.ts'
import { tolerates } from './tolerations.ts'

const CORDONED = unresolvable('node(s) were unschedulable')
const TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter(_state, { pod }, { node }) {
    return node?.spec.unschedulable !== true || toleratesCordon(pod) ? undefined : CORDONED
  },
  helpedBy: ['Node/Added', 'Node/Taints', 'Pod/Tolerations'],
  isHelpful(event) {
    if (event.resource === 'Pod') return toleratesCordon(event.object)
    if (event.resource !== 'Node') return false
    const isOpen = event.object.spec.unschedulable !== true
    return isOpen && (event.old === undefined || event.old.spec.unschedulable === true)
  },
}

function toleratesCordon({ spec }: Pod): boolean {
  return spec.tolerations?.some((toleration) => tolerates(toleration, TAINT)) === true
}
