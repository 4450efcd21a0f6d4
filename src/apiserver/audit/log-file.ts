import { basename, dirname, join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import type { FileSystem } from '../../base/file-system.ts'
import { isMissing } from '../../base/missing-file.ts'

/** When a log file is put aside, and how long those that were are kept. 0 sets no limit. */
export interface LogLimits {
  readonly maxSizeBytes: number
  readonly maxAgeDays: number
  readonly maxBackups: number
}

/** Upstream's `--audit-log-maxsize`, `-maxage` and `-maxbackup`. */
export const DEFAULT_LOG_LIMITS: LogLimits = {
  maxSizeBytes: 100 * 1024 * 1024,
  maxAgeDays: 366,
  maxBackups: 100,
}

/** Only its owner reads who did what. */
const MODE = 0o600
const DAY_MS = 86_400_000

/**
 * A file that text is appended to. When it would grow beyond its size it is put aside, under
 * the name that upstream's rotation gives:
 *
 *     audit.log                            written to
 *     audit-2026-11-21T14-05-09.123.log    put aside then, removed by age and number
 */
export class LogFile {
  readonly #path: string
  readonly #limits: LogLimits
  readonly #files: FileSystem
  readonly #clock: Clock
  /** Undefined until the first write. */
  #sizeBytes: number | undefined

  constructor(path: string, limits: LogLimits, ports: { files: FileSystem; clock: Clock }) {
    this.#path = path
    this.#limits = limits
    this.#files = ports.files
    this.#clock = ports.clock
  }

  /** Whole lines; one call at a time. */
  async append(text: string): Promise<void> {
    const length = Buffer.byteLength(text)
    const { maxSizeBytes } = this.#limits
    const size = this.#sizeBytes ?? (await this.#open())
    const isFull = maxSizeBytes > 0 && size > 0 && size + length > maxSizeBytes
    const before = isFull ? await this.#putAside() : size
    const isGone = await this.#write(text)
    this.#sizeBytes = (isGone ? 0 : before) + length
  }

  /** Whether somebody had removed the folder, which is made again. */
  async #write(text: string): Promise<boolean> {
    try {
      await this.#files.appendFile(this.#path, text, MODE)
      return false
    } catch (error) {
      if (!isMissing(error)) throw error
      await this.#create()
      await this.#files.appendFile(this.#path, text, MODE)
      return true
    }
  }

  async #open(): Promise<number> {
    const stat = await this.#files.stat(this.#path)
    if (stat !== undefined) return stat.sizeBytes
    await this.#create()
    return 0
  }

  async #create(): Promise<void> {
    await this.#files.mkdir(dirname(this.#path))
    await this.#files.writeFile(this.#path, '', MODE)
  }

  async #putAside(): Promise<number> {
    const stamp = stampOf(this.#clock.now())
    const aside = join(dirname(this.#path), `${this.#stem}-${stamp}.log`)
    try {
      await this.#files.rename(this.#path, aside)
    } catch (error) {
      if (!isMissing(error)) throw error // Else somebody has put it aside already.
    }
    await this.#create()
    await this.#removeOld()
    return 0
  }

  async #removeOld(): Promise<void> {
    const { maxAgeDays, maxBackups } = this.#limits
    const folder = dirname(this.#path)
    const stamps = (await this.#files.readDirectory(folder))
      .map((name) => this.#stampIn(name))
      .filter((stamp) => stamp !== undefined)
      .toSorted()
      .toReversed()
    const oldest = stampOf(this.#clock.now() - maxAgeDays * DAY_MS)
    for (const [index, stamp] of stamps.entries()) {
      const isExcess = maxBackups > 0 && index >= maxBackups
      const isOld = maxAgeDays > 0 && stamp < oldest
      if (isExcess || isOld) await this.#files.remove(join(folder, `${this.#stem}-${stamp}.log`))
    }
  }

  get #stem(): string {
    return basename(this.#path, '.log')
  }

  #stampIn(name: string): string | undefined {
    const start = `${this.#stem}-`
    if (!name.startsWith(start) || !name.endsWith('.log')) return undefined
    const stamp = name.slice(start.length, -'.log'.length)
    return /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}$/.test(stamp) ? stamp : undefined
  }
}

/** In UTC; sorts as time does. */
function stampOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replaceAll(':', '-')
}
