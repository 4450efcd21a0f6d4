import type { NodeInfo } from '../framework/node-info.ts'
import { MAX_NODE_SCORE, type Plugin, type Rejection } from '../framework/plugin.ts'
import { type PodInfo, podInfoOf } from '../framework/pod-info.ts'
import { amountsOf } from '../framework/pod-requests.ts'

/** The order in which shortages are told: the three that every node has, then the others. */
const FIRST = ['cpu', 'memory', 'ephemeral-storage']

/** A pod goes where what it requests is free; emptier nodes are better (LeastAllocated). */
export const nodeResourcesFit: Plugin = {
  name: 'NodeResourcesFit',
  filter: (_state, pod, node) => shortages(pod, node),
  score(_state, { nonZero }, { allocatable, nonZeroRequested }) {
    const free = (['cpu', 'memory'] as const).flatMap((name) => {
      const capacity = allocatable.get(name) ?? 0
      const used = nonZeroRequested[name] + nonZero[name]
      if (capacity === 0) return []
      return [used > capacity ? 0 : Math.floor(((capacity - used) * MAX_NODE_SCORE) / capacity)]
    })
    if (free.length === 0) return 0
    return Math.floor(free.reduce((sum, score) => sum + score, 0) / free.length)
  },
  isHelpful(event, pod) {
    switch (event.resource) {
      case 'Node':
        return hasCapacity(pod.metadata.uid === '' ? undefined : podInfoOf(pod), event)
      case 'AssignedPod':
        return event.type === 'Deleted' || (event.type === 'Updated' && isSmaller(event))
      case 'Pod':
        return event.object.metadata.uid === pod.metadata.uid && isSmaller(event)
      default:
        return false
    }
  },
}

function shortages({ requests }: PodInfo, node: NodeInfo): Rejection | undefined {
  const reasons: string[] = []
  let isResolvable = true
  if (node.podCount + 1 > (node.allocatable.get('pods') ?? 0)) reasons.push('Too many pods')
  const names = [...FIRST, ...[...requests.keys()].filter((name) => !FIRST.includes(name))]
  for (const name of names) {
    const wanted = requests.get(name) ?? 0
    const capacity = node.allocatable.get(name) ?? 0
    if (wanted === 0 || wanted <= capacity - (node.requested.get(name) ?? 0)) continue
    reasons.push(`Insufficient ${name}`)
    if (wanted > capacity) isResolvable = false
  }
  if (reasons.length === 0) return undefined
  return { code: isResolvable ? 'Unschedulable' : 'UnschedulableAndUnresolvable', reasons }
}

type NodeEvent = Parameters<NonNullable<Plugin['isHelpful']>>[0] & { readonly resource: 'Node' }

/** A new node that is large enough, or one that has grown in something the pod asks for. */
function hasCapacity(info: PodInfo | undefined, { object, old }: NodeEvent): boolean {
  if (info === undefined) return true
  const now = amountsOf(object.status.allocatable)
  const before = amountsOf(old?.status.allocatable)
  const wanted = [...info.requests].filter(([, amount]) => amount > 0)
  if (!wanted.every(([name, amount]) => amount <= (now.get(name) ?? 0))) return false
  if (old === undefined) return true
  const names = ['pods', ...wanted.map(([name]) => name)]
  return names.some((name) => (now.get(name) ?? 0) > (before.get(name) ?? 0))
}

function isSmaller({
  object,
  old,
}: {
  readonly object: PodInfo['pod']
  readonly old?: PodInfo['pod'] | undefined
}): boolean {
  if (old === undefined) return false
  const before = podInfoOf(old).requests
  const now = podInfoOf(object).requests
  return [...before].some(([name, amount]) => (now.get(name) ?? 0) < amount)
}
