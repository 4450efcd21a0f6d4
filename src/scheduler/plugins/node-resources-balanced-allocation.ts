import { MAX_NODE_SCORE, type Plugin, SKIP } from '../framework/plugin.ts'

/** Nodes whose CPU and memory a pod would fill evenly are better. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  preScore(_state, { requests }) {
    // Pods that ask for nothing would all be drawn to the one best balanced node.
    return (requests.get('cpu') ?? 0) + (requests.get('memory') ?? 0) === 0 ? SKIP : undefined
  },
  score(_state, { requests }, { requested, allocatable }) {
    const cpus = allocatable.get('cpu') ?? 0
    const bytes = allocatable.get('memory') ?? 0
    const usedCpus = requested.get('cpu') ?? 0
    const usedBytes = requested.get('memory') ?? 0
    const before = evenness(usedCpus, cpus, usedBytes, bytes)
    const moreCpus = requests.get('cpu') ?? 0
    const moreBytes = requests.get('memory') ?? 0
    const after = evenness(usedCpus + moreCpus, cpus, usedBytes + moreBytes, bytes)
    const half = MAX_NODE_SCORE / 2
    return half + Math.trunc((half + after - before) / 2)
  },
}

/** 100 less the standard deviation of the two used parts; 100 where the node has only one. */
function evenness(usedA: number, allOfA: number, usedB: number, allOfB: number): number {
  if (allOfA === 0 || allOfB === 0) return MAX_NODE_SCORE
  const deviation = Math.abs(Math.min(1, usedA / allOfA) - Math.min(1, usedB / allOfB)) / 2
  return Math.trunc((1 - deviation) * MAX_NODE_SCORE)
}
