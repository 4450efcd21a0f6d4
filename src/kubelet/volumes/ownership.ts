import { join } from 'node:path'
import type { FileSystem } from '../../base/file-system.ts'

const READ_WRITE = 0o660
const READ_ONLY = 0o440
const SEARCH = 0o110
const SET_GROUP_ID = 0o2000

/**
 * Gives a volume to the pod's fsGroup: every file becomes the group's, readable (and writable) for
 * it, and what is made in its directories later inherits the group.
 */
export async function giveToGroup(
  files: FileSystem,
  path: string,
  group: number,
  isReadOnly: boolean,
): Promise<void> {
  const stat = await files.stat(path)
  if (stat === undefined || stat.isSymbolicLink) return // A link's own mode and owner mean nothing.
  if (stat.isDirectory) {
    for (const name of await files.readDirectory(path)) {
      await giveToGroup(files, join(path, name), group, isReadOnly)
    }
  }
  await files.chown(path, -1, group)
  const access = isReadOnly ? READ_ONLY : READ_WRITE
  const extra = stat.isDirectory ? SEARCH | SET_GROUP_ID : 0
  await files.chmod(path, stat.mode | access | extra)
}
