import type { FileSystem } from '../../base/file-system.ts'
import type { Volume } from '../pod-types.ts'
import type { HostPathKind, HostPaths } from './host-paths.ts'

type HostPathSource = NonNullable<Volume['hostPath']>

const DEMANDS: Readonly<Record<string, { readonly kind: HostPathKind; readonly words: string }>> = {
  Directory: { kind: 'directory', words: 'directory' },
  DirectoryOrCreate: { kind: 'directory', words: 'directory' },
  File: { kind: 'file', words: 'file' },
  FileOrCreate: { kind: 'file', words: 'file' },
  Socket: { kind: 'socket', words: 'socket file' },
  CharDevice: { kind: 'charDevice', words: 'character device' },
  BlockDevice: { kind: 'blockDevice', words: 'block device' },
}

/** Makes sure that a path of the host is what a volume's type demands. Throws upstream's texts. */
export async function prepareHostPath(
  { path, type }: HostPathSource,
  files: FileSystem,
  paths: HostPaths,
): Promise<void> {
  if (path.split('/').includes('..')) {
    throw new Error(`invalid HostPath \`${path}\`: must not contain '..'`)
  }
  if (type === undefined || type === '') return
  const kind = await paths.kindOf(path)
  if (kind === undefined && type === 'DirectoryOrCreate') return files.mkdir(path, 0o755)
  if (kind === undefined && type === 'FileOrCreate') return paths.createFile(path, 0o644)
  const demand = DEMANDS[type]
  if (demand === undefined) throw new Error(`${type} is an invalid volume type`)
  if (kind === demand.kind) return
  throw new Error(`hostPath type check failed: ${path} is not a ${demand.words}`)
}
