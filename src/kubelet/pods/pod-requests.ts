import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import { initContainersOf, isRestartableInit } from '../pod-types.ts'

/** CPU in thousandths of a core, the rest in bytes. */
export interface Requests {
  readonly cpu: number
  readonly memory: number
  readonly 'ephemeral-storage': number
}

export type RequestedResource = keyof Requests

export const RESOURCES: readonly RequestedResource[] = ['cpu', 'memory', 'ephemeral-storage']

type Amounts = Readonly<Record<string, string>> | undefined

/**
 * What a pod takes of its node: its containers and sidecars together, or the largest of what runs
 * during initialization, and the overhead of its runtime. Requests of the pod as a whole decide.
 */
export function podRequests(pod: Pod): Requests {
  const of = (name: RequestedResource): number => {
    const asked = (amounts: Amounts) => amountOf(name, amounts)
    const whole = pod.spec.resources?.requests?.[name]
    if (whole !== undefined) return amountOf(name, { [name]: whole }) + asked(pod.spec.overhead)
    let sidecars = 0
    let initializing = 0
    for (const container of initContainersOf(pod)) {
      const one = asked(container.resources?.requests)
      if (isRestartableInit(container)) sidecars += one
      initializing = Math.max(
        initializing,
        isRestartableInit(container) ? sidecars : sidecars + one,
      )
    }
    const regular = pod.spec.containers.map(({ resources }) => asked(resources?.requests))
    const running = regular.reduce((sum, one) => sum + one, sidecars)
    return Math.max(running, initializing) + asked(pod.spec.overhead)
  }
  return { cpu: of('cpu'), memory: of('memory'), 'ephemeral-storage': of('ephemeral-storage') }
}

/** An amount of a list in the units of `Requests`; 0 where it is not there. */
export function amountOf(name: RequestedResource, amounts: Amounts): number {
  const text = amounts?.[name]
  if (text === undefined) return 0
  const quantity = parseQuantity(text)
  return name === 'cpu' ? quantity.toMilli() : quantity.toNumber()
}
