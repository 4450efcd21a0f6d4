import type { FieldPath } from '../../../machinery/field-error.ts'
import { parseQuantity } from '../../../machinery/quantity.ts'
import type { ContainerPort } from './container.ts'
import type { EnvVar } from './env-var.ts'
import { notedOf } from './field-rules.ts'
import type { ResourceRequirements } from './resources.ts'

/** As much of a container as warnings look at, of any sort. */
export interface WarnedContainer {
  readonly name: string
  readonly resources?: ResourceRequirements | undefined
  readonly env?: readonly EnvVar[] | undefined
  readonly ports?: readonly ContainerPort[] | undefined
}

/** A port and where it is. */
export interface PlacedPort {
  readonly port: ContainerPort
  readonly path: FieldPath
}

/** Amounts that are whole at first sight, such as `128Mi`. */
const PLAIN = /^\d+(?:[kMGTPE]|[KMGTPE]i)?$/
/**
 * Of ports of the same target, each with each: no more warnings than a client is told by far, and
 * else a pod of thousands of ports would have the server write nothing but warnings.
 */
const MOST_COMPARISONS = 20_000
const BYTES = ['memory', 'ephemeral-storage']

/** Amounts of bytes that are no whole number. */
export function byteWarnings(
  amounts: { readonly [name: string]: string } | undefined,
  path: FieldPath,
  names = BYTES,
): readonly string[] {
  const warnings: string[] = []
  for (const name of names) {
    const amount = amounts?.[name]
    if (amount === undefined || isWholeMillis(amount)) continue
    const what = `fractional byte value ${JSON.stringify(amount)} is invalid`
    warnings.push(`${path.key(name)}: ${what}, must be an integer`)
  }
  return warnings
}

/** Variables that hide an earlier one of the same name without making use of it. */
export function environmentWarnings(
  warnings: string[],
  env: readonly EnvVar[],
  path: FieldPath,
): void {
  const seen = notedOf(env)
  for (const [index, variable] of env.entries()) {
    if (seen?.has(variable.name) && !extendsEarlier(variable)) {
      const what = `hides previous definition of ${JSON.stringify(variable.name)}`
      warnings.push(`${path.index(index)}: ${what}, which may be dropped when using apply`)
    }
    seen?.add(variable.name)
  }
}

function extendsEarlier({ name, value = '', valueFrom }: EnvVar): boolean {
  const reference = `$(${name})`
  return valueFrom === undefined && value !== reference && value.includes(reference)
}

/** Ports of a pod's containers that are the same, or may be. */
export function portWarnings(warnings: string[], ports: readonly PlacedPort[]): void {
  const byTarget = new Map<string, PlacedPort[]>()
  let comparisons = 0
  for (const placed of ports) {
    const { port, path } = placed
    const target = `${port.containerPort}/${port.protocol}`
    const others = byTarget.get(target)
    if (port.hostIP && !port.hostPort) {
      warnings.push(`${path}: hostIP set without hostPort: ${goTextOf(port)}`)
    }
    for (const earlier of others ?? []) {
      if (++comparisons > MOST_COMPARISONS) break
      const relation = relationOf(port, earlier.port)
      if (relation === undefined) continue
      warnings.push(`${path}: ${relation} port definition with ${earlier.path}`)
    }
    if (others === undefined) byTarget.set(target, [placed])
    else others.push(placed)
  }
  if (ports.length > 1) portNameWarnings(warnings, ports)
}

function portNameWarnings(warnings: string[], ports: readonly PlacedPort[]): void {
  const byName = new Map<string, FieldPath>()
  for (const { port, path } of ports) {
    const { name = '' } = port
    if (name === '') continue
    const other = byName.get(name)
    if (other === undefined) byName.set(name, path)
    else {
      const what = `duplicate port name ${JSON.stringify(name)} with ${other}`
      const effect = `services and probes that select ports by name will use ${other}`
      warnings.push(`${path}: ${what}, ${effect}`)
    }
  }
}

/** As Go prints the struct. */
function goTextOf({ name = '', containerPort, protocol, hostIP = '' }: ContainerPort): string {
  const target = `ContainerPort:${containerPort} Protocol:${protocol}`
  return `{Name:${name} HostPort:0 ${target} HostIP:${hostIP}}`
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
  return PLAIN.test(amount) || parseQuantity(amount).scaled(-3) % 1000n === 0n
}
