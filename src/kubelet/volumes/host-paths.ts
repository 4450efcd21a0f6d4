import { lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

export type HostPathKind = 'directory' | 'file' | 'socket' | 'charDevice' | 'blockDevice' | 'other'

/** What is asked of paths on the host beyond a plain file system. */
export interface HostPaths {
  /** Of what a path leads to, links followed; undefined where there is nothing. */
  kindOf(path: string): Promise<HostPathKind | undefined>
  /** With every link resolved; undefined where there is nothing. */
  realPath(path: string): Promise<string | undefined>
  /** What a path and all below it take of the disk; links are not followed. */
  usedBytes(path: string): Promise<number>
  /** An empty file, unless there is something already. */
  createFile(path: string, mode: number): Promise<void>
}

export const systemHostPaths: HostPaths = {
  kindOf: (path) =>
    orUndefined(async () => {
      const it = await stat(path)
      if (it.isDirectory()) return 'directory'
      if (it.isFile()) return 'file'
      if (it.isSocket()) return 'socket'
      if (it.isCharacterDevice()) return 'charDevice'
      return it.isBlockDevice() ? 'blockDevice' : 'other'
    }),

  realPath: (path) => orUndefined(() => realpath(path)),

  usedBytes: (path) => usedBytes(path),

  async createFile(path, mode) {
    await (await open(path, 'a', mode)).close()
  },
}

async function orUndefined<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}

const BLOCK_BYTES = 512

async function usedBytes(path: string): Promise<number> {
  const it = await orUndefined(() => lstat(path))
  if (it === undefined) return 0
  let sum = it.blocks * BLOCK_BYTES
  if (!it.isDirectory()) return sum
  for (const name of (await orUndefined(() => readdir(path))) ?? []) {
    sum += await usedBytes(join(path, name))
  }
  return sum
}
