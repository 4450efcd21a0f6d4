import { CONTINUE, type Plugin, SKIP, unschedulable } from '../framework/plugin.ts'
import { type HostPort, podInfoOf } from '../framework/pod-info.ts'

const ANY_ADDRESS = '0.0.0.0'
const TAKEN = unschedulable("node(s) didn't have free ports for the requested pod ports")

/** A port of the node goes to one pod. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  preFilter: (_state, { hostPorts }) => (hostPorts.length === 0 ? SKIP : CONTINUE),
  filter(_state, { hostPorts }, node) {
    const isTaken = hostPorts.some((port) => node.hasPortConflict(port))
    return isTaken ? TAKEN : undefined
  },
  helpedBy: ['Node/Added', 'AssignedPod/Deleted'],
  isHelpful(event, pod) {
    if (event.resource !== 'AssignedPod') return true
    const freed = podInfoOf(event.object).hostPorts
    return podInfoOf(pod).hostPorts.some((port) => freed.some((other) => doCollide(port, other)))
  },
}

function doCollide(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false
  return a.ip === b.ip || a.ip === ANY_ADDRESS || b.ip === ANY_ADDRESS
}
