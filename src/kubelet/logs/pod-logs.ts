import { dirname, join } from 'node:path'
import type { FileSystem } from '../../base/file-system.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { podLogDirectory, podLogDirectoryOf, startsToldByLogs } from '../runtime/log-paths.ts'
import type { PodIdentity } from '../runtime/runtime-reader.ts'

/** The directories of pods' logs: made for the runtime to write to, removed with the pods. */
export class PodLogs {
  readonly #files: FileSystem
  readonly #root: string

  constructor(files: FileSystem, root: string) {
    this.#files = files
    this.#root = root
  }

  directoryOf(pod: Pod, containerName: string): string {
    return join(podLogDirectory(this.#root, pod), containerName)
  }

  /** How many starts the logs that are there tell of. */
  async makeDirectory(pod: Pod, containerName: string): Promise<number> {
    const directory = this.directoryOf(pod, containerName)
    const exists = (await this.#files.stat(directory)) !== undefined
    if (exists) return startsToldByLogs(await this.#files.readDirectory(directory))
    await this.#files.mkdir(directory, 0o755)
    return 0
  }

  /** Removes one log with what was rotated out of it. */
  async remove(path: string): Promise<void> {
    const directory = dirname(path)
    if (path === '' || (await this.#files.stat(directory)) === undefined) return
    for (const name of await this.#files.readDirectory(directory)) {
      const file = join(directory, name)
      if (file === path || file.startsWith(`${path}.`)) await this.#files.remove(file)
    }
  }

  removeAll(pod: PodIdentity): Promise<void> {
    return this.#files.remove(podLogDirectoryOf(this.#root, pod))
  }
}
