import { MAX_NODE_SCORE, type Plugin, SKIP } from '../framework/plugin.ts'

const RESOURCES = ['cpu', 'memory'] as const

/** Nodes whose CPU and memory a pod would fill evenly are better. */
export const nodeResourcesBalancedAllocation: Plugin = {
  name: 'NodeResourcesBalancedAllocation',
  preScore(_state, { requests }) {
    // Pods that ask for nothing would all be drawn to the one best balanced node.
    return RESOURCES.every((name) => (requests.get(name) ?? 0) === 0) ? SKIP : undefined
  },
  score(_state, { requests }, { requested, allocatable }) {
    const balance = (more: boolean) =>
      evenness(
        RESOURCES.flatMap((name) => {
          const capacity = allocatable.get(name) ?? 0
          const used = (requested.get(name) ?? 0) + (more ? (requests.get(name) ?? 0) : 0)
          return capacity === 0 ? [] : [Math.min(1, used / capacity)]
        }),
      )
    const half = MAX_NODE_SCORE / 2
    return half + Math.trunc((half + balance(true) - balance(false)) / 2)
  },
}

/** 100 less the standard deviation of the used parts. */
function evenness(fractions: readonly number[]): number {
  const mean = fractions.reduce((sum, one) => sum + one, 0) / fractions.length
  const variance = fractions.reduce((sum, one) => sum + (one - mean) ** 2, 0) / fractions.length
  const deviation = fractions.length < 2 ? 0 : Math.sqrt(variance)
  return Math.trunc((1 - deviation) * MAX_NODE_SCORE)
}
