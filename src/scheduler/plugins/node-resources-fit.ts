import type { Node } from '../../kinds/core/v1/node.ts'
import type { NodeInfo } from '../framework/node-info.ts'
import {
  MAX_NODE_SCORE,
  type Plugin,
  type Rejection,
  unresolvable,
  unschedulable,
} from '../framework/plugin.ts'
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts'
import { amountsOf } from '../framework/pod-requests.ts'

/** The order in which shortages are told: the three that every node has, then the others. */
const FIRST = ['cpu', 'memory', 'ephemeral-storage']

/** A pod goes where what it requests is free; emptier nodes are better (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter: (_state, pod, node) => (fits(pod, node) ? undefined : shortages(pod, node)),
  score(_state, { nonZero }, { allocatable, nonZeroRequested }) {
    const cpu = freePart(allocatable.get('cpu'), nonZeroRequested.cpu + nonZero.cpu)
    const memory = freePart(allocatable.get('memory'), nonZeroRequested.memory + nonZero.memory)
    if (cpu === undefined) return memory ?? 0
    return memory === undefined ? cpu : Math.floor((cpu + memory) / 2)
  },
  helpedBy: [
    ...(['Node/Added', 'Node/Allocatable'] as const),
    ...(['AssignedPod/Deleted', 'AssignedPod/ScaledDown', 'Pod/ScaledDown'] as const),
  ],
  isHelpful(event, pod) {
    const info = podInfoOf(pod)
    switch (event.resource) {
      case 'Node':
        return hasGrown(info, event.object, event.old)
      case 'AssignedPod':
        // Only this node has more room than before. A pod that waits for room there is always
        // tried again, since it may have to ask for more.
        if (pod.status.nominatedNodeName === event.nodeName) return true
        return event.node !== undefined && fits(info, event.node)
      case 'Pod':
        return true
      case 'Storage':
        return false
    }
  },
}

/** 0 to 100; undefined where the node has nothing of it. */
function freePart(capacity: number | undefined, used: number): number | undefined {
  if (capacity === undefined || capacity === 0) return undefined
  return used > capacity ? 0 : Math.floor(((capacity - used) * MAX_NODE_SCORE) / capacity)
}

function fits({ requests }: PodInfo, { podCount, allocatable, requested }: NodeInfo): boolean {
  if (podCount + 1 > (allocatable.get('pods') ?? 0)) return false
  for (const [name, wanted] of requests) {
    if (wanted === 0) continue
    if (wanted > (allocatable.get(name) ?? 0) - (requested.get(name) ?? 0)) return false
  }
  return true
}

function shortages({ requests }: PodInfo, node: NodeInfo): Rejection {
  const short: string[] = []
  let isResolvable = true
  if (node.podCount + 1 > (node.allocatable.get('pods') ?? 0)) short.push('pods')
  const check = (name: string, wanted: number) => {
    const capacity = node.allocatable.get(name) ?? 0
    if (wanted === 0 || wanted <= capacity - (node.requested.get(name) ?? 0)) return
    short.push(name)
    if (wanted > capacity) isResolvable = false
  }
  for (const name of FIRST) check(name, requests.get(name) ?? 0)
  for (const [name, wanted] of requests) if (!FIRST.includes(name)) check(name, wanted)
  return rejectionFor(short, isResolvable)
}

const MOST_KNOWN = 256
const resolvable = new Map<string, Rejection>()
const unresolvables = new Map<string, Rejection>()

/** One object for each text: there are few, and a pod may be rejected by thousands of nodes. */
function rejectionFor(short: readonly string[], isResolvable: boolean): Rejection {
  const known = isResolvable ? resolvable : unresolvables
  const key = short.length === 1 ? (short[0] ?? '') : short.join()
  let rejection = known.get(key)
  if (rejection === undefined) {
    const reasons = short.map((name) =>
      name === 'pods' ? 'Too many pods' : `Insufficient ${name}`,
    )
    rejection = isResolvable ? unschedulable(...reasons) : unresolvable(...reasons)
    if (known.size < MOST_KNOWN) known.set(key, rejection)
  }
  return rejection
}

/** A new node that is large enough, or one that has grown in something the pod asks for. */
function hasGrown({ requests }: PodInfo, object: Node, old: Node | undefined): boolean {
  const now = amountsOf(object.status.allocatable)
  const wanted = [...requests].filter(([, amount]) => amount > 0)
  if ((now.get('pods') ?? 0) < 1) return false
  if (!wanted.every(([name, amount]) => amount <= (now.get(name) ?? 0))) return false
  if (old === undefined) return true
  const before = amountsOf(old.status.allocatable)
  const names = ['pods', ...wanted.map(([name]) => name)]
  return names.some((name) => (now.get(name) ?? 0) > (before.get(name) ?? 0))
}
