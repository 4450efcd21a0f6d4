import type { Exec } from '../../base/exec.ts'
import type { FileSystem } from '../../base/file-system.ts'
import type { Daemons } from './daemons.ts'

interface RunningProcess {
  readonly id: number
  readonly parentId: number
  readonly command: readonly string[]
}

/**
 * Ends what the runtime itself could no longer be asked to end: shims of the daemon with this
 * socket, and all that runs below them.
 */
export async function killShims(
  files: FileSystem,
  daemons: Daemons,
  socket: string,
): Promise<number> {
  const processes = await listProcesses(files)
  const isShim = ({ command }: RunningProcess) =>
    /containerd-shim/.test(command[0] ?? '') && command.includes(socket)
  const doomed = processes.filter(isShim)
  for (const process of doomed) {
    doomed.push(...processes.filter(({ parentId }) => parentId === process.id))
  }
  for (const { id } of doomed) daemons.signal(id, 'SIGKILL')
  return doomed.length
}

async function listProcesses(files: FileSystem): Promise<readonly RunningProcess[]> {
  const ids = (await files.readDirectory('/proc')).map(Number).filter(Number.isInteger)
  const processes = await Promise.all(ids.map((id) => readProcess(files, id)))
  return processes.filter((process) => process !== undefined)
}

async function readProcess(files: FileSystem, id: number): Promise<RunningProcess | undefined> {
  try {
    const stat = Buffer.from(await files.readFile(`/proc/${id}/stat`)).toString()
    const command = Buffer.from(await files.readFile(`/proc/${id}/cmdline`)).toString()
    // The second field is a name in brackets that may itself hold brackets and blanks.
    const parentId = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    return { id, parentId, command: command.split('\0') }
  } catch {
    return undefined // It has ended in between.
  }
}

/** Unmounts everything below a directory, the innermost first. */
export async function unmountBelow(
  files: FileSystem,
  exec: Exec,
  directory: string,
): Promise<number> {
  const table = Buffer.from(await files.readFile('/proc/self/mountinfo')).toString()
  const points = mountPointsBelow(table, directory)
  for (const point of points) await exec.run('umount', ['-l', point])
  return points.length
}

/** The mount points in a mountinfo table below a directory, those that hide others first. */
export function mountPointsBelow(table: string, directory: string): readonly string[] {
  return table
    .split('\n')
    .map((line) => plainPath(line.split(' ')[4] ?? ''))
    .filter((point) => point.startsWith(`${directory}/`))
    .toReversed()
}

/** The kernel writes blanks and backslashes in paths as octal numbers. */
function plainPath(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  )
}
