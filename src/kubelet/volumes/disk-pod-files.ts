import { join } from 'node:path'
import type { FileSystem } from '../../base/file-system.ts'
import { formatError } from '../../base/logger.ts'
import { type Random, randomInt } from '../../base/random.ts'
import type { Mount } from '../../cri/messages/container.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { podHostname } from '../dns/hostname.ts'
import { hostNetworkHostsFile, podHostsFile } from '../dns/hosts-file.ts'
import type { PodLogs } from '../logs/pod-logs.ts'
import { allContainersOf, type Container } from '../pod-types.ts'
import type { PodIdentity } from '../runtime/runtime-reader.ts'
import type { HostPaths } from './host-paths.ts'
import {
  type MountInput,
  type PodFiles,
  type PodFilesUse,
  type VolumeFailure,
  VolumesError,
} from './pod-files.ts'
import type { VolumeMaker } from './volume-maker.ts'
import { volumeMounts } from './volume-mounts.ts'

const HOSTS_PATH = '/etc/hosts'

export interface DiskPodFilesOptions {
  /** The kubelet's directory: pods are below `pods/<uid>`, as upstream's. */
  readonly rootDirectory: string
  readonly logs: PodLogs
  readonly clusterDomain: string
  readonly files: FileSystem
  readonly random: Random
  readonly volumes: VolumeMaker
  readonly paths: HostPaths
}

/** Pods' files on a real disk, in upstream's layout. */
export class DiskPodFiles implements PodFiles {
  readonly #options: DiskPodFilesOptions
  readonly #root: string

  constructor(options: DiskPodFilesOptions) {
    this.#options = options
    this.#root = join(options.rootDirectory, 'pods')
  }

  async setUp(pod: Pod): Promise<{ readonly renewMs?: number | undefined }> {
    const { files, volumes } = this.#options
    const directory = this.#podDirectory(pod.metadata.uid)
    await files.mkdir(join(directory, 'volumes'), 0o750)
    const used = usedVolumes(pod)
    const wanted = (pod.spec.volumes ?? []).filter(({ name }) => used.has(name))
    const failures: VolumeFailure[] = []
    const renewals: number[] = []
    await Promise.all(
      wanted.map(async (volume) => {
        try {
          const { renewMs } = await volumes.make(pod, volume, directory)
          if (renewMs !== undefined) renewals.push(renewMs)
        } catch (error) {
          failures.push({ volume: volume.name, message: formatError(error) })
        }
      }),
    )
    if (failures.length > 0) throw new VolumesError(failures)
    return renewals.length === 0 ? {} : { renewMs: Math.min(...renewals) }
  }

  async measure(pod: Pod): Promise<PodFilesUse> {
    const { logs, paths, volumes } = this.#options
    const directory = this.#podDirectory(pod.metadata.uid)
    const used = { volumes: new Map<string, number>(), logs: new Map<string, number>() }
    for (const volume of pod.spec.volumes ?? []) {
      const { name, emptyDir } = volume
      if (emptyDir === undefined || emptyDir.medium === 'Memory') continue
      used.volumes.set(name, await paths.usedBytes(volumes.placeOf(pod, volume, directory).path))
    }
    for (const { name } of allContainersOf(pod)) {
      used.logs.set(name, await paths.usedBytes(logs.directoryOf(pod, name)))
    }
    return used
  }

  async containerMounts(
    pod: Pod,
    container: Container,
    input: MountInput,
  ): Promise<readonly Mount[]> {
    const directory = this.#podDirectory(pod.metadata.uid)
    const { volumes } = this.#options
    const mounts = [...(await volumeMounts(pod, container, directory, volumes, input))]
    const hasOwnHosts = mounts.some(({ containerPath }) => containerPath === HOSTS_PATH)
    const isReachable = input.podIps.length > 0 || pod.spec.hostNetwork === true
    if (!hasOwnHosts && isReachable) mounts.push(await this.#hostsMount(pod, input.podIps))
    const message = container.terminationMessagePath ?? ''
    if (message !== '') mounts.push(await this.#messageMount(pod, container.name, message))
    return mounts
  }

  async tearDown(uid: string): Promise<void> {
    const { files, volumes } = this.#options
    const directory = this.#podDirectory(uid)
    if ((await files.stat(directory)) === undefined) return
    await volumes.remove(uid, directory)
    await files.remove(directory)
  }

  makeLogDirectory(pod: Pod, containerName: string): Promise<number> {
    return this.#options.logs.makeDirectory(pod, containerName)
  }

  removeLog(path: string): Promise<void> {
    return this.#options.logs.remove(path)
  }

  removeLogs(pod: PodIdentity): Promise<void> {
    return this.#options.logs.removeAll(pod)
  }

  async listPods(): Promise<readonly string[]> {
    const { files } = this.#options
    if ((await files.stat(this.#root)) === undefined) return []
    return files.readDirectory(this.#root)
  }

  #podDirectory(uid: string): string {
    return join(this.#root, uid)
  }

  async #hostsMount(pod: Pod, podIps: readonly string[]): Promise<Mount> {
    const { files, clusterDomain } = this.#options
    const { metadata, spec } = pod
    const aliases = spec.hostAliases ?? []
    const content =
      spec.hostNetwork === true
        ? hostNetworkHostsFile(Buffer.from(await files.readFile(HOSTS_PATH)).toString(), aliases)
        : podHostsFile(podIps, podHostname(pod, clusterDomain), aliases)
    const path = join(this.#podDirectory(metadata.uid), 'etc-hosts')
    await files.writeFile(path, content, 0o644)
    return { hostPath: path, containerPath: HOSTS_PATH }
  }

  /** A new file for each start: what the container writes there is its last word. */
  async #messageMount({ metadata }: Pod, containerName: string, path: string): Promise<Mount> {
    const { files, random } = this.#options
    const directory = join(this.#podDirectory(metadata.uid), 'containers', containerName)
    await files.mkdir(directory, 0o750)
    const name = randomInt(random, 2 ** 32)
      .toString(16)
      .padStart(8, '0')
    const hostPath = join(directory, name)
    await files.writeFile(hostPath, '', 0o666)
    return { hostPath, containerPath: path }
  }
}

/** Volumes that no container mounts are not made, as upstream. */
function usedVolumes(pod: Pod): ReadonlySet<string> {
  const mounts = allContainersOf(pod).flatMap(({ volumeMounts: some = [] }) => some)
  return new Set(mounts.map(({ name }) => name))
}
