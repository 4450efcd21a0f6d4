import { setMaxListeners } from 'node:events'
import { pause } from '../base/clock.ts'
import { aborted, type Component, childAbort, inBackground } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Informer, InformerEvent } from '../client/lister.ts'
import type { ContainerEvent } from '../cri/container-runtime.ts'
import { Node } from '../kinds/core/v1/node.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { Service } from '../kinds/core/v1/service.ts'
import { LocalStorageWatch } from './eviction/local-storage-watch.ts'
import { ImageCollector } from './images/image-collector.ts'
import type { KubeletOptions } from './kubelet-options.ts'
import { LogRotator } from './logs/log-rotator.ts'
import { DEFAULT_THRESHOLDS } from './node/node-conditions.ts'
import { NodeLease } from './node/node-lease.ts'
import { NodeReporter, nodeReference } from './node/node-reporter.ts'
import { createPodServices } from './pods/create-pod-services.ts'
import type { PodServices } from './pods/pod-services.ts'
import type { PodWorker } from './pods/pod-worker.ts'
import { PodWorkers } from './pods/pod-workers.ts'
import { EVENT } from './reasons.ts'

const DEFAULT_MAX_PODS = 110
/**
 * Should an event of the runtime ever be lost, this finds out: two list calls, and only pods that
 * have changed are read. No start waits for it.
 */
const RELIST_MS = 2_000
const RETRY_MS = 1000

/** Runs the pods of one node: from the API to the runtime, and what becomes of them back again. */
export class Kubelet implements Component {
  readonly name = 'kubelet'
  readonly #options: KubeletOptions
  readonly #logger: Logger
  readonly #pods: Informer<Pod>
  readonly #services: Informer<Service>
  readonly #nodes: Informer<Node>
  readonly #reporter: NodeReporter
  #workers: PodWorkers | undefined
  #networkProblem: string | undefined = 'network state unknown'
  #podCidrs = ''

  constructor(options: KubeletOptions) {
    const { informers, nodeName, logger } = options
    this.#options = options
    this.#logger = logger.with({ component: 'kubelet', node: nodeName })
    this.#pods = informers.for(Pod, { fieldSelector: `spec.nodeName=${nodeName}` })
    this.#services = informers.for(Service)
    this.#nodes = informers.for(Node, { fieldSelector: `metadata.name=${nodeName}` })
    this.#reporter = this.#createReporter()
  }

  /** The pods of this node as the API has them. */
  get pods(): readonly Pod[] {
    return this.#pods.list()
  }

  /** The node is registered and its pods are being taken care of. */
  get hasPods(): boolean {
    return this.#workers !== undefined
  }

  /** The worker of a pod by its names, for those who look into pods; undefined where none is. */
  worker(namespace: string, name: string): PodWorker | undefined {
    const uid = this.#pods.get(`${namespace}/${name}`)?.metadata.uid
    return uid === undefined ? undefined : this.#workers?.get(uid)
  }

  get node(): Node {
    return this.#reporter.node
  }

  async run(parent: AbortSignal): Promise<void> {
    using own = childAbort(parent)
    const { signal } = own
    setMaxListeners(0, signal) // Each pod listens to it.
    const { recorder, clock, client } = this.#options
    await this.#reporter.register(signal)
    if (signal.aborted) return
    recorder.event(nodeReference(this.node), 'Normal', EVENT.starting, 'Starting kubelet.')
    const lease = new NodeLease({ client, clock, logger: this.#logger })
    const running = [
      this.#reporter.run(signal),
      lease.run(() => this.node, signal),
      this.#watchNode(signal),
      this.#runPods(signal),
      ...this.#keepDiskFree(signal),
    ]
    await Promise.all(running)
  }

  #keepDiskFree(signal: AbortSignal): readonly Promise<void>[] {
    const { disk, runtime, machine, clock, recorder } = this.#options
    if (disk === undefined) return []
    const logger = this.#logger
    const images = new ImageCollector({
      ...{ runtime, machine, clock, logger },
      onRemoved: () => this.#reporter.imagesChanged(),
      onFailure: (reason, message) =>
        recorder.event(nodeReference(this.node), 'Warning', reason, message),
    })
    const logs = new LogRotator({ runtime, files: disk.files, clock, logger })
    const running = () => this.#workers?.runningContainers() ?? []
    return [images.run(signal), logs.run(running, signal)]
  }

  #createReporter(): NodeReporter {
    const { nodeIps, maxPods, labels, taints, thresholds, ...rest } = this.#options
    const { client, clock, recorder, runtime, machine, nodeName, port } = rest
    return new NodeReporter({
      ...{ client, clock, recorder, runtime, machine, nodeName, port },
      logger: this.#logger,
      addresses: nodeIps,
      maxPods: maxPods ?? DEFAULT_MAX_PODS,
      labels: labels ?? {},
      taints: taints ?? [],
      thresholds: thresholds ?? DEFAULT_THRESHOLDS,
      onReadiness: (problem) => {
        const isNews = this.#networkProblem !== undefined && problem === undefined
        this.#networkProblem = problem
        if (isNews) this.#workers?.wakeAll()
      },
    })
  }

