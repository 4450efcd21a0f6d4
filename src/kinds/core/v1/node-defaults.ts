import type { Node } from './node.ts'

/** All that a node has can be given to pods, unless it says otherwise. */
export function setNodeDefaults(given: Node): Node {
  const node = withOneRange(given)
  const { status } = node
  const { allocatable, capacity } = status
  if (allocatable !== undefined || capacity === undefined) return node
  return { ...node, status: { ...status, allocatable: capacity } }
}

/** The older field for the first range of pod addresses says which one holds. */
function withOneRange(node: Node): Node {
  const { podCIDR = '', podCIDRs = [] } = node.spec
  if (podCIDR === '' || podCIDRs[0] === podCIDR) return node
  return { ...node, spec: { ...node.spec, podCIDRs: [podCIDR] } }
}
