import { join } from 'node:path'
import type { Exec } from '../../base/exec.ts'
import type { FileSystem } from '../../base/file-system.ts'
import { CAP_SYS_RESOURCE, hasCapability } from './capabilities.ts'

/** What this machine has and allows: decides containerd's configuration. */
export interface MachineFacts {
  readonly containerd: string | undefined
  readonly ociRuntime: string | undefined
  /** The directory of the CNI plugins. */
  readonly cniPlugins: string | undefined
  readonly cgroupVersion: 1 | 2
  readonly isSystemdRunning: boolean
  /** Whether a process may be made less likely to be killed than this one (CAP_SYS_RESOURCE). */
  readonly canLowerOomScore: boolean
  readonly isOverlayUsable: boolean
}

const PROGRAM_DIRECTORIES = [
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/sbin',
  '/usr/bin',
  '/sbin',
  '/bin',
]
export const OCI_RUNTIMES = ['runc', 'crun']
const CNI_DIRECTORIES = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni']
const CNI_PLUGINS = ['bridge', 'host-local', 'loopback']

export interface Machine {
  readonly files: FileSystem
  readonly exec: Exec
}

/** `trialDirectory` must be on the file system that will hold the containers. */
export async function detectMachineFacts(
  { files, exec }: Machine,
  trialDirectory: string,
): Promise<MachineFacts> {
  const exists = async (path: string) => (await files.stat(path)) !== undefined
  const [containerd, ociRuntime, cniPlugins, cgroup2, systemd, status, isOverlayUsable] =
    await Promise.all([
      findProgram(files, ['containerd']),
      findProgram(files, OCI_RUNTIMES),
      findCniPlugins(files),
      exists('/sys/fs/cgroup/cgroup.controllers'),
      exists('/run/systemd/system'),
      readText(files, '/proc/self/status'),
      tryOverlay(files, exec, trialDirectory),
    ])
  return {
    containerd,
    ociRuntime,
    cniPlugins,
    cgroupVersion: cgroup2 ? 2 : 1,
    isSystemdRunning: systemd,
    canLowerOomScore: hasCapability(status, CAP_SYS_RESOURCE),
    isOverlayUsable,
  }
}

/** The first of the programs that the machine has. */
export async function findProgram(
  files: FileSystem,
  names: readonly string[],
): Promise<string | undefined> {
  for (const name of names) {
    for (const directory of PROGRAM_DIRECTORIES) {
      const path = join(directory, name)
      if ((await files.stat(path)) !== undefined) return path
    }
  }
  return undefined
}

export async function findCniPlugins(files: FileSystem): Promise<string | undefined> {
  for (const directory of CNI_DIRECTORIES) {
    const found = await Promise.all(CNI_PLUGINS.map((name) => files.stat(join(directory, name))))
    if (found.every((stat) => stat !== undefined)) return directory
  }
  return undefined
}

async function readText(files: FileSystem, path: string): Promise<string> {
  return Buffer.from(await files.readFile(path)).toString()
}

/** Mounts an overlay: /proc/filesystems does not tell whether it works on this file system. */
async function tryOverlay(files: FileSystem, exec: Exec, directory: string): Promise<boolean> {
  const trial = join(directory, 'overlay-trial')
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((part) =>
    join(trial, part),
  ) as [string, string, string, string]
  try {
    for (const path of [lower, upper, work, merged]) await files.mkdir(path)
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`
    const mount = await exec.run('mount', ['-t', 'overlay', 'overlay', '-o', layers, merged])
    if (mount.code !== 0) return false
    await exec.run('umount', [merged])
    return true
  } finally {
    await files.remove(trial)
  }
}