  async #watchNode(signal: AbortSignal): Promise<void> {
    const { onPodCidr, runtime } = this.#options
    const take = async (podCidrs: readonly string[]): Promise<void> => {
      await onPodCidr?.(podCidrs)
      await runtime.updateRuntimeConfig(podCidrs.join(','))
    }
    const handler = this.#nodes.onEvent(({ type, object }) => {
      if (type === 'DELETED') return
      this.#reporter.observe(object)
      const podCidrs = object.spec.podCIDRs ?? []
      if (podCidrs.length === 0 || podCidrs.join() === this.#podCidrs) return
      this.#podCidrs = podCidrs.join()
      inBackground(this.#logger, 'taking the pod range', take(podCidrs))
    })
    await aborted(signal)
    handler[Symbol.dispose]()
  }

  async #runPods(signal: AbortSignal): Promise<void> {
    const { informers } = this.#options
    try {
      await informers.synced(signal, [this.#pods, this.#services])
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    const services = await this.#createServices(signal)
    if (services === undefined) return
    const workers = new PodWorkers(services, signal)
    this.#workers = workers
    const known = await this.#untilDone(signal, () => services.reader.listPods())
    if (known === undefined) return
    workers.adopt(known)
    const handler = this.#pods.onEvent((event) => this.#podChanged(workers, event))
    workers.dropUnknown()
    await this.#untilDone(signal, () => workers.removeLeftovers())
    const running = [this.#watchRuntime(workers, signal), this.#relist(workers, signal)]
    if (this.#options.disk !== undefined) {
      running.push(new LocalStorageWatch(services).run(() => workers.all, signal))
    }
    await Promise.all(running)
    handler[Symbol.dispose]()
    await workers.stopped()
    await services.statuses.stop()
    await services.objects.stopped()
  }

  async #createServices(signal: AbortSignal): Promise<PodServices | undefined> {
    const facts = await this.#reporter.facts()
    return this.#untilDone(signal, () =>
      createPodServices(this.#options, this.#logger, signal, {
        services: this.#services,
        facts,
        node: () => this.node,
        networkProblem: () => this.#networkProblem,
        onObjectChange: (uid) => this.#workers?.get(uid)?.objectsChanged(),
        onImages: () => this.#reporter.imagesChanged(),
      }),
    )
  }

  #podChanged(workers: PodWorkers, { type, object }: InformerEvent<Pod>): void {
    if (type === 'DELETED') workers.removed(object)
    else workers.update(object)
  }

  async #watchRuntime(workers: PodWorkers, signal: AbortSignal): Promise<void> {
    const { runtime, clock } = this.#options
    while (!signal.aborted) {
      try {
        for await (const event of runtime.containerEvents(signal)) {
          if (event.type === 'RELIST') await workers.relist()
          else this.#runtimeChanged(workers, event)
        }
      } catch (error) {
        this.#logger.error('watching the runtime failed', { error: formatError(error) })
      }
      await pause(clock, RETRY_MS, signal)
    }
  }

  #runtimeChanged(
    workers: PodWorkers,
    { podSandboxId }: Exclude<ContainerEvent, { type: 'RELIST' }>,
  ): void {
    if (podSandboxId !== '') workers.sandboxChanged(podSandboxId)
  }

  async #relist(workers: PodWorkers, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    while (await pause(clock, RELIST_MS, signal)) {
      try {
        await workers.relist()
      } catch (error) {
        this.#logger.info('relisting pods failed', { error: formatError(error) })
      }
    }
  }

  /** Nothing works without the runtime: it is waited for. Undefined when the signal aborts. */
  async #untilDone<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    while (!signal.aborted) {
      try {
        return await work()
      } catch (error) {
        this.#logger.info('the runtime does not answer', { error: formatError(error) })
        await pause(this.#options.clock, RETRY_MS, signal)
      }
    }
    return undefined
  }
}
