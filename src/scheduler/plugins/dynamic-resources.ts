import { type Plugin, SKIP, unresolvable } from '../framework/plugin.ts'

const NO_ALLOCATION = unresolvable('dynamic resource allocation is not supported')

/**
 * Devices are not allocated here, so a pod that claims some cannot run anywhere; it is not put on
 * a node without them. For all others it says what upstream says when no pod fits: that it has
 * no claim to give back.
 */
export const dynamicResources: Plugin = {
  name: 'DynamicResources',
  preFilter(_state, { pod }) {
    return (pod.spec.resourceClaims ?? []).length === 0 ? SKIP : NO_ALLOCATION
  },
  postFilter: () => ({
    code: 'Unschedulable',
    reason: 'no new claims to deallocate',
    withdrawsNomination: false,
  }),
  helpedBy: [],
}
