import type { ServicePort, ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import { internalError } from '../../machinery/status-error.ts'
import type { Allocation } from './allocation.ts'
import { needsHealthCheckPort, needsNodePort } from './service-fields.ts'

const PORTS = FieldPath.root.child('spec', 'ports')

/** The spec with a node port for each port that needs one; `kept` are the service's already. */
export function withNodePorts(
  spec: ServiceSpec,
  kept: ReadonlySet<number>,
  allocation: Allocation,
): ServiceSpec {
  let result = spec
  if (needsNodePort(spec)) {
    result = { ...result, ports: portsOf(spec, kept, allocation) }
  }
  if (needsHealthCheckPort(spec)) {
    const healthCheckNodePort = healthCheckPort(spec.healthCheckNodePort ?? 0, kept, allocation)
    result = { ...result, healthCheckNodePort }
  }
  return result
}

/** Ports with one number share a node port, as DNS over TCP and UDP does. */
function portsOf(
  { ports = [], type, allocateLoadBalancerNodePorts = true }: ServiceSpec,
  kept: ReadonlySet<number>,
  allocation: Allocation,
): readonly ServicePort[] {
  const allocates = type === 'NodePort' || allocateLoadBalancerNodePorts
  const nodePortByPort = new Map<number, number>()
  return ports.map((port, index) => {
    const { nodePort = 0 } = port
    if (nodePort === 0 && !allocates) return port
    const shared = nodePortByPort.get(port.port)
    if (shared !== undefined && (nodePort === 0 || nodePort === shared)) {
      return { ...port, nodePort: shared }
    }
    const wanted = nodePort || requestedFor(port.port, ports)
    const given = wanted === 0 ? allocation.nextPort('nodePort') : wanted
    if (wanted !== 0 && !kept.has(wanted)) {
      const problem = allocation.askPort(wanted)
      const path = PORTS.index(index).child('nodePort')
      if (problem !== undefined) throw allocation.invalid(invalid(path, wanted, problem))
    }
    nodePortByPort.set(port.port, shared ?? given)
    return { ...port, nodePort: given }
  })
}

/** A later port with this number may say which node port it wants. */
function requestedFor(port: number, ports: readonly ServicePort[]): number {
  return ports.find((one) => one.port === port && (one.nodePort ?? 0) !== 0)?.nodePort ?? 0
}

function healthCheckPort(
  wanted: number,
  kept: ReadonlySet<number>,
  allocation: Allocation,
): number {
  if (wanted === 0) return allocation.nextPort('HealthCheck NodePort')
  if (kept.has(wanted)) return wanted
  const problem = allocation.askPort(wanted)
  if (problem === undefined) return wanted
  const why = `failed to allocate requested HealthCheck NodePort ${wanted}: ${problem}`
  throw internalError(new Error(why))
}
