import { formatTime } from '../../base/clock.ts'
import type { ContainerStats } from '../../cri/messages/stats.ts'
import { CONTAINER_NAME, POD_NAME, POD_NAMESPACE, POD_UID } from '../runtime/labels.ts'

interface Usage {
  readonly time: string
  readonly usageNanoCores?: number | undefined
  readonly usageCoreNanoSeconds?: number | undefined
}

/** The kubelet's Summary API, as far as the runtime knows the numbers. */
export function statsSummary(
  nodeName: string,
  containers: readonly ContainerStats[],
  node: { readonly memoryBytes: number; readonly availableMemoryBytes: number },
  nowMs: number,
): unknown {
  const byPod = group(containers)
  const time = formatTime(nowMs)
  return {
    node: {
      nodeName,
      memory: {
        time,
        availableBytes: node.availableMemoryBytes,
        workingSetBytes: node.memoryBytes - node.availableMemoryBytes,
      },
      cpu: sumCpu(containers, time),
    },
    pods: [...byPod.values()].map((some) => podStats(some, time)),
  }
}

function group(containers: readonly ContainerStats[]): Map<string, ContainerStats[]> {
  const byPod = new Map<string, ContainerStats[]>()
  for (const container of containers) {
    const uid = container.attributes?.labels[POD_UID]
    if (uid === undefined) continue
    const some = byPod.get(uid)
    if (some === undefined) byPod.set(uid, [container])
    else some.push(container)
  }
  return byPod
}

function podStats(containers: readonly ContainerStats[], time: string): unknown {
  const labels = containers[0]?.attributes?.labels ?? {}
  return {
    podRef: { name: labels[POD_NAME], namespace: labels[POD_NAMESPACE], uid: labels[POD_UID] },
    containers: containers.map(({ attributes, cpu, memory, writableLayer }) => ({
      name: attributes?.labels[CONTAINER_NAME],
      cpu: { time, ...pick(cpu, 'usageNanoCores', 'usageCoreNanoSeconds') },
      memory: { time, ...pick(memory, 'usageBytes', 'workingSetBytes', 'rssBytes') },
      rootfs: { time, ...pick(writableLayer, 'usedBytes', 'inodesUsed') },
    })),
    cpu: sumCpu(containers, time),
    memory: {
      time,
      usageBytes: sum(containers.map(({ memory }) => memory?.usageBytes)),
      workingSetBytes: sum(containers.map(({ memory }) => memory?.workingSetBytes)),
      rssBytes: sum(containers.map(({ memory }) => memory?.rssBytes)),
    },
  }
}

function sumCpu(containers: readonly ContainerStats[], time: string): Usage {
  return {
    time,
    usageNanoCores: sum(containers.map(({ cpu }) => cpu?.usageNanoCores)),
    usageCoreNanoSeconds: sum(containers.map(({ cpu }) => cpu?.usageCoreNanoSeconds)),
  }
}

function sum(numbers: readonly (number | undefined)[]): number {
  return numbers.reduce<number>((total, number) => total + (number ?? 0), 0)
}

function pick<T extends object, K extends keyof T>(from: T | undefined, ...keys: readonly K[]) {
  const entries = keys.map((key) => [key, from?.[key]]).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Partial<Pick<T, K>>
}
