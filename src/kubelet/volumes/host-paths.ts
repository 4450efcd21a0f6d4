import { open, realpath, stat } from 'node:fs/promises'

export type HostPathKind = 'directory' | 'file' | 'socket' | 'charDevice' | 'blockDevice' | 'other'

/** What is asked of paths on the host beyond a plain file system. */
export interface HostPaths {
  /** Of what a path leads to, links followed; undefined where there is nothing. */
  kindOf(path: string): Promise<HostPathKind | undefined>
  /** With every link resolved; undefined where there is nothing. */
  realPath(path: string): Promise<string | undefined>
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
