import type { Taint } from '../../kinds/core/v1/toleration.ts'
import { type Plugin, unresolvable } from '../framework/plugin.ts'
import { firstUntolerated } from './tolerations.ts'

const REASON = 'node(s) were unschedulable'
const TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Cordoned nodes take only pods that tolerate it. */
export const nodeUnschedulable: Plugin = {
  name: 'NodeUnschedulable',
  filter(_state, { pod }, { node }) {
    if (node?.spec?.unschedulable !== true) return undefined
    const isTolerated = firstUntolerated([TAINT], pod.spec.tolerations, () => true) === undefined
    return isTolerated ? undefined : unresolvable(REASON)
  },
  isHelpful: (event, pod) =>
    (event.resource === 'Node' && event.object.spec?.unschedulable !== true) ||
    (event.resource === 'Pod' && event.object.metadata.uid === pod.metadata.uid),
}
