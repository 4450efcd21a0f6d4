import type { ContainerStatus as CriContainerStatus } from '../../cri/messages/container.ts'
import type { PodSandboxStatus } from '../../cri/messages/sandbox.ts'
import { CONTAINER_NAME, readContainerAnnotations } from './labels.ts'

export type RuntimeContainerState = 'created' | 'running' | 'exited' | 'unknown'

/** One container as the runtime knows it, with what its annotations tell. Times in ms (epoch). */
export interface RuntimeContainer {
  readonly id: string
  readonly name: string
  readonly podSandboxId: string
  readonly state: RuntimeContainerState
  readonly hash: string
  readonly restartCount: number
  readonly createdNanos: bigint
  readonly startedMs: number
  readonly finishedMs: number
  readonly exitCode: number
  readonly reason: string
  /** With the termination message, where there is one. */
  readonly message: string
  readonly image: string
  readonly imageRef: string
  readonly logPath: string
  readonly status: CriContainerStatus
}

/**
 * All that the runtime knows of a pod: the sandboxes by attempt and the containers by creation,
 * the newest first.
 */
export interface RuntimePod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  /** Of the newest sandbox; empty on the host's network. */
  readonly ips: readonly string[]
  readonly sandboxes: readonly PodSandboxStatus[]
  readonly containers: readonly RuntimeContainer[]
}

const STATES: Readonly<Record<CriContainerStatus['state'], RuntimeContainerState>> = {
  CONTAINER_CREATED: 'created',
  CONTAINER_RUNNING: 'running',
  CONTAINER_EXITED: 'exited',
  CONTAINER_UNKNOWN: 'unknown',
}

export function emptyRuntimePod(uid: string, namespace: string, name: string): RuntimePod {
  return { uid, namespace, name, ips: [], sandboxes: [], containers: [] }
}

/** `terminationMessage` is what the container left behind; empty for one that runs. */
export function toRuntimeContainer(
  status: CriContainerStatus,
  podSandboxId: string,
  terminationMessage: string,
): RuntimeContainer {
  const { hash, restartCount } = readContainerAnnotations(status.annotations)
  const state = STATES[status.state]
  const hasExited = state === 'exited'
  const message = hasExited ? [status.message, terminationMessage] : []
  return {
    id: status.id,
    name: status.labels[CONTAINER_NAME] ?? status.metadata?.name ?? '',
    podSandboxId,
    state,
    hash,
    restartCount,
    createdNanos: status.createdAt,
    startedMs: state === 'created' ? 0 : toMs(status.startedAt),
    finishedMs: hasExited ? toMs(status.finishedAt) : 0,
    exitCode: hasExited ? status.exitCode : 0,
    reason: hasExited ? status.reason : '',
    message: message.filter((text) => text !== '').join(': '),
    image: status.image?.image ?? '',
    imageRef: status.imageRef,
    logPath: status.logPath,
    status,
  }
}

function toMs(nanos: bigint): number {
  return Number(nanos / 1_000_000n)
}

/** The newest container of that name. */
export function findContainer(pod: RuntimePod, name: string): RuntimeContainer | undefined {
  return pod.containers.find((container) => container.name === name)
}

export function runningContainers(pod: RuntimePod): readonly RuntimeContainer[] {
  return pod.containers.filter(({ state }) => state === 'running')
}

/** The addresses of a sandbox, the primary first; none on the host's network. */
export function sandboxIps(sandbox: PodSandboxStatus | undefined): readonly string[] {
  const network = sandbox?.network
  if (network === undefined || network.ip === '') return []
  return [network.ip, ...network.additionalIps.map(({ ip }) => ip)]
}

export function byAttempt(a: PodSandboxStatus, b: PodSandboxStatus): number {
  const attempts = (b.metadata?.attempt ?? 0) - (a.metadata?.attempt ?? 0)
  return attempts !== 0 ? attempts : compareNanos(b.createdAt, a.createdAt)
}

export function byCreation(a: RuntimeContainer, b: RuntimeContainer): number {
  const order = compareNanos(b.createdNanos, a.createdNanos)
  return order !== 0 ? order : b.restartCount - a.restartCount
}

function compareNanos(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
