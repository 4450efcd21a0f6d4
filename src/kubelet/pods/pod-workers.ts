import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type RuntimeContainer, runningContainers } from '../runtime/runtime-pod.ts'
import { type PodIdentity, runtimePodState } from '../runtime/runtime-reader.ts'
import type { PodFailure } from './active-deadline.ts'
import { rejectionOf, resizeProblemOf } from './admit-pod.ts'
import type { PodServices } from './pod-services.ts'
import { PodWorker } from './pod-worker.ts'

/** The workers of all pods that the API or the runtime has on this node, by uid. */
export class PodWorkers {
  readonly #services: PodServices
  readonly #signal: AbortSignal
  readonly #workers = new Map<string, PodWorker>()
  /** What the runtime had when the kubelet started. */
  #known: ReadonlyMap<string, PodIdentity> = new Map()

  constructor(services: PodServices, signal: AbortSignal) {
    this.#services = services
    this.#signal = signal
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid)
  }

  /** Pods that run already are taken over, not started again. Call before the first update. */
  adopt(known: ReadonlyMap<string, PodIdentity>): void {
    this.#known = known
  }

  update(pod: Pod): void {
    const { uid, namespace, name } = pod.metadata
    const worker = this.#workers.get(uid)
    if (worker !== undefined) {
      worker.update(pod)
      return
    }
    this.#add({ uid, namespace, name }, pod, this.#rejection(pod)).wake()
  }

  /** Only a pod that has never run here can be turned away. */
  #rejection(pod: Pod): PodFailure | undefined {
    const isNew = pod.status.phase === 'Pending' && !this.#known.has(pod.metadata.uid)
    if (!isNew || pod.metadata.deletionTimestamp !== undefined) return undefined
    const failure = rejectionOf(pod, this.#others(pod), this.#services.node())
    if (failure !== undefined) {
      const { reason, message } = failure
      const text = message.replace(/^Pod was rejected: /, '')
      this.#services.events.pod(pod, 'Warning', reason, text)
    }
    return failure
  }

  /** The pods that hold resources, each with what it has been granted. */
  #others({ metadata: { uid } }: Pod): readonly Pod[] {
    return [...this.#workers.values()].flatMap((worker) => {
      const isActive = worker.state === 'running' || worker.state === 'ending'
      const isOther = worker.identity.uid !== uid
      return isActive && isOther && worker.pod !== undefined && !worker.hasFailed
        ? [worker.pod]
        : []
    })
  }

  removed({ metadata: { uid } }: Pod): void {
    this.#workers.get(uid)?.removed()
  }

  /** What the runtime has of pods that the API does not know is stopped and removed. */
  dropUnknown(): void {
    for (const [uid, identity] of this.#known) {
      if (!this.#workers.has(uid)) this.#add(identity, undefined).wake()
    }
  }

  /** Removes the files of pods that neither the API nor the runtime knows. */
  async removeLeftovers(): Promise<void> {
    const { files } = this.#services
    for (const uid of await files.listPods()) {
      if (!this.#workers.has(uid)) await files.tearDown(uid)
    }
  }

  /** A sandbox, or a container in it, is not what it was. */
  sandboxChanged(podSandboxId: string): void {
    const uid = this.#services.sandboxOwners.get(podSandboxId)
    if (uid !== undefined) this.#workers.get(uid)?.runtimeChanged()
  }

  /** Every pod looks at the runtime again; what nobody knows is removed. */
  async relist(): Promise<void> {
    const listed = await this.#services.reader.listPods()
    if (this.#signal.aborted) return
    for (const [uid, worker] of this.#workers) {
      const isSame = (listed.get(uid)?.state ?? '') === runtimePodState(worker.runtimePod)
      if (isSame) worker.wake()
      else worker.runtimeChanged()
    }
    for (const [uid, identity] of listed) {
      if (!this.#workers.has(uid)) this.#add(identity, undefined).wake()
    }
  }

  /** Of all pods, as they were last seen. */
  runningContainers(): readonly RuntimeContainer[] {
    return [...this.#workers.values()].flatMap(({ runtimePod }) => runningContainers(runtimePod))
  }

  get all(): readonly PodWorker[] {
    return [...this.#workers.values()]
  }

  wakeAll(): void {
    for (const worker of this.#workers.values()) worker.wake()
  }

  /** Resolves when no worker does anything. The signal must have aborted. */
  async stopped(): Promise<void> {
    await Promise.all(Array.from(this.#workers.values(), (worker) => worker.stopped()))
  }

  #add(identity: PodIdentity, pod: Pod | undefined, failure?: PodFailure): PodWorker {
    const { uid } = identity
    const worker = new PodWorker(identity, pod, this.#services, {
      signal: this.#signal,
      failure,
      isKnown: pod === undefined || this.#known.has(uid),
      resizeProblem: (wanted) =>
        resizeProblemOf(wanted, this.#others(wanted), this.#services.node()),
      onGone: () => this.#workers.delete(uid),
    })
    this.#workers.set(uid, worker)
    return worker
  }
}
