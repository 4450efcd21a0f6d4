import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import { type Container, initContainersOf, isRestartableInit } from '../pod-types.ts'

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort'

const COUNTED = ['cpu', 'memory'] as const

/**
 * Guaranteed: every container's limits for CPU and memory are its requests. BestEffort: none has
 * either. Burstable: all between. Resources of the pod as a whole decide where they are set.
 */
export function qosClassOf(pod: Pod): QosClass {
  const { resources } = pod.spec
  const asked =
    resources?.requests !== undefined || resources?.limits !== undefined
      ? [resources]
      : [...initContainersOf(pod), ...pod.spec.containers].map((container) => container.resources)
  const amounts = asked.flatMap((one) =>
    COUNTED.map((name) => [amount(one?.requests?.[name]), amount(one?.limits?.[name])]),
  )
  if (amounts.every(([request, limit]) => request === 0 && limit === 0)) return 'BestEffort'
  const isGuaranteed = amounts.every(([request, limit]) => limit !== 0 && request === limit)
  return isGuaranteed ? 'Guaranteed' : 'Burstable'
}

function amount(text: string | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).toMilli()
}

const GUARANTEED_SCORE = -997
const BEST_EFFORT_SCORE = 1000
/** Nothing may kill the processes of a critical pod before the kubelet itself. */
const CRITICAL_PRIORITY = 2_000_000_000

/** Which processes the kernel kills first when memory runs out (upstream's qos policy). */
export function oomScoreAdjust(pod: Pod, container: Container, nodeMemoryBytes: number): number {
  if ((pod.spec.priority ?? 0) >= CRITICAL_PRIORITY) return GUARANTEED_SCORE
  const qosClass = qosClassOf(pod)
  if (qosClass === 'Guaranteed') return GUARANTEED_SCORE
  if (qosClass === 'BestEffort' || nodeMemoryBytes === 0) return BEST_EFFORT_SCORE
  const requests = isRestartableInit(container)
    ? Math.max(memoryRequest(container), Math.min(...pod.spec.containers.map(memoryRequest)))
    : memoryRequest(container)
  const score = 1000 - Math.trunc((1000 * requests) / nodeMemoryBytes)
  return Math.min(BEST_EFFORT_SCORE - 1, Math.max(1000 + GUARANTEED_SCORE, score))
}

function memoryRequest(container: Container): number {
  const request = container.resources?.requests?.['memory']
  return request === undefined ? 0 : parseQuantity(request).toNumber()
}
