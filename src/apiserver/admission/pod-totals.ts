import type { Container } from '../../kinds/core/v1/container.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity, type Quantity } from '../../machinery/quantity.ts'

/** Amounts by the name of the resource. */
export type Amounts = ReadonlyMap<string, Quantity>
type ResourceList = { readonly [name: string]: string } | undefined

/** Resources that may be given for a pod as a whole. */
const POD_LEVEL = ['cpu', 'memory']

export function amountsOf(list: ResourceList): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]))
}

/**
 * What a pod asks for at most at any moment: its containers and sidecars together, or an init
 * container beside the sidecars that have begun before it. What the pod itself names goes first.
 */
export function podTotal({ spec }: Pod, part: 'requests' | 'limits'): Amounts {
  const of = ({ resources }: Container) => amountsOf(resources?.[part])
  let total: Amounts = new Map()
  for (const container of spec.containers) total = sum(total, of(container))
  let sidecars: Amounts = new Map()
  let initPeak: Amounts = new Map()
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      total = sum(total, of(container))
      sidecars = sum(sidecars, of(container))
      initPeak = largest(initPeak, sidecars)
    } else {
      initPeak = largest(initPeak, sum(of(container), sidecars))
    }
  }
  const own = [...amountsOf(spec.resources?.[part])].filter(([name]) => POD_LEVEL.includes(name))
  return new Map([...largest(total, initPeak), ...own])
}

function sum(a: Amounts, b: Amounts): Amounts {
  const total = new Map(a)
  for (const [name, amount] of b) total.set(name, total.get(name)?.add(amount) ?? amount)
  return total
}

function largest(a: Amounts, b: Amounts): Amounts {
  const most = new Map(a)
  for (const [name, amount] of b) {
    const other = most.get(name)
    if (other === undefined || amount.compare(other) > 0) most.set(name, amount)
  }
  return most
}
