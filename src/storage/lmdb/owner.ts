import { resolve } from 'node:path'
import type { FileSystem } from '../../base/file-system.ts'
import { ifThere } from '../../base/missing-file.ts'
import type { RevisionLog } from './revision-log.ts'

/** Another process, or another part of this one, has the data directory open. */
export class DirectoryInUseError extends Error {
  constructor(directory: string, processId: string) {
    super(`data directory ${directory} is in use by process ${processId}`)
    this.name = 'DirectoryInUseError'
  }
}

/** The directories that this process has open: LMDB itself would share them silently. */
const openDirectories = new Set<string>()

/**
 * Takes a log for this process, or throws DirectoryInUseError. The owner is written in the log
 * itself, by an atomic compare-and-swap among processes, and is worth nothing once that process is
 * gone: so kill -9 leaves nothing that would have to be removed.
 */
export async function takeOwnership(
  log: RevisionLog,
  directory: string,
  processId: number,
  files: FileSystem,
): Promise<AsyncDisposable> {
  const identity = await identityOf(processId, files)
  if (identity === undefined) throw new Error(`process ${processId} does not exist`)
  for (;;) {
    const owner = log.owner
    const ownerId = Number(owner?.split(' ')[0])
    if (owner !== undefined && (await isAlive(owner, files))) {
      throw new DirectoryInUseError(directory, String(ownerId))
    }
    if (log.changeOwner(owner, identity)) break
  }
  return {
    [Symbol.asyncDispose]: async () => {
      log.changeOwner(identity, undefined)
    },
  }
}

/** Marks a directory as open in this process; disposing gives it back. */
export function reserveDirectory(directory: string, processId: number): Disposable {
  const path = resolve(directory)
  if (openDirectories.has(path)) throw new DirectoryInUseError(directory, `${processId} (this one)`)
  openDirectories.add(path)
  return { [Symbol.dispose]: () => openDirectories.delete(path) }
}

async function isAlive(identity: string, files: FileSystem): Promise<boolean> {
  return (await identityOf(Number(identity.split(' ')[0]), files)) === identity
}

/**
 * "pid start-time boot-id", so that a process number that is used again is told apart; undefined
 * if there is no such process. Where there is no /proc, the number alone has to do.
 */
async function identityOf(processId: number, files: FileSystem): Promise<string | undefined> {
  const bootId = await readText(files, '/proc/sys/kernel/random/boot_id')
  if (bootId === undefined) return doesProcessExist(processId) ? `${processId}` : undefined
  const stat = await readText(files, `/proc/${processId}/stat`)
  if (stat === undefined) return undefined
  // The name, in parentheses, may hold anything: fields are counted from its end.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields
  if (state === 'Z' || state === 'X') return undefined
  return `${processId} ${fields[19]} ${bootId.trim()}`
}

function doesProcessExist(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function readText(files: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await ifThere(files.readFile(path))
  return bytes && Buffer.from(bytes).toString()
}
