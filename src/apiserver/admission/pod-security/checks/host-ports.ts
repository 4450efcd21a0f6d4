import {
  type Check,
  containersNamed,
  containersOf,
  type PodParts,
  plural,
  sortedSet,
} from '../check.ts'

function find(pod: PodParts) {
  const bad = containersOf(pod)
    .map(({ name, ports = [] }) => ({
      name,
      hostPorts: ports.flatMap(({ hostPort = 0 }) => (hostPort === 0 ? [] : [String(hostPort)])),
    }))
    .filter(({ hostPorts }) => hostPorts.length > 0)
  if (bad.length === 0) return undefined
  const who = containersNamed(bad.map(({ name }) => name))
  const ports = sortedSet(bad.flatMap(({ hostPorts }) => hostPorts))
  const verb = bad.length === 1 ? 'uses' : 'use'
  return {
    reason: 'hostPort',
    detail: `${who} ${verb} ${plural('hostPort', ports.length)} ${ports.join(', ')}`,
  }
}

/** No ports of the node. */
export const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  revisions: [{ since: 0, find }],
}
