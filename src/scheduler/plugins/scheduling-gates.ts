import { type Plugin, unresolvable } from '../framework/plugin.ts'

/** A pod with gates waits outside the queue until others have removed them all. */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue({ spec }) {
    const gates = (spec.schedulingGates ?? []).map(({ name }) => name)
    if (gates.length === 0) return undefined
    return unresolvable(`waiting for scheduling gates: [${gates.join(' ')}]`)
  },
  isHelpful: (event, pod) =>
    event.resource === 'Pod' && event.object.metadata.uid === pod.metadata.uid,
}
