import { type Clock, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { PodWorker } from '../pods/pod-worker.ts'
import { runningContainers } from '../runtime/runtime-pod.ts'
import type { PodFiles } from '../volumes/pod-files.ts'
import { hasStorageLimit, type StorageUse, storageExcess } from './local-storage.ts'

const PERIOD_MS = 10_000

export interface LocalStorageOptions {
  readonly runtime: ContainerRuntime
  readonly files: PodFiles
  readonly clock: Clock
  readonly logger: Logger
}

/** Ends pods that write more to the node's disk than they may. */
export class LocalStorageWatch {
  readonly #options: LocalStorageOptions

  constructor(options: LocalStorageOptions) {
    this.#options = options
  }

  async run(workers: () => readonly PodWorker[], signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    while (await pause(clock, PERIOD_MS, signal)) {
      for (const worker of workers()) {
        try {
          await this.#look(worker)
        } catch (error) {
          const pod = `${worker.identity.namespace}/${worker.identity.name}`
          logger.info('measuring pod failed', { pod, error: formatError(error) })
        }
        if (signal.aborted) return
      }
    }
  }

  async #look(worker: PodWorker): Promise<void> {
    const { pod } = worker
    if (pod === undefined || worker.state !== 'running' || worker.hasFailed) return
    if (!hasStorageLimit(pod)) return
    const excess = storageExcess(pod, await this.#measure(worker))
    if (excess !== undefined) worker.evict(excess)
  }

  async #measure({ pod, runtimePod }: PodWorker): Promise<StorageUse> {
    const { runtime, files } = this.#options
    if (pod === undefined) return { volumes: new Map(), containers: new Map() }
    const { volumes, logs } = await files.measure(pod)
    const containers = new Map(logs)
    for (const { id, name } of runningContainers(runtimePod)) {
      const layer = (await runtime.containerStats(id))?.writableLayer?.usedBytes
      containers.set(name, (containers.get(name) ?? 0) + Number(layer ?? 0))
    }
    return { volumes, containers }
  }
}
