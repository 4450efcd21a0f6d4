import { type Plugin, unresolvable } from '../framework/plugin.ts'

/**
 * A pod with gates waits outside the queue until others have removed them all. The API server
 * writes its condition.
 */
export const schedulingGates: Plugin = {
  name: 'SchedulingGates',
  preEnqueue({ spec }) {
    const gates = (spec.schedulingGates ?? []).map(({ name }) => name)
    if (gates.length === 0) return undefined
    return unresolvable(`waiting for scheduling gates: [${gates.join(' ')}]`)
  },
  helpedBy: [],
}
