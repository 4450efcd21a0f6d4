import { CONTINUE, type Plugin, SKIP, unschedulable } from '../framework/plugin.ts'
import { podInfoOf } from '../framework/pod-info.ts'

const REASON = "node(s) didn't have free ports for the requested pod ports"

/** A port of the node goes to one pod. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  preFilter: (_state, { hostPorts }) => (hostPorts.length === 0 ? SKIP : CONTINUE),
  filter(_state, { hostPorts }, node) {
    const isTaken = hostPorts.some((port) => node.hasPortConflict(port))
    return isTaken ? unschedulable(REASON) : undefined
  },
  isHelpful(event, pod) {
    if (event.resource === 'Node') return event.old === undefined
    if (event.resource !== 'AssignedPod' || event.type !== 'Deleted') return false
    const wanted = new Set(podInfoOf(pod).hostPorts.map(({ port }) => port))
    return podInfoOf(event.object).hostPorts.some(({ port }) => wanted.has(port))
  },
}
