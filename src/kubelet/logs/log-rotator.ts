import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type Clock, pause } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'

const PERIOD_MS = 10_000
/** Upstream's defaults: as large as this, and so many with the one that is written to. */
const LARGEST_BYTES = 10 * 2 ** 20
const MOST_FILES = 5

export interface RotatedContainer {
  readonly id: string
  readonly logPath: string
}

/** Keeps logs from filling the disk: full ones are put aside, compressed, and at last removed. */
export class LogRotator {
  readonly #runtime: ContainerRuntime
  readonly #files: FileSystem
  readonly #clock: Clock
  readonly #logger: Logger

  constructor(options: {
    readonly runtime: ContainerRuntime
    readonly files: FileSystem
    readonly clock: Clock
    readonly logger: Logger
  }) {
    this.#runtime = options.runtime
    this.#files = options.files
    this.#clock = options.clock
    this.#logger = options.logger
  }

  async run(running: () => readonly RotatedContainer[], signal: AbortSignal): Promise<void> {
    while (await pause(this.#clock, PERIOD_MS, signal)) {
      for (const container of running()) {
        try {
          await this.rotate(container, LARGEST_BYTES)
        } catch (error) {
          const { logPath } = container
          this.#logger.error('rotating a log failed', { logPath, error: formatError(error) })
        }
      }
    }
  }

  /** Rotates one log if it is larger than allowed. */
  async rotate({ id, logPath }: RotatedContainer, largestBytes: number): Promise<void> {
    const stat = logPath === '' ? undefined : await this.#files.stat(logPath)
    if (stat === undefined || stat.sizeBytes < largestBytes) return
    const rotated = await this.#rotated(logPath)
    // The one put aside last stays as it is: the runtime may still be writing its last line.
    for (const path of rotated) if (!path.endsWith('.gz')) await this.#compress(path)
    const excess = rotated.length - (MOST_FILES - 2)
    for (const path of rotated.slice(0, Math.max(0, excess))) {
      await this.#files.remove(path)
      await this.#files.remove(`${path}.gz`)
    }
    const aside = `${logPath}.${timestamp(this.#clock.now())}`
    await this.#files.rename(logPath, aside)
    try {
      await this.#runtime.reopenContainerLog(id)
    } catch (error) {
      await this.#files.rename(aside, logPath) // It goes on being written to: keep it found.
      throw error
    }
  }

  /** What has been put aside, the oldest first. */
  async #rotated(logPath: string): Promise<readonly string[]> {
    const directory = dirname(logPath)
    const prefix = `${basename(logPath)}.`
    const names = await this.#files.readDirectory(directory)
    return names
      .filter((name) => name.startsWith(prefix) && !name.endsWith('.tmp'))
      .toSorted()
      .map((name) => join(directory, name))
  }

  async #compress(path: string): Promise<void> {
    const content = await this.#files.readFile(path)
    const temporary = `${path}.tmp`
    await this.#files.writeFile(temporary, await promisify(gzip)(content), 0o640)
    await this.#files.rename(temporary, `${path}.gz`)
    await this.#files.remove(path)
  }
}

/** Such as `20300101-120000`: sorts by time. */
function timestamp(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}
