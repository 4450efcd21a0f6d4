import { join } from 'node:path'
import { complete } from '../../base/protobuf/complete.ts'
import {
  type Container,
  type ContainerConfig,
  type ContainerFilter,
  type ContainerStatus,
  container,
  containerStatus,
} from '../messages/container.ts'
import type { ContainerState, PodSandboxState } from '../messages/enums.ts'
import {
  type PodSandbox,
  type PodSandboxConfig,
  type PodSandboxFilter,
  type PodSandboxStatus,
  podSandbox,
  podSandboxStatus,
} from '../messages/sandbox.ts'
import { imageId } from './simulated-images.ts'

/** A sandbox that was made and not yet removed. Times are in nanoseconds since the epoch. */
export interface SandboxRecord {
  readonly id: string
  readonly config: PodSandboxConfig
  readonly runtimeHandler: string
  readonly createdAt: bigint
  /** Empty on the node's own network. */
  address: string
  state: PodSandboxState
}

export interface ContainerRecord {
  readonly id: string
  readonly sandbox: SandboxRecord
  config: ContainerConfig
  readonly createdAt: bigint
  state: ContainerState
  startedAt: bigint
  finishedAt: bigint
  exitCode: number
  /** Ends the container's own end, where it has one. */
  timer: Disposable | undefined
}

export function sandboxView({ config, ...record }: SandboxRecord): PodSandbox {
  const { metadata = {}, labels, annotations } = config
  return complete(podSandbox, { ...record, metadata, labels, annotations })
}

export function sandboxStatusView({ config, address, ...record }: SandboxRecord): PodSandboxStatus {
  const { metadata = {}, labels, annotations, linux } = config
  return complete(podSandboxStatus, {
    ...{ ...record, metadata, labels, annotations },
    network: { ip: address },
    linux: { namespaces: { options: linux?.securityContext?.namespaceOptions ?? {} } },
  })
}

export function containerView({ config, sandbox, ...record }: ContainerRecord): Container {
  const { metadata = {}, labels, annotations, image = {} } = config
  const id = imageId(image.image ?? '')
  return complete(container, {
    ...{ ...record, metadata, labels, annotations, image, imageRef: id, imageId: id },
    podSandboxId: sandbox.id,
  })
}

export function containerStatusView(record: ContainerRecord): ContainerStatus {
  const { config, sandbox, exitCode, state } = record
  const { metadata = {}, labels, annotations, image = {}, mounts, stopSignal, linux } = config
  const id = imageId(image.image ?? '')
  const endReason = exitCode === 0 ? 'Completed' : 'Error'
  return complete(containerStatus, {
    ...record,
    ...{ metadata, labels, annotations, image, imageRef: id, imageId: id, mounts, stopSignal },
    reason: state === 'CONTAINER_EXITED' ? endReason : '',
    logPath: config.logPath ? join(sandbox.config.logDirectory ?? '', config.logPath) : '',
    resources: { linux: linux?.resources },
  })
}

type Labels = Readonly<Record<string, string>>

export function sandboxMatches(filter: PodSandboxFilter, { id, config, state }: SandboxRecord) {
  return (
    (!filter.id || filter.id === id) &&
    (filter.state === undefined || (filter.state.state ?? 'SANDBOX_READY') === state) &&
    haveLabels(config.labels ?? {}, filter.labelSelector)
  )
}

export function containerMatches(filter: ContainerFilter, record: ContainerRecord): boolean {
  return (
    (!filter.id || filter.id === record.id) &&
    (!filter.podSandboxId || filter.podSandboxId === record.sandbox.id) &&
    (filter.state === undefined || (filter.state.state ?? 'CONTAINER_CREATED') === record.state) &&
    haveLabels(record.config.labels ?? {}, filter.labelSelector)
  )
}

function haveLabels(labels: Labels, wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value)
}
