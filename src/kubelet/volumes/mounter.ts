import type { Exec } from '../../base/exec.ts'
import { runOrThrow } from '../../base/exec.ts'
import type { FileSystem } from '../../base/file-system.ts'

/** The mounts that volumes need. */
export interface Mounter {
  isMountPoint(path: string): Promise<boolean>
  /** Without a limit it may fill half of the machine's memory, as the kernel's default is. */
  mountTmpfs(path: string, sizeBytes: number | undefined): Promise<void>
  unmount(path: string): Promise<void>
  /** All mount points at or below a path, the deepest first. */
  mountPointsBelow(path: string): Promise<readonly string[]>
}

/** Mounts by the programs of util-linux. */
export class SystemMounter implements Mounter {
  readonly #exec: Exec
  readonly #files: FileSystem

  constructor(exec: Exec, files: FileSystem) {
    this.#exec = exec
    this.#files = files
  }

  async isMountPoint(path: string): Promise<boolean> {
    return (await this.#mountPoints()).includes(path)
  }

  async mountTmpfs(path: string, sizeBytes: number | undefined): Promise<void> {
    const options = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`]
    await runOrThrow(this.#exec, 'mount', ['-t', 'tmpfs', ...options, 'tmpfs', path])
  }

  async unmount(path: string): Promise<void> {
    await runOrThrow(this.#exec, 'umount', [path])
  }

  async mountPointsBelow(path: string): Promise<readonly string[]> {
    const points = await this.#mountPoints()
    return points.filter((point) => point === path || point.startsWith(`${path}/`)).toReversed()
  }

  /** In the order in which they were made. */
  async #mountPoints(): Promise<readonly string[]> {
    const table = Buffer.from(await this.#files.readFile('/proc/self/mountinfo')).toString()
    return table
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
  }
}

/** The kernel writes a space, tab, line feed or backslash as its octal code. */
function unescapeOctal(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 8)),
  )
}
