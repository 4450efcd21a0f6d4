import { parseQuantity, type Quantity } from '../../machinery/quantity.ts'

/** Amounts by the name of the resource. */
export type Amounts = ReadonlyMap<string, Quantity>

/** As an object has them. */
export type ResourceList = { readonly [name: string]: string }

const ZERO = parseQuantity('0')

export function amountsOf(list: ResourceList | undefined): Amounts {
  return new Map(Object.entries(list ?? {}).map(([name, text]) => [name, parseQuantity(text)]))
}

export function resourceListOf(amounts: Amounts): ResourceList {
  return Object.fromEntries(Array.from(amounts, ([name, amount]) => [name, amount.toString()]))
}

export function sumOf(a: Amounts, b: Amounts): Amounts {
  const total = new Map(a)
  for (const [name, amount] of b) total.set(name, total.get(name)?.add(amount) ?? amount)
  return total
}

/** Of each resource the larger amount. */
export function largestOf(a: Amounts, b: Amounts): Amounts {
  const most = new Map(a)
  for (const [name, amount] of b) {
    const other = most.get(name)
    if (other === undefined || amount.compare(other) > 0) most.set(name, amount)
  }
  return most
}

/** What `a` has more than `b`, without what is not more. */
export function excessOf(a: Amounts, b: Amounts): Amounts {
  const rest = Array.from(
    a,
    ([name, amount]) => [name, amount.subtract(b.get(name) ?? ZERO)] as const,
  )
  return new Map(rest.filter(([, amount]) => amount.sign > 0))
}

export function onlyOf(amounts: Amounts, isWanted: (name: string) => boolean): Amounts {
  return new Map([...amounts].filter(([name]) => isWanted(name)))
}

export function areEqual(a: Amounts, b: Amounts): boolean {
  if (a.size !== b.size) return false
  return [...a].every(([name, amount]) => {
    const other = b.get(name)
    return other !== undefined && other.compare(amount) === 0
  })
}

/** `cpu=1,memory=1Gi`. */
export function formatAmounts(amounts: Amounts): string {
  return Array.from(amounts, ([name, amount]) => `${name}=${amount}`)
    .sort()
    .join(',')
}
