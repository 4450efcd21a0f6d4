import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isTerminalPhase } from '../pod-types.ts'
import type { ResizeProblem } from '../resize/pod-resize.ts'
import type { PodFailure } from './active-deadline.ts'
import { matchesNode } from './node-affinity.ts'
import { amountOf, podRequests, RESOURCES } from './pod-requests.ts'

/**
 * Why a node does not take a pod that was bound to it: the scheduler has seen another state, or
 * somebody has set the node's name by hand. Undefined where it takes it. The first reason counts.
 */
export function rejectionOf(pod: Pod, others: readonly Pod[], node: Node): PodFailure | undefined {
  const why = (reason: string, message: string) => ({
    reason,
    message: `Pod was rejected: ${message}`,
  })
  const system = node.metadata.labels?.['kubernetes.io/os'] ?? 'linux'
  if (pod.spec.os !== undefined && pod.spec.os.name !== system) {
    const message = "Failed to admit pod as the OS field doesn't match node OS"
    return why('PodOSNotSupported', message)
  }
  const active = others.filter(({ status }) => !isTerminalPhase(status.phase))
  const short = shortage(pod, active, node)
  if (short !== undefined) return why(`OutOf${short.name}`, short.message)
  const failed = (name: string, what: string) => why(name, `Predicate ${name} failed: ${what}`)
  if (!matchesNode(pod, node)) {
    return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  }
  if (hasPortConflict(pod, active)) {
    return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  }
  if (hasUntoleratedTaint(pod, node)) {
    return failed('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  }
  return undefined
}

/** Why a node does not give a pod that it has what the pod asks for now; see `others` above. */
export function resizeProblemOf(
  pod: Pod,
  others: readonly Pod[],
  node: Node,
): ResizeProblem | undefined {
  const impossible = shortage(pod, [], node)
  if (impossible !== undefined) {
    const { name, requested, capacity } = impossible
    const message =
      `Node didn't have enough capacity: ${name}, requested: ${requested}, ` +
      `capacity: ${capacity}`
    return { reason: 'Infeasible', message }
  }
  const active = others.filter(({ status }) => !isTerminalPhase(status.phase))
  const short = shortage(pod, active, node)
  return short === undefined ? undefined : { reason: 'Deferred', message: short.message }
}

function shortage(pod: Pod, active: readonly Pod[], { status }: Node) {
  const describe = (name: string, requested: number, used: number, capacity: number) => ({
    name,
    requested,
    capacity,
    message:
      `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, ` +
      `capacity: ${capacity}`,
  })
  const { allocatable = {} } = status
  const mostPods = Number(allocatable['pods'] ?? Number.POSITIVE_INFINITY)
  if (active.length + 1 > mostPods) return describe('pods', 1, active.length, mostPods)
  const wanted = podRequests(pod)
  for (const name of RESOURCES) {
    const requested = wanted[name]
    if (requested === 0 || allocatable[name] === undefined) continue
    const capacity = amountOf(name, allocatable)
    const used = active.reduce((sum, other) => sum + podRequests(other)[name], 0)
    if (requested + used > capacity) return describe(name, requested, used, capacity)
  }
  return undefined
}

function hasPortConflict(pod: Pod, active: readonly Pod[]): boolean {
  const taken = active.flatMap(hostPortsOf)
  return hostPortsOf(pod).some((port) =>
    taken.some(
      (other) =>
        other.port === port.port &&
        other.protocol === port.protocol &&
        (other.ip === port.ip || isAny(other.ip) || isAny(port.ip)),
    ),
  )
}

function hostPortsOf({ spec }: Pod) {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort = 0 }) => hostPort > 0)
      .map(({ hostPort, protocol, hostIP = '' }) => ({ port: hostPort, protocol, ip: hostIP })),
  )
}

function isAny(ip: string): boolean {
  return ip === '' || ip === '0.0.0.0' || ip === '::'
}

function hasUntoleratedTaint(pod: Pod, { spec: { taints = [] } }: Node): boolean {
  return taints.some(
    (taint) =>
      taint.effect === 'NoExecute' &&
      !(pod.spec.tolerations ?? []).some(({ key = '', operator = 'Equal', value = '', effect }) => {
        if (effect !== undefined && effect !== taint.effect) return false
        if (key === '') return operator === 'Exists'
        if (key !== taint.key) return false
        return operator === 'Exists' || value === (taint.value ?? '')
      }),
  )
}
