import type { Node } from './node.ts'

/** All that a node has can be given to pods, unless it says otherwise. */
export function setNodeDefaults(given: Node): Node {
  const node = withOneRange(given)
  const { status } = node
  const { allocatable, capacity } = status
  if (allocatable !== undefined || capacity === undefined) return node
  return { ...node, status: { ...status, allocatable: capacity } }
}

/** The older field for the first range of pod addresses says which one holds, if it says any. */
function withOneRange(node: Node): Node {
  const { podCIDR = '', podCIDRs = [] } = node.spec
  const [first = ''] = podCIDRs
  if (first === podCIDR) return node
  const ranges = podCIDR === '' ? { podCIDR: first } : { podCIDRs: [podCIDR] }
  return { ...node, spec: { ...node.spec, ...ranges } }
}
