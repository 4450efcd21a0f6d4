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

/** A pod with the state of all its parts in short: equal where nothing has happened. */
export interface ListedPod extends PodIdentity {
  readonly state: string
}

/** In short, as `ListedPod` has it. */
export function runtimePodState({ sandboxes, containers }: RuntimePod): string {
  return overallState([...sandboxes, ...containers.map(({ status }) => status)])
}

function overallState(parts: readonly { readonly id: string; readonly state: string }[]): string {
  return parts
    .map(({ id, state }) => `${id} ${state}`)
    .toSorted()
    .join()
}

/** Reads what the runtime knows of pods. */
export class RuntimeReader {
  readonly #runtime: ContainerRuntime
  readonly #files: LogFiles
  readonly #clock: Clock
  readonly #owners: Map<string, string>

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
  async listPods(): Promise<ReadonlyMap<string, ListedPod>> {
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes(),
      this.#runtime.listContainers(),
    ])
    const byUid = new Map<string, (PodSandbox | Container)[]>()
    for (const part of [...sandboxes, ...containers]) {
      const uid = part.labels[POD_UID]
      if (uid === undefined) continue
      const parts = byUid.get(uid)
      if (parts === undefined) byUid.set(uid, [part])
      else parts.push(part)
    }
    return new Map(
      Array.from(byUid, ([uid, parts]) => {
        const { labels = {} } = parts[0] ?? {}
        const identity = {
          uid,
          namespace: labels[POD_NAMESPACE] ?? '',
          name: labels[POD_NAME] ?? '',
        }
        return [uid, { ...identity, state: overallState(parts) }]
      }),
    )
  }

  /** `known`: what was read before; what is in the same state still is not read again. */
  async read({ uid, namespace, name }: PodIdentity, known?: RuntimePod): Promise<RuntimePod> {
    const labelSelector = { [POD_UID]: uid }
    const [sandboxes, containers] = await Promise.all([
      this.#runtime.listPodSandboxes({ labelSelector }),
      this.#runtime.listContainers({ labelSelector }),
    ])
    for (const { id } of sandboxes) this.#owners.set(id, uid)
    const [sandboxStatuses, containerStatuses] = await Promise.all([
      existing(sandboxes.map((sandbox) => this.#sandboxStatus(sandbox, known))),
      existing(containers.map((container) => this.#containerStatus(container, known))),
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

  /** Lets go of what was kept of a pod's sandboxes. */
  forget({ sandboxes }: RuntimePod): void {
    for (const { id } of sandboxes) this.#owners.delete(id)
  }

  async #sandboxStatus(
    { id, state }: PodSandbox,
    known?: RuntimePod,
  ): Promise<PodSandboxStatus | undefined> {
    const old = known?.sandboxes.find((one) => one.id === id && one.state === state)
    if (old !== undefined) return old
    return (await this.#runtime.podSandboxStatus(id)).status
  }

  async #containerStatus(
    { id, podSandboxId, state }: Container,
    known?: RuntimePod,
  ): Promise<RuntimeContainer | undefined> {
    const old = known?.containers.find((one) => one.id === id && one.status.state === state)
    if (old !== undefined) return old
    const { status } = await this.#runtime.containerStatus(id)
    if (status === undefined) return undefined
    const hasEnded = status.state === 'CONTAINER_EXITED'
    const message = hasEnded ? await terminationMessage(status, this.#files, this.#clock) : ''
    return toRuntimeContainer(status, podSandboxId, message)
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
