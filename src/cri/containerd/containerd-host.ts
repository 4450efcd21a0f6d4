import { dirname, join } from 'node:path'
import { type Clock, pause } from '../../base/clock.ts'
import type { Exec } from '../../base/exec.ts'
import { type FileSystem, writeFileAtomically } from '../../base/file-system.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { CNI_CONFIG_FILE, type CniOptions, formatCniConfig } from '../cni-config.ts'
import type { ContainerRuntime } from '../container-runtime.ts'
import { GrpcRuntime } from '../grpc/grpc-runtime.ts'
import type { Architecture } from '../images/elf.ts'
import { ImageStore, type StoredImage } from '../images/image-store.ts'
import { loadImageArchive } from '../images/load-archive.ts'
import { ensurePauseImage, PAUSE_IMAGE } from '../images/pause-image.ts'
import { RegistryMirror } from '../images/registry-mirror.ts'
import { hasRuntimeCode } from '../runtime-error.ts'
import { formatContainerdConfig, formatMirrorHosts } from './config.ts'
import { ContainerdProcess } from './containerd-process.ts'
import type { Daemons } from './daemons.ts'
import { removeHostPortChains } from './host-port-chains.ts'
import { killShims, unmountBelow } from './leftovers.ts'
import { detectMachineFacts, type MachineFacts } from './machine-facts.ts'
import { presentNatTables, removeEmptyNatTables } from './nat-tables.ts'
import { type ContainerdPaths, containerdPaths } from './paths.ts'
import { removeAllPods } from './remove-all-pods.ts'

export interface ContainerdHostOptions {
  /** An absolute path; everything of the instance lies below it. */
  readonly dataDirectory: string
  readonly architecture: Architecture
  readonly files: FileSystem
  readonly exec: Exec
  readonly daemons: Daemons
  readonly clock: Clock
  readonly logger: Logger
  /** `cgroupfs` unless the kubelet names cgroup parents as systemd's slices. */
  readonly cgroupDriver?: 'cgroupfs' | 'systemd'
}

/** How long pods may be without a runtime that has died, in the worst case. */
const LOOK_EVERY_MS = 1000

export type NetworkOptions = Omit<CniOptions, 'leaseDirectory'>

/**
 * A containerd instance of our own with all that it needs: configuration, pause image, a mirror
 * for loaded images, network configuration. `start` adopts a live one together with its containers.
 */
export class ContainerdHost {
  readonly paths: ContainerdPaths
  readonly images: ImageStore
  readonly runtime: ContainerRuntime
  readonly cgroupDriver: 'cgroupfs' | 'systemd'
  readonly #options: ContainerdHostOptions
  readonly #process: ContainerdProcess
  readonly #mirror: RegistryMirror

  constructor(options: ContainerdHostOptions) {
    const { dataDirectory, clock, logger, cgroupDriver = 'cgroupfs' } = options
    const paths = containerdPaths(dataDirectory)
    this.#options = options
    this.paths = paths
    this.cgroupDriver = cgroupDriver
    this.images = new ImageStore(paths.images)
    this.#mirror = new RegistryMirror(this.images, logger)
    this.#process = new ContainerdProcess({ ...options, paths })
    this.runtime = new GrpcRuntime({
      socketPath: paths.socket,
      clock,
      logger,
      pinnedImages: [PAUSE_IMAGE],
    })
  }

  /** The form of --container-runtime-endpoint. */
  get endpoint(): string {
    return `unix://${this.paths.socket}`
  }

  /** True where a live instance was adopted. Rejects with what is missing on this machine. */
  async start(): Promise<boolean> {
    const { architecture, logger } = this.#options
    await this.#makeDirectories()
    const [facts] = await Promise.all([
      this.#detectFacts(),
      ensurePauseImage(this.images, architecture),
      this.#startMirror(),
    ])
    const command = this.#requireFacts(facts)
    const config = this.#formatConfig(facts)
    const isAdopted = await this.#process.adopt(config)
    if (!isAdopted) await this.#process.start(command, config)
    await this.#pullPauseImage()
    logger.info('containerd is ready', { socket: this.paths.socket, isAdopted })
    return isAdopted
  }

