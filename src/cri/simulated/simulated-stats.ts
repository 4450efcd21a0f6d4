import type { ContainerStats, PodSandboxStats } from '../messages/stats.ts'
import {
  type ContainerRecord,
  containerView,
  type SandboxRecord,
  sandboxView,
} from './simulated-containers.ts'
import type { Usage } from './simulation.ts'

/** What a container has used by a time, in nanoseconds since the epoch, at a constant rate. */
export function containerStatsOf(
  record: ContainerRecord,
  usage: Usage,
  timestamp: bigint,
): ContainerStats {
  const { id, metadata, labels, annotations } = containerView(record)
  return {
    attributes: { id, metadata, labels, annotations },
    ...consumptionOf([record], [usage], timestamp),
    writableLayer: { timestamp, fsId: { mountpoint: '/' }, usedBytes: 0, inodesUsed: 0 },
  }
}

export function sandboxStatsOf(
  record: SandboxRecord,
  containers: readonly ContainerRecord[],
  usages: readonly Usage[],
  timestamp: bigint,
): PodSandboxStats {
  const { id, metadata, labels, annotations } = sandboxView(record)
  return {
    attributes: { id, metadata, labels, annotations },
    linux: {
      ...consumptionOf(containers, usages, timestamp),
      process: { timestamp, processCount: containers.length },
      containers: containers.map((container, index) =>
        containerStatsOf(container, usages[index] ?? NOTHING, timestamp),
      ),
    },
  }
}

const NOTHING: Usage = { cpuNanoCores: 0, memoryBytes: 0 }

function consumptionOf(
  containers: readonly ContainerRecord[],
  usages: readonly Usage[],
  timestamp: bigint,
) {
  let nanoSeconds = 0
  let nanoCores = 0
  let memoryBytes = 0
  for (const [index, { startedAt, state }] of containers.entries()) {
    if (state !== 'CONTAINER_RUNNING') continue
    const usage = usages[index] ?? NOTHING
    nanoCores += usage.cpuNanoCores
    nanoSeconds += Math.floor((Number(timestamp - startedAt) / 1e9) * usage.cpuNanoCores)
    memoryBytes += usage.memoryBytes
  }
  return {
    cpu: { timestamp, usageCoreNanoSeconds: nanoSeconds, usageNanoCores: nanoCores },
    memory: {
      timestamp,
      workingSetBytes: memoryBytes,
      usageBytes: memoryBytes,
      rssBytes: memoryBytes,
      pageFaults: 0,
      majorPageFaults: 0,
    },
  }
}
