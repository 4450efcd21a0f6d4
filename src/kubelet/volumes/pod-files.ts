import type { Mount } from '../../cri/messages/container.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { PodLogs } from '../logs/pod-logs.ts'
import type { Container } from '../pod-types.ts'
import type { PodIdentity } from '../runtime/runtime-reader.ts'

/** A volume that could not be made, and why. */
export interface VolumeFailure {
  readonly volume: string
  readonly message: string
}

/** Some of a pod's volumes could not be made: its containers must wait. */
export class VolumesError extends Error {
  override readonly name = 'VolumesError'
  readonly failures: readonly VolumeFailure[]

  constructor(failures: readonly VolumeFailure[]) {
    super(failures.map(({ volume, message }) => `volume "${volume}": ${message}`).join('; '))
    this.failures = failures
  }
}

/** What a container's mounts depend on beside the pod itself. */
export interface MountInput {
  readonly podIps: readonly string[]
  /** For `subPathExpr`. */
  readonly environment: ReadonlyMap<string, string>
}

export interface PodFilesUse {
  /** Of `emptyDir` volumes on the disk, by name. */
  readonly volumes: ReadonlyMap<string, number>
  /** By the name of the container. */
  readonly logs: ReadonlyMap<string, number>
}

/** A pod's files on the node: its volumes, its hosts file, what its containers leave behind. */
export interface PodFiles {
  /**
   * Makes the volumes, or brings their content up to date: safe to repeat. The time (epoch, ms)
   * when that must be done again, for volumes that expire. Throws a VolumesError.
   */
  setUp(pod: Pod): Promise<{ readonly renewMs?: number | undefined }>
  /** How many bytes a pod has on the disk. */
  measure(pod: Pod): Promise<PodFilesUse>
  /** What the runtime shall mount into a container. */
  containerMounts(pod: Pod, container: Container, input: MountInput): Promise<readonly Mount[]>
  /**
   * Makes the directory of a container's logs. How many starts the logs in it tell of: for a
   * runtime that has forgotten the container.
   */
  makeLogDirectory(pod: Pod, containerName: string): Promise<number>
  /** Removes the log of a container that is removed itself, with what was rotated out of it. */
  removeLog(path: string): Promise<void>
  /** Removes a pod's volumes and directory: safe to repeat. */
  tearDown(uid: string): Promise<void>
  /** Removes a pod's logs, when the pod itself is gone: safe to repeat. */
  removeLogs(pod: PodIdentity): Promise<void>
  /** The uids of the pods of which there is anything. */
  listPods(): Promise<readonly string[]>
}

/** For simulated containers, which read no files; they may have logs. */
export function logsOnly(logs: PodLogs | undefined): PodFiles {
  return {
    setUp: async () => ({}),
    measure: async () => ({ volumes: new Map(), logs: new Map() }),
    containerMounts: async () => [],
    makeLogDirectory: async (pod, name) => (await logs?.makeDirectory(pod, name)) ?? 0,
    removeLog: async (path) => logs?.remove(path),
    tearDown: async () => {},
    removeLogs: async (pod) => logs?.removeAll(pod),
    listPods: async () => [],
  }
}
