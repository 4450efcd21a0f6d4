import { type FSWatcher, watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ifThere } from '../../base/missing-file.ts'

/** An open log. It stays the same file when the path is renamed. */
export interface LogFile {
  sizeBytes(): Promise<number>
  /** Up to `length` bytes from `offset`; fewer, or none, at the end. */
  read(offset: number, length: number): Promise<Buffer>
  /** Identifies the file, so that a new one under the same path is noticed. */
  identity(): Promise<string>
  close(): Promise<void>
}

/** Where containers' logs are read. */
export interface LogFiles {
  /** Undefined where there is none. */
  open(path: string): Promise<LogFile | undefined>
  /** Calls back when something near the file changes; it may call too often, or too seldom. */
  watch(path: string, onChange: () => void): Disposable
}

class SystemLogFile implements LogFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async sizeBytes(): Promise<number> {
    return (await this.#handle.stat()).size
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, offset)
    return buffer.subarray(0, bytesRead)
  }

  async identity(): Promise<string> {
    const { dev, ino } = await this.#handle.stat()
    return `${dev}:${ino}`
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** The logs on this machine's disk. */
export const systemLogFiles: LogFiles = {
  async open(path) {
    const handle = await ifThere(open(path, 'r'))
    return handle && new SystemLogFile(handle)
  },

  watch(path, onChange) {
    const watcher: FSWatcher = watch(dirname(path), onChange)
    watcher.on('error', () => watcher.close()) // Whoever follows looks again in any case.
    return { [Symbol.dispose]: () => watcher.close() }
  },
}
