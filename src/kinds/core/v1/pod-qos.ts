import { parseQuantity, type Quantity } from '../../../machinery/quantity.ts'
import type { Pod } from './pod.ts'
import type { PodStatus } from './pod-status.ts'

type Resources = Readonly<Record<string, string>> | undefined

const COMPUTE = ['cpu', 'memory'] as const

/**
 * Who suffers first when a node runs short, from what the containers ask for: Guaranteed where
 * every limit equals its request, BestEffort where there are none. Resources of the pod itself go
 * before those of its containers.
 */
export function qosClassOf({ spec }: Pick<Pod, 'spec'>): PodStatus['qosClass'] {
  const { resources, containers, initContainers = [] } = spec
  const parts =
    resources === undefined
      ? [...containers, ...initContainers].map((container) => container.resources)
      : [resources]
  const requests = new Map<string, Quantity>()
  const limits = new Map<string, Quantity>()
  for (const part of parts) {
    addTo(requests, part.requests)
    addTo(limits, part.limits)
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  const areAllLimited = parts.every((part) =>
    COMPUTE.every((name) => isPositive(part.limits, name)),
  )
  const areEqual = [...requests].every(([name, request]) => {
    return limits.get(name)?.compare(request) === 0
  })
  return areAllLimited && areEqual && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}

function addTo(sums: Map<string, Quantity>, resources: Resources): void {
  for (const name of COMPUTE) {
    const text = resources?.[name]
    if (text === undefined || !isPositive(resources, name)) continue
    const sum = sums.get(name)
    const quantity = parseQuantity(text)
    sums.set(name, sum === undefined ? quantity : sum.add(quantity))
  }
}

function isPositive(resources: Resources, name: string): boolean {
  const text = resources?.[name]
  return text !== undefined && parseQuantity(text).compare(ZERO) > 0
}

const ZERO = parseQuantity('0')
