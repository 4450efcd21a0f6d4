import type { NodeInfo } from '../framework/node-info.ts'

const REGION = 'topology.kubernetes.io/region'
const ZONE = 'topology.kubernetes.io/zone'

/**
 * One node of each zone in turn, so that a cycle that looks at the first so many nodes looks at
 * all zones (upstream's nodeTree).
 */
export function inTurn(nodes: Iterable<NodeInfo>): readonly NodeInfo[] {
  const byZone = new Map<string, NodeInfo[]>()
  for (const node of nodes) {
    const zone = `${node.label(REGION) ?? ''}\n${node.label(ZONE) ?? ''}`
    const others = byZone.get(zone)
    if (others === undefined) byZone.set(zone, [node])
    else others.push(node)
  }
  const zones = [...byZone.values()]
  const longest = Math.max(0, ...zones.map(({ length }) => length))
  const ordered: NodeInfo[] = []
  for (let index = 0; index < longest; index++) {
    for (const zone of zones) {
      const node = zone[index]
      if (node !== undefined) ordered.push(node)
    }
  }
  return ordered
}
