import type { Service } from '../../kinds/core/v1/service.ts'
import type { PortRange } from './range-allocation.ts'
import { needsNodePort } from './service-fields.ts'

/** What is wrong with a node port that a service has. */
export interface PortFault {
  readonly service: Service
  readonly type: 'duplicate' | 'outOfRange'
  readonly reason: string
  readonly message: string
}

/** Who has which node port, and what users must put right themselves. */
export interface HeldPorts {
  readonly held: ReadonlyMap<number, Service>
  readonly faults: readonly PortFault[]
}

/** What the services have, of a range; of two that have one port the first counts. */
export function heldPorts(services: readonly Service[], { first, last }: PortRange): HeldPorts {
  const held = new Map<number, Service>()
  const faults: PortFault[] = []
  for (const service of services) {
    for (const port of portsOf(service)) {
      if (port < first || port > last) {
        const range = `${first}-${last}`
        faults.push({
          ...{ service, type: 'outOfRange', reason: 'PortOutOfRange' },
          message: `Port ${port} is not within the port range ${range}; please recreate service`,
        })
      } else if (held.has(port)) {
        faults.push({
          ...{ service, type: 'duplicate', reason: 'PortAlreadyAllocated' },
          message: `Port ${port} was assigned to multiple services; please recreate service`,
        })
      } else held.set(port, service)
    }
  }
  return { held, faults }
}

/** A number counts once for all its protocols, but again for a protocol that has it twice. */
function portsOf({ spec }: Service): readonly number[] {
  if (!needsNodePort(spec)) return []
  const { ports = [], healthCheckNodePort = 0 } = spec
  const protocols = new Map<number, Set<string>>()
  const numbers: number[] = []
  for (const { nodePort = 0, protocol } of ports) {
    if (nodePort === 0) continue
    const seen = protocols.get(nodePort)
    if (seen === undefined || seen.has(protocol)) numbers.push(nodePort)
    protocols.set(nodePort, (seen ?? new Set()).add(protocol))
  }
  const others = protocols.get(healthCheckNodePort)
  if (healthCheckNodePort !== 0 && (others === undefined || others.has('TCP'))) {
    numbers.push(healthCheckNodePort)
  }
  return numbers
}
