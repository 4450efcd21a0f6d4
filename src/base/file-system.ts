import * as fs from 'node:fs/promises'
import { ifThere } from './missing-file.ts'

export interface FileStat {
  readonly isDirectory: boolean
  readonly isFile: boolean
  readonly isSymbolicLink: boolean
  readonly mode: number
  readonly sizeBytes: number
}

/** The part of a file system that components use. Paths are absolute. */
export interface FileSystem {
  readFile(path: string): Promise<Uint8Array>
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>
  /** `mode` is that of a file that is not there yet. */
  appendFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>
  mkdir(path: string, mode?: number): Promise<void>
  readDirectory(path: string): Promise<string[]>
  /** Removes a file or a whole tree; silent where there is none. */
  remove(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  symlink(target: string, path: string): Promise<void>
  readLink(path: string): Promise<string>
  chmod(path: string, mode: number): Promise<void>
  chown(path: string, uid: number, gid: number): Promise<void>
  /** Undefined where there is nothing; follows no symbolic link. */
  stat(path: string): Promise<FileStat | undefined>
  /** What this process may still write to the disk that a path is on. */
  freeBytes(path: string): Promise<number>
}

export const systemFileSystem: FileSystem = {
  readFile: (path) => fs.readFile(path),
  async writeFile(path, content, mode) {
    await fs.writeFile(path, content, mode === undefined ? {} : { mode })
    if (mode !== undefined) await fs.chmod(path, mode) // The umask does not apply to ours.
  },
  appendFile: (path, content, mode) => fs.appendFile(path, content, { mode: mode ?? 0o666 }),
  async mkdir(path, mode) {
    await fs.mkdir(path, { recursive: true })
    if (mode !== undefined) await fs.chmod(path, mode)
  },
  readDirectory: (path) => fs.readdir(path),
  remove: (path) => fs.rm(path, { recursive: true, force: true }),
  rename: (from, to) => fs.rename(from, to),
  symlink: (target, path) => fs.symlink(target, path),
  readLink: (path) => fs.readlink(path),
  chmod: (path, mode) => fs.chmod(path, mode),
  chown: (path, uid, gid) => fs.chown(path, uid, gid),
  async freeBytes(path) {
    const { bsize, blocks, bavail, bfree } = await fs.statfs(path)
    // Some file systems keep no account of their blocks.
    if (blocks === 0) return Number.POSITIVE_INFINITY
    // Root may use what is kept back from others.
    return bsize * (process.getuid?.() === 0 ? bfree : bavail)
  },
  async stat(path) {
    const stat = await ifThere(fs.lstat(path))
    return (
      stat && {
        isDirectory: stat.isDirectory(),
        isFile: stat.isFile(),
        isSymbolicLink: stat.isSymbolicLink(),
        mode: stat.mode & 0o7777,
        sizeBytes: stat.size,
      }
    )
  },
}

/** Replaces a file so that a reader, or a crash, sees the old content or the new, never a part. */
export async function writeFileAtomically(
  files: FileSystem,
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  const temporary = `${path}.tmp`
  await files.writeFile(temporary, content, mode)
  await files.rename(temporary, path)
}
