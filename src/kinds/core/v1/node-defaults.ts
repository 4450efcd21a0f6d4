import type { Node } from './node.ts'

/** All that a node has can be given to pods, unless it says otherwise. */
export function setNodeDefaults(node: Node): Node {
  const { status } = node
  const { allocatable, capacity } = status
  if (allocatable !== undefined || capacity === undefined) return node
  return { ...node, status: { ...status, allocatable: capacity } }
}
