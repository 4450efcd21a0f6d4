import type { FieldPath } from '../../../machinery/field-error.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import type { ContainerPort } from './container.ts'
import type { EnvVar } from './env-var.ts'
import type { ResourceRequirements } from './resources.ts'

/** As much of a container as warnings look at, of any sort. */
export interface WarnedContainer {
  readonly name: string
  readonly resources?: ResourceRequirements | undefined
  readonly env?: readonly EnvVar[] | undefined
  readonly ports?: readonly ContainerPort[] | undefined
}

interface PlacedPort {
  readonly port: ContainerPort
  readonly path: FieldPath
}

const BYTES = ['memory', 'ephemeral-storage']

/** Amounts of bytes that are no whole number. */
export function* byteWarnings(
  amounts: { readonly [name: string]: string } | undefined,
  path: FieldPath,
  names = BYTES,
): Iterable<string> {
  for (const name of names) {
    const amount = amounts?.[name]
    if (amount === undefined || isWholeMillis(amount)) continue
    const what = `fractional byte value ${JSON.stringify(amount)} is invalid`
    yield `${path.key(name)}: ${what}, must be an integer`
  }
}

/** Variables that hide an earlier one of the same name without making use of it. */
export function* environmentWarnings(env: readonly EnvVar[], path: FieldPath): Iterable<string> {
  const seen = new Set<string>()
  for (const [index, { name, value = '', valueFrom }] of env.entries()) {
    const reference = `$(${name})`
    const extends_ = valueFrom === undefined && value !== reference && value.includes(reference)
    if (seen.has(name) && !extends_) {
      const what = `hides previous definition of ${JSON.stringify(name)}`
      yield `${path.index(index)}: ${what}, which may be dropped when using apply`
    }
    seen.add(name)
  }
}

/** Ports of a pod's containers that are the same, or may be. */
export function* portWarnings(ports: readonly PlacedPort[]): Iterable<string> {
  for (const [index, { port, path }] of ports.entries()) {
    if (port.hostIP && !port.hostPort) {
      yield `${path}: hostIP set without hostPort: ${goTextOf(port)}`
    }
    const earlier = ports.slice(0, index).filter((other) => isSameTarget(other.port, port))
    for (const other of earlier) {
      const relation = relationOf(port, other.port)
      if (relation !== undefined) yield `${path}: ${relation} port definition with ${other.path}`
    }
  }
  const byName = new Map<string, FieldPath>()
  for (const { port, path } of ports) {
    const { name = '' } = port
    if (name === '') continue
    const other = byName.get(name)
    if (other === undefined) byName.set(name, path)
    else {
      const what = `duplicate port name ${JSON.stringify(name)} with ${other}`
      yield `${path}: ${what}, services and probes that select ports by name will use ${other}`
    }
  }
}

/** As Go prints the struct. */
function goTextOf({ name = '', containerPort, protocol, hostIP = '' }: ContainerPort): string {
  const target = `ContainerPort:${containerPort} Protocol:${protocol}`
  return `{Name:${name} HostPort:0 ${target} HostIP:${hostIP}}`
}

function isSameTarget(a: ContainerPort, b: ContainerPort): boolean {
  return a.containerPort === b.containerPort && a.protocol === b.protocol
}

function relationOf(a: ContainerPort, b: ContainerPort): string | undefined {
  const [hostIp = '', otherIp = ''] = [a.hostIP, b.hostIP]
  const [hostPort = 0, otherPort = 0] = [a.hostPort, b.hostPort]
  if (hostIp === otherIp && hostPort === otherPort) return 'duplicate'
  if (hostPort === 0 || otherPort === 0) return 'overlapping'
  const isOneForAll = (hostIp === '') !== (otherIp === '')
  return hostPort === otherPort && isOneForAll ? 'dangerously ambiguous' : undefined
}

/** As upstream, in thousandths, rounded up: what is smaller is not seen. */
function isWholeMillis(amount: string): boolean {
  return parseQuantity(amount).scaled(-3) % 1000n === 0n
}
