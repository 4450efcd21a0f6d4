import type { Service } from '../../kinds/core/v1/service.ts'
import type { ServicePort, ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import { internalError, invalidObject, StatusError } from '../../machinery/status-error.ts'
import type { PortPlan } from './port-plan.ts'
import { needsHealthCheckPort, needsNodePort } from './service-fields.ts'

const PORTS = FieldPath.root.child('spec', 'ports')

/** The spec of a service with the node ports that it needs; `old` is what it was, if anything. */
export function withNodePorts(
  service: Service,
  old: ServiceSpec | undefined,
  plan: PortPlan,
): ServiceSpec {
  let result = service.spec
  if (needsNodePort(result)) {
    const ports = old === undefined ? newPorts(service, plan) : changedPorts(service, old, plan)
    result = { ...result, ports }
  }
  if (needsHealthCheckPort(result) && (old === undefined || !needsHealthCheckPort(old))) {
    const healthCheckNodePort = healthCheckPort(result.healthCheckNodePort ?? 0, plan)
    result = { ...result, healthCheckNodePort }
  }
  return result
}

/** Ports of a new service with one number share a node port, as DNS over TCP and UDP does. */
function newPorts(service: Service, plan: PortPlan): readonly ServicePort[] {
  const { ports = [] } = service.spec
  const nodePortByPort = new Map<number, number>()
  return ports.map((port, index) => {
    const { nodePort = 0 } = port
    if (nodePort === 0 && !allocates(service.spec)) return port
    const shared = nodePortByPort.get(port.port)
    if (shared !== undefined) {
      if (nodePort === 0 || nodePort === shared) return { ...port, nodePort: shared }
      return { ...port, nodePort: asked(service, index, nodePort, plan) }
    }
    const wanted = requestedFor(port.port, ports)
    const given = wanted === 0 ? free(plan) : asked(service, index, wanted, plan)
    nodePortByPort.set(port.port, given)
    return { ...port, nodePort: given }
  })
}

/** Those of a changed service: what it had stays, and the others get one each. */
function changedPorts(service: Service, old: ServiceSpec, plan: PortPlan): readonly ServicePort[] {
  const held = needsNodePort(old) ? (old.ports ?? []) : []
  const kept = new Set(held.map(({ nodePort = 0 }) => nodePort))
  const taken = new Set<number>()
  const seen = new Set<string>()
  return (service.spec.ports ?? []).map((port, index) => {
    const { nodePort: wanted = 0, protocol } = port
    if (wanted === 0 && !allocates(service.spec)) return port
    if (wanted !== 0 && !kept.has(wanted) && !taken.has(wanted)) {
      taken.add(asked(service, index, wanted, plan))
    }
    const nodePort = wanted === 0 ? free(plan) : wanted
    const text = `${protocol} ${nodePort}`
    if (seen.has(text)) throw new StatusError('', `duplicate nodePort: {${text}}`)
    seen.add(text)
    return { ...port, nodePort }
  })
}

function allocates({ type, allocateLoadBalancerNodePorts = true }: ServiceSpec): boolean {
  return type === 'NodePort' || allocateLoadBalancerNodePorts
}

function asked(service: Service, index: number, port: number, plan: PortPlan): number {
  const problem = plan.ask(port)
  if (problem === undefined) return port
  const error = invalid(PORTS.index(index).child('nodePort'), port, problem)
  throw invalidObject({ group: '', kind: 'Service' }, service.metadata.name, [error])
}

function free(plan: PortPlan): number {
  const port = plan.next()
  if (port !== undefined) return port
  throw internalError(new Error('failed to allocate a nodePort: range is full'))
}

/** A later port with this number may say which node port it wants. */
function requestedFor(port: number, ports: readonly ServicePort[]): number {
  return ports.find((one) => one.port === port && (one.nodePort ?? 0) !== 0)?.nodePort ?? 0
}

function healthCheckPort(wanted: number, plan: PortPlan): number {
  if (wanted === 0) {
    const port = plan.next()
    if (port !== undefined) return port
    throw internalError(new Error('failed to allocate a HealthCheck NodePort 0: range is full'))
  }
  const problem = plan.ask(wanted)
  if (problem === undefined) return wanted
  const why = `failed to allocate requested HealthCheck NodePort ${wanted}: ${problem}`
  throw internalError(new Error(why))
}
