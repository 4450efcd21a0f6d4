import type { KubeObject } from '../../machinery/kind.ts'
import type { PodAffinityTerm } from '../core/v1/affinity.ts'
import { Pod } from '../core/v1/pod.ts'
import { qosClassOf } from '../core/v1/pod-qos.ts'
import { type Amounts, amountsOf, areEqual, type ResourceList, sumOf } from './amounts.ts'
import { countNameOf, ONE, type QuotaChange, type QuotaEvaluator } from './evaluator.ts'
import { isPodLevelResource, podLimits, podRequests } from './pod-resources.ts'
import { matchesValue } from './scopes.ts'

const COUNT = countNameOf(Pod)
const REQUESTS = 'requests.'
const HUGE_PAGES = 'hugepages-'
const DEVICE_CLASSES = 'requests.deviceclass.resource.kubernetes.io/'

const COMPUTE: ReadonlySet<string> = new Set([
  ...[COUNT, 'pods', 'cpu', 'memory', 'ephemeral-storage'],
  ...['requests.cpu', 'requests.memory', 'requests.ephemeral-storage'],
  ...['limits.cpu', 'limits.memory', 'limits.ephemeral-storage'],
])

/** A container must say these where a quota bounds them: no others, and upstream regrets these. */
const MUST_BE_GIVEN: ReadonlySet<string> = new Set([
  ...['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'],
])

/** Pods that have not ended, with what they ask for; those that are stored at all by `count/`. */
export const podEvaluator: QuotaEvaluator = {
  kind: Pod,

  covers: (resource) =>
    COMPUTE.has(resource) ||
    resource.startsWith(HUGE_PAGES) ||
    resource.startsWith(`${REQUESTS}${HUGE_PAGES}`) ||
    isExtendedRequest(resource),

  usageOf(object: KubeObject, now: number): Amounts {
    const pod = object as Pod
    const counted: Amounts = new Map([[COUNT, ONE]])
    if (!isAlive(pod, now)) return counted
    return sumOf(counted, computeUsage(podRequests(pod), podLimits(pod)))
  },

  isInScope(scope, object) {
    const pod = object as Pod
    const { priorityClassName = '' } = pod.spec
    switch (scope.scopeName) {
      case 'Terminating':
        return isTerminating(pod)
      case 'NotTerminating':
        return !isTerminating(pod)
      case 'BestEffort':
        return qosClassOf(pod) === 'BestEffort'
      case 'NotBestEffort':
        return qosClassOf(pod) !== 'BestEffort'
      case 'PriorityClass':
        return matchesValue(scope, priorityClassName === '' ? undefined : priorityClassName)
      case 'CrossNamespacePodAffinity':
        return reachesOtherNamespaces(pod)
      default:
        return false
    }
  },

  handles({ operation, subresource, object, oldObject }: QuotaChange) {
    if (subresource === 'resize') return operation === 'UPDATE'
    if (subresource !== '') return false
    if (operation === 'CREATE') return true
    return isTerminating(object as Pod) !== isTerminating(oldObject as Pod)
  },

  problemOf(resources, object) {
    const { spec } = object as Pod
    const { requests, limits } = spec.resources ?? {}
    if ([requests, limits].some((list) => Object.keys(list ?? {}).some(isPodLevelResource))) {
      return undefined
    }
    const required = resources.filter((name) => MUST_BE_GIVEN.has(name)).toSorted()
    const faults = required.flatMap((name) => {
      const containers = [...spec.containers, ...(spec.initContainers ?? [])]
        .filter((one) => !givenBy(one.resources).has(name))
        .map((one) => one.name)
      return containers.length === 0 ? [] : [`${name} for: ${containers.sort().join(',')}`]
    })
    return faults.length === 0 ? undefined : `must specify ${faults.join('; ')}`
  },

  frees(object, old) {
    const [pod, before] = [object as Pod, old as Pod]
    if (isTerminating(pod) !== isTerminating(before)) return true
    if (!hasEnded(before) && hasEnded(pod)) return true
    return (
      !areEqual(podRequests(pod), podRequests(before)) ||
      !areEqual(podLimits(pod), podLimits(before))
    )
  },
}

/** When a pod that is being deleted is no longer counted, in milliseconds; undefined for others. */
function uncountedFrom({ metadata }: Pod): number | undefined {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return undefined
  return Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

function isAlive(pod: Pod, now: number): boolean {
  // A pod that nobody can end, its node being lost, must not keep others from being made.
  const until = uncountedFrom(pod)
  return !hasEnded(pod) && (until === undefined || now <= until)
}

function hasEnded({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

function isTerminating({ spec }: Pod): boolean {
  return spec.activeDeadlineSeconds !== undefined && spec.activeDeadlineSeconds >= 0
}

function givenBy(
  resources: {
    readonly requests?: ResourceList | undefined
    readonly limits?: ResourceList | undefined
  } = {},
): Amounts {
  return computeUsage(amountsOf(resources.requests), amountsOf(resources.limits))
}

/** Under the names that quotas have for it. */
function computeUsage(requests: Amounts, limits: Amounts): Amounts {
  const usage = new Map([['pods', ONE]])
  for (const name of ['cpu', 'memory', 'ephemeral-storage']) {
    const [request, limit] = [requests.get(name), limits.get(name)]
    if (request !== undefined) usage.set(name, request).set(`${REQUESTS}${name}`, request)
    if (limit !== undefined) usage.set(`limits.${name}`, limit)
  }
  for (const [name, request] of requests) {
    if (name.startsWith(HUGE_PAGES)) usage.set(name, request).set(`${REQUESTS}${name}`, request)
    else if (isExtendedRequest(`${REQUESTS}${name}`)) usage.set(`${REQUESTS}${name}`, request)
  }
  return usage
}

/** `requests.example.com/gpu`: only requests of extended resources are bounded. */
function isExtendedRequest(resource: string): boolean {
  if (!resource.startsWith(REQUESTS)) return false
  const isNative = !resource.includes('/') || resource.includes('kubernetes.io/')
  return !isNative || resource.startsWith(DEVICE_CLASSES)
}

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  return [podAffinity, podAntiAffinity].some((one) => {
    const terms: readonly PodAffinityTerm[] = [
      ...(one?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(one?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
        ({ podAffinityTerm }) => podAffinityTerm,
      ),
    ]
    return terms.some(
      ({ namespaces = [], namespaceSelector }) =>
        namespaces.length > 0 || namespaceSelector !== undefined,
    )
  })
}