  /**
   * Starts the daemon again whenever it has died, until the signal aborts. It may be adopted and so
   * nobody's child, whose end could be waited for; hence it is looked for.
   */
  async keepRunning(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    while (await pause(clock, LOOK_EVERY_MS, signal)) {
      if (await this.#process.isRunning()) continue
      logger.error('containerd has died; starting it again')
      try {
        await this.start()
      } catch (error) {
        logger.error('containerd does not start', { error: formatError(error) })
      }
    }
  }

  /** Tells containerd the pods' network; it notices by itself, also when it changes. */
  async configureNetwork(options: NetworkOptions): Promise<void> {
    const { cniConfigDirectory, cniLeaseDirectory } = this.paths
    await this.#noteNatTables()
    const config = formatCniConfig({ ...options, leaseDirectory: cniLeaseDirectory })
    const path = join(cniConfigDirectory, CNI_CONFIG_FILE)
    await writeFileAtomically(this.#options.files, path, config)
  }

  /**
   * Keeps an archive's images and makes containerd unpack them: through the mirror of whichever
   * process runs it. Where none runs, a pod's pull finds them there later.
   */
  async loadImages(archivePath: string): Promise<readonly StoredImage[]> {
    const images = await loadImageArchive(this.images, archivePath)
    for (const { reference } of images) {
      try {
        await this.runtime.pullImage({ image: reference })
      } catch (error) {
        if (!hasRuntimeCode(error, 'Unavailable')) throw error
      }
    }
    return images
  }

  /** Ends the daemon and the mirror; containers go on and the next `start` finds them. */
  async stop(): Promise<void> {
    await this.#process.stop()
    await this.disconnect()
  }

  /** Leaves the daemon running too: only what is in this process ends. */
  async disconnect(): Promise<void> {
    this.runtime.close()
    await this.#mirror.close()
  }

  /** Removes every container, mount, link and file of this instance, and the bridge. */
  async destroy(bridge?: string): Promise<void> {
    const { files, exec, daemons, logger } = this.#options
    const { home, socket, socketDirectory, images } = this.paths
    if ((await files.stat(home)) === undefined) return
    try {
      await this.start() // Only a running daemon can take containers away in order.
      await removeAllPods(this.runtime, logger)
    } catch (error) {
      logger.error('removing containers by force', { error: formatError(error) })
    }
    await this.stop()
    const killed = await killShims(files, daemons, socket)
    const unmounted = await unmountBelow(files, exec, home)
    if (killed + unmounted > 0) logger.info('removed leftovers', { killed, unmounted })
    if (bridge !== undefined) await exec.run('ip', ['link', 'delete', bridge])
    await removeHostPortChains(exec)
    await this.#removeNatTables()
    for (const path of [home, images, socketDirectory]) {
      if (path !== undefined) await files.remove(path)
    }
  }

  /** Once, before plugins make more: what was there then is not theirs. */
  async #noteNatTables(): Promise<void> {
    const { files, exec } = this.#options
    const { natTables } = this.paths
    if ((await files.stat(natTables)) !== undefined) return
    const present = await presentNatTables(exec)
    if (present !== undefined) await writeFileAtomically(files, natTables, JSON.stringify(present))
  }

  async #removeNatTables(): Promise<void> {
    const { files, exec } = this.#options
    const { natTables } = this.paths
    if ((await files.stat(natTables)) === undefined) return
    const before = JSON.parse(Buffer.from(await files.readFile(natTables)).toString())
    await removeEmptyNatTables(exec, before as readonly string[])
  }

  async #makeDirectories(): Promise<void> {
    const { files } = this.#options
    const { home, socket, cniConfigDirectory, registryDirectory } = this.paths
    for (const path of [home, dirname(socket)]) await files.mkdir(path, 0o700)
    for (const path of [cniConfigDirectory, registryDirectory]) await files.mkdir(path)
  }

  async #startMirror(): Promise<void> {
    const { files } = this.#options
    const directory = join(this.paths.registryDirectory, '_default')
    await files.mkdir(directory)
    const hosts = formatMirrorHosts(await this.#mirror.listen())
    await writeFileAtomically(files, join(directory, 'hosts.toml'), hosts)
  }

  #detectFacts(): Promise<MachineFacts> {
    return detectMachineFacts(this.#options, this.paths.home)
  }

  #requireFacts({ containerd, ociRuntime, cniPlugins }: MachineFacts): string {
    if (containerd === undefined) throw new Error('containerd is not installed')
    if (ociRuntime === undefined) throw new Error('neither runc nor crun is installed')
    if (cniPlugins === undefined) throw new Error('the CNI plugins are not installed')
    return containerd
  }

  #formatConfig(facts: MachineFacts): string {
    return formatContainerdConfig({
      paths: this.paths,
      facts,
      sandboxImage: PAUSE_IMAGE,
      cgroupDriver: this.cgroupDriver,
    })
  }

  async #pullPauseImage(): Promise<void> {
    const image = { image: PAUSE_IMAGE }
    if ((await this.runtime.imageStatus(image)) === undefined) await this.runtime.pullImage(image)
  }
}
