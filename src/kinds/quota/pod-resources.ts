import type { Pod } from '../core/v1/pod.ts'
import { type Amounts, amountsOf, largestOf, onlyOf, type ResourceList, sumOf } from './amounts.ts'

type Part = 'requests' | 'limits'

/** A pod; without its status, what it asks for is all that counts. */
export interface PodDemand {
  readonly spec: Pod['spec']
  readonly status?: Pod['status']
}

interface Container {
  readonly name: string
  readonly resources?: { readonly [part in Part]?: ResourceList | undefined } | undefined
}

/**
 * What a pod takes of its node at most at any moment: its containers and sidecars together, or an
 * init container beside the sidecars that have begun before it; then what the pod itself names, and
 * its overhead. While a resize is under way the larger of both sizes counts.
 */
export function podRequests(pod: PodDemand): Amounts {
  const total = withPodLevel(pod, 'requests', totalOf(pod, 'requests'))
  return sumOf(total, amountsOf(pod.spec.overhead))
}

/** As `podRequests`; overhead adds to limits that are there. */
export function podLimits(pod: PodDemand): Amounts {
  const total = withPodLevel(pod, 'limits', totalOf(pod, 'limits'))
  const overhead = amountsOf(pod.spec.overhead)
  return sumOf(
    total,
    onlyOf(overhead, (name) => (total.get(name)?.sign ?? 0) !== 0),
  )
}

/** True for resources that may be given for a pod as a whole. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')
}

function totalOf(pod: PodDemand, part: Part): Amounts {
  let total: Amounts = new Map()
  for (const container of pod.spec.containers) {
    total = sumOf(total, effectiveOf(pod, container, part))
  }
  let sidecars: Amounts = new Map()
  let initPeak: Amounts = new Map()
  for (const container of pod.spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') {
      const own = effectiveOf(pod, container, part)
      total = sumOf(total, own)
      sidecars = sumOf(sidecars, own)
      initPeak = largestOf(initPeak, sidecars)
    } else {
      const own = amountsOf(container.resources?.[part])
      initPeak = largestOf(initPeak, sumOf(own, sidecars))
    }
  }
  return largestOf(total, initPeak)
}

function withPodLevel({ spec }: PodDemand, part: Part, total: Amounts): Amounts {
  return new Map([...total, ...onlyOf(amountsOf(spec.resources?.[part]), isPodLevelResource)])
}

/** What is asked for, in use and set aside for a container; a resize that cannot be is no more. */
function effectiveOf({ status }: PodDemand, { name, resources }: Container, part: Part): Amounts {
  const asked = amountsOf(resources?.[part])
  const { containerStatuses = [], initContainerStatuses = [] } = status ?? {}
  const found = [...containerStatuses, ...initContainerStatuses].find((one) => one.name === name)
  if (found?.resources === undefined) return asked
  const pending = status?.conditions?.find(({ type }) => type === 'PodResizePending')
  const allocated = part === 'requests' ? amountsOf(found.allocatedResources) : new Map()
  const actual = largestOf(amountsOf(found.resources[part]), allocated)
  return pending?.reason === 'Infeasible' ? actual : largestOf(asked, actual)
}
