import type { LinuxContainerResources } from '../../cri/messages/resources.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import type { Container } from '../pod-types.ts'
import { oomScoreAdjust } from './qos.ts'

const SHARES_PER_CPU = 1024
const FEWEST_SHARES = 2
const MOST_SHARES = 262_144
const PERIOD_MICROSECONDS = 100_000
const SMALLEST_QUOTA_MICROSECONDS = 1000

/** The cgroup limits that follow from a container's requests and limits. */
export function containerResources(
  pod: Pod,
  container: Container,
  nodeMemoryBytes: number,
): LinuxContainerResources {
  const { requests, limits } = container.resources ?? {}
  const podLimits = pod.spec.resources?.limits
  const cpuLimit = cpuMillis(limits?.['cpu'] ?? podLimits?.['cpu'])
  const cpuRequest = requests?.['cpu'] === undefined ? cpuLimit : cpuMillis(requests['cpu'])
  const memoryBytes = bytesOf(limits?.['memory'] ?? podLimits?.['memory'])
  return {
    cpuShares: cpuShares(cpuRequest),
    cpuPeriod: PERIOD_MICROSECONDS,
    cpuQuota: cpuQuota(cpuLimit),
    ...(memoryBytes > 0 && { memoryLimitInBytes: memoryBytes }),
    oomScoreAdj: oomScoreAdjust(pod, container, nodeMemoryBytes),
  }
}

function cpuMillis(text: string | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).toMilli()
}

function bytesOf(text: string | undefined): number {
  return text === undefined ? 0 : parseQuantity(text).toNumber()
}

/** A weight among all that want CPU at one time. */
export function cpuShares(millis: number): number {
  if (millis === 0) return FEWEST_SHARES
  const shares = Math.trunc((millis * SHARES_PER_CPU) / 1000)
  return Math.min(MOST_SHARES, Math.max(FEWEST_SHARES, shares))
}

/** Microseconds of CPU in each period; 0 for no limit. */
export function cpuQuota(millis: number): number {
  if (millis === 0) return 0
  return Math.max(SMALLEST_QUOTA_MICROSECONDS, Math.trunc((millis * PERIOD_MICROSECONDS) / 1000))
}
