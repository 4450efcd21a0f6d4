import { dirname, join } from 'node:path'
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
  /** Where secrets are kept: in memory, one file system for all pods. */
  readonly secretsRoot: string
}

/** Makes the volumes of pods and knows where they are. */
export class VolumeMaker {
  readonly #options: VolumeMakerOptions
  /** Where claims lead; they cannot be moved while a pod uses them. */
  readonly #claims = new Map<string, VolumePlace>()
  #secretsMount: Promise<void> | undefined

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
    return {
      path: this.#directoryOf(pod, volume, podDirectory),
      isReadOnly: isProjected(volume),
    }
  }

  /** Removes what is in memory: safe to repeat. */
  async remove(uid: string, podDirectory: string): Promise<void> {
    const { mounter, files, paths, secretsRoot } = this.#options
    const real = (await paths.realPath(podDirectory)) ?? podDirectory
    for (const point of await mounter.mountPointsBelow(real)) await mounter.unmount(point)
    await files.remove(join(secretsRoot, uid))
  }

  /** Secrets have a place of their own, so that not every pod costs a mount. */
  #directoryOf({ metadata: { uid } }: Pod, volume: Volume, podDirectory: string): string {
    if (!isSensitive(volume)) return join(podDirectory, 'volumes', volumeName(volume))
    return join(this.#options.secretsRoot, uid, volumeName(volume))
  }

  async #makeEmptyDir(pod: Pod, volume: Volume, podDirectory: string) {
    const { files } = this.#options
    const path = this.#directoryOf(pod, volume, podDirectory)
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
    const path = this.#directoryOf(pod, volume, podDirectory)
    if (isSensitive(volume)) await this.#ensureSecretsMount()
    await files.mkdir(path, 0o777)
    if (isSensitive(volume))
      await this.#link(join(podDirectory, 'volumes', volumeName(volume)), path)
    const group = pod.spec.securityContext?.fsGroup
    await writer.write(path, content.payload, async (dataDirectory) => {
      if (group === undefined) return
      await giveToGroup(files, dataDirectory, group, true)
      await files.chown(path, -1, group)
    })
    return { renewMs: content.renewMs }
  }

  /** Where others know to look for a volume. */
  async #link(place: string, target: string): Promise<void> {
    const { files } = this.#options
    if ((await files.stat(place)) !== undefined) return
    await files.mkdir(dirname(place), 0o750)
    await files.symlink(target, place)
  }

  #ensureSecretsMount(): Promise<void> {
    const { files, secretsRoot } = this.#options
    const ensure = async () => {
      await files.mkdir(secretsRoot, 0o700)
      if (await this.#mountMemory(secretsRoot, undefined)) await files.chmod(secretsRoot, 0o700)
    }
    this.#secretsMount ??= ensure().catch((error: unknown) => {
      this.#secretsMount = undefined
      throw error
    })
    return this.#secretsMount
  }

  /** True where it was not mounted already. */
  async #mountMemory(path: string, sizeBytes: number | undefined): Promise<boolean> {
    const { mounter, paths } = this.#options
    if (await mounter.isMountPoint((await paths.realPath(path)) ?? path)) return false
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

/** `kubernetes.io~<plugin>/<name>`. */
function volumeName(volume: Volume): string {
  const sources = Object.keys(PLUGINS) as (keyof typeof PLUGINS)[]
  const source = sources.find((one) => volume[one] !== undefined)
  const plugin = source === undefined ? 'unknown' : PLUGINS[source]
  return join(`kubernetes.io~${plugin}`, volume.name)
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
