import { join } from 'node:path'
import type { FileSystem } from '../../base/file-system.ts'
import type { Client } from '../../client/client.ts'
import { PersistentVolume } from '../../kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import type { Volume } from '../pod-types.ts'
import type { AtomicWriter } from './atomic-writer.ts'
import { prepareHostPath } from './host-path-volume.ts'
import type { HostPaths } from './host-paths.ts'
import type { Mounter } from './mounter.ts'
import { giveToGroup } from './ownership.ts'
import { type ContentSources, volumeContent } from './volume-content.ts'

export interface VolumePlace {
  readonly path: string
  readonly isReadOnly: boolean
}

export interface VolumeMakerOptions {
  readonly client: Client
  readonly files: FileSystem
  readonly paths: HostPaths
  readonly mounter: Mounter
  readonly writer: AtomicWriter
  readonly sources: ContentSources
}

/** Makes the volumes of pods and knows where they are. */
export class VolumeMaker {
  readonly #options: VolumeMakerOptions
  /** Where claims lead; they cannot be moved while a pod uses them. */
  readonly #claims = new Map<string, VolumePlace>()

  constructor(options: VolumeMakerOptions) {
    this.#options = options
  }

  get files(): FileSystem {
    return this.#options.files
  }

  get paths(): HostPaths {
    return this.#options.paths
  }

  /** Makes a volume or brings it up to date: safe to repeat. */
  async make(
    pod: Pod,
    volume: Volume,
    podDirectory: string,
  ): Promise<{ readonly renewMs?: number | undefined }> {
    const { files, paths } = this.#options
    const { hostPath, emptyDir, persistentVolumeClaim: claim } = volume
    if (hostPath !== undefined) {
      await prepareHostPath(hostPath, files, paths)
      return {}
    }
    if (emptyDir !== undefined) return this.#makeEmptyDir(pod, volume, podDirectory)
    if (claim !== undefined) return this.#bindClaim(pod, claim.claimName, claim.readOnly ?? false)
    return this.#makeProjected(pod, volume, podDirectory)
  }

  /** Where a volume is that has been made. */
  placeOf(pod: Pod, volume: Volume, podDirectory: string): VolumePlace {
    const { hostPath, persistentVolumeClaim: claim } = volume
    if (hostPath !== undefined) return { path: hostPath.path, isReadOnly: false }
    if (claim !== undefined) {
      const place = this.#claims.get(`${pod.metadata.namespace}/${claim.claimName}`)
      if (place === undefined) throw new Error(`volume "${volume.name}" is not mounted`)
      return { ...place, isReadOnly: place.isReadOnly || claim.readOnly === true }
    }
    return { path: volumeDirectory(volume, podDirectory), isReadOnly: isProjected(volume) }
  }

  async unmountBelow(directory: string): Promise<void> {
    const { mounter } = this.#options
    for (const point of await mounter.mountPointsBelow(directory)) await mounter.unmount(point)
  }

  async #makeEmptyDir(pod: Pod, volume: Volume, podDirectory: string) {
    const { files } = this.#options
    const path = volumeDirectory(volume, podDirectory)
    const { medium = '', sizeLimit } = volume.emptyDir ?? {}
    if (medium !== '' && medium !== 'Memory') throw new Error(`unknown storage medium "${medium}"`)
    const exists = (await files.stat(path)) !== undefined
    if (exists && medium === '') return {} // Its content is the pod's: never touched again.
    await files.mkdir(path, 0o777)
    if (medium === 'Memory') {
      const isNew = await this.#mountMemory(path, memoryLimit(pod, sizeLimit))
      if (!isNew) return {}
      await files.chmod(path, 0o777)
    }
    const group = pod.spec.securityContext?.fsGroup
    if (group !== undefined) await giveToGroup(files, path, group, false)
    return {}
  }

  async #makeProjected(pod: Pod, volume: Volume, podDirectory: string) {
    const { files, sources, writer } = this.#options
    const content = await volumeContent(pod, volume, sources)
    if (content === undefined) {
      const [, source = 'none'] = Object.keys(volume)
      throw new Error(`volumes of type ${source} are not supported on this node`)
    }
    const path = volumeDirectory(volume, podDirectory)
    await files.mkdir(path, 0o777)
    if (isSensitive(volume)) {
      if (await this.#mountMemory(path, undefined)) await files.chmod(path, 0o777)
    }
    const group = pod.spec.securityContext?.fsGroup
    await writer.write(path, content.payload, async (dataDirectory) => {
      if (group === undefined) return
      await giveToGroup(files, dataDirectory, group, true)
      await files.chown(path, -1, group)
    })
    return { renewMs: content.renewMs }
  }

  /** True where it was not mounted already. */
  async #mountMemory(path: string, sizeBytes: number | undefined): Promise<boolean> {
    const { mounter } = this.#options
    if (await mounter.isMountPoint(path)) return false
    await mounter.mountTmpfs(path, sizeBytes)
    return true
  }

  /** A claim that is bound to a directory of this machine. */
  async #bindClaim({ metadata: { namespace } }: Pod, claimName: string, isReadOnly: boolean) {
    const { client, files, paths } = this.#options
    const claim = await client.get(PersistentVolumeClaim, { namespace, name: claimName })
    const name = claim.spec.volumeName ?? ''
    if (claim.status?.phase !== 'Bound' || name === '') {
      throw new Error(`PersistentVolumeClaim "${claimName}" is not bound`)
    }
    const { spec } = await client.get(PersistentVolume, { name })
    if (spec.hostPath !== undefined) await prepareHostPath(spec.hostPath, files, paths)
    const path = spec.hostPath?.path ?? spec.local?.path
    if (path === undefined) {
      throw new Error(`PersistentVolume "${name}": only hostPath and local are supported`)
    }
    this.#claims.set(`${namespace}/${claimName}`, { path, isReadOnly })
    return {}
  }
}

const PLUGINS = {
  emptyDir: 'empty-dir',
  configMap: 'configmap',
  secret: 'secret',
  downwardAPI: 'downward-api',
  projected: 'projected',
} as const

/** `<pod>/volumes/kubernetes.io~<plugin>/<name>`. */
function volumeDirectory(volume: Volume, podDirectory: string): string {
  const sources = Object.keys(PLUGINS) as (keyof typeof PLUGINS)[]
  const source = sources.find((one) => volume[one] !== undefined)
  const plugin = source === undefined ? 'unknown' : PLUGINS[source]
  return join(podDirectory, 'volumes', `kubernetes.io~${plugin}`, volume.name)
}

function isProjected({ configMap, secret, downwardAPI, projected }: Volume): boolean {
  return [configMap, secret, downwardAPI, projected].some((source) => source !== undefined)
}

/** Secrets and tokens never reach the disk. */
function isSensitive({ secret, projected }: Volume): boolean {
  if (secret !== undefined) return true
  const sources = projected?.sources ?? []
  return sources.some((one) => one.secret !== undefined || one.serviceAccountToken !== undefined)
}

/** What memory-backed files may take: no more than the containers may use at all. */
function memoryLimit({ spec }: Pod, sizeLimit: string | undefined): number | undefined {
  const limits = spec.containers.map(({ resources }) => resources?.limits?.['memory'])
  const isLimited = limits.every((limit) => limit !== undefined)
  const total = limits.reduce((sum, limit) => sum + parseQuantity(limit ?? '0').toNumber(), 0)
  const own = sizeLimit === undefined ? 0 : parseQuantity(sizeLimit).toNumber()
  if (!isLimited) return own > 0 ? own : undefined
  return own > 0 ? Math.min(own, total) : total
}
