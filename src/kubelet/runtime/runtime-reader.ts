import type { Clock } from '../../base/clock.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Container } from '../../cri/messages/container.ts'
import type { PodSandbox, PodSandboxStatus } from '../../cri/messages/sandbox.ts'
import { isRuntimeNotFound } from '../../cri/runtime-error.ts'
import type { LogFiles } from '../logs/log-files.ts'
import { POD_NAME, POD_NAMESPACE, POD_UID } from './labels.ts'
import {
  byAttempt,
  byCreation,
  type RuntimeContainer,
  type RuntimePod,
  sandboxIps,
  toRuntimeContainer,
} from './runtime-pod.ts'
import { terminationMessage } from './termination-message.ts'

/** Names a pod in the runtime. */
export interface PodIdentity {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

/** Reads what the runtime knows of pods. What has ended never changes and is read once. */
export class RuntimeReader {
  readonly #runtime: ContainerRuntime
  readonly #files: LogFiles
  readonly #clock: Clock
  readonly #owners: Map<string, string>
  readonly #ended = new Map<string, RuntimeContainer>()

  /** `owners` is told which pod, by its uid, each sandbox belongs to. */
  constructor(
    runtime: ContainerRuntime,
    files: LogFiles,
    clock: Clock,
    owners: Map<string, string>,
  ) {
    this.#owners = owners
    this.#runtime = runtime
    this.#files = files
    this.#clock = clock
  }

  /** The pods of which the runtime has anything, by uid. */
  async listPods(): Promise<ReadonlyMap<string, PodIdentity>> {
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes(),
      this.#runtime.listContainers(),
    ])
    const pods = new Map<string, PodIdentity>()
    for (const { labels } of [...sandboxes, ...containers]) {
      const uid = labels[POD_UID]
      if (uid === undefined) continue
      pods.set(uid, { uid, namespace: labels[POD_NAMESPACE] ?? '', name: labels[POD_NAME] ?? '' })
    }
    return pods
  }

  async read({ uid, namespace, name }: PodIdentity): Promise<RuntimePod> {
    const labelSelector = { [POD_UID]: uid }
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes({ labelSelector }),
      this.#runtime.listContainers({ labelSelector }),
    ])
    for (const { id } of sandboxes) this.#owners.set(id, uid)
    const [sandboxStatuses, containerStatuses] = await Promise.all([
      existing(sandboxes.map((sandbox) => this.#sandboxStatus(sandbox))),
      existing(containers.map((container) => this.#containerStatus(container))),
    ])
    const ordered = sandboxStatuses.toSorted(byAttempt)
    const [newest] = ordered
    return {
      uid,
      namespace,
      name,
      ips: newest?.state === 'SANDBOX_READY' ? sandboxIps(newest) : [],
      sandboxes: ordered,
      containers: containerStatuses.toSorted(byCreation),
    }
  }

  /** Lets go of what was kept of a pod's containers. */
  forget({ containers, sandboxes }: RuntimePod): void {
    for (const { id } of sandboxes) this.#owners.delete(id)
    for (const { id } of containers) this.#ended.delete(id)
  }

  async #sandboxStatus({ id }: PodSandbox): Promise<PodSandboxStatus | undefined> {
    return (await this.#runtime.podSandboxStatus(id)).status
  }

  async #containerStatus({ id, podSandboxId }: Container): Promise<RuntimeContainer | undefined> {
    const known = this.#ended.get(id)
    if (known !== undefined) return known
    const { status } = await this.#runtime.containerStatus(id)
    if (status === undefined) return undefined
    const hasEnded = status.state === 'CONTAINER_EXITED'
    const message = hasEnded ? await terminationMessage(status, this.#files, this.#clock) : ''
    const container = toRuntimeContainer(status, podSandboxId, message)
    if (hasEnded) this.#ended.set(id, container)
    return container
  }
}

/** Between a list and a look at each, one may go: then it is as if it had not been listed. */
async function existing<T>(lookups: readonly Promise<T | undefined>[]): Promise<readonly T[]> {
  const found = await Promise.all(
    lookups.map((lookup) =>
      lookup.catch((error: unknown) => {
        if (isRuntimeNotFound(error)) return undefined
        throw error
      }),
    ),
  )
  return found.filter((one): one is Awaited<T> & T => one !== undefined)
}
