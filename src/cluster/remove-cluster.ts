import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Exec } from '../base/exec.ts'
import type { FileSystem } from '../base/file-system.ts'
import type { Logger } from '../base/logger.ts'
import { SystemMounter } from '../kubelet/volumes/mounter.ts'
import { CERTIFICATES_FOLDER, SERVICE_TABLE } from './cluster-options.ts'
import { nodesDirectory } from './nodes/node-layout.ts'
import { containerdHostIn, kubeletDirectory, nodeNetworkAt } from './nodes/node-runtime.ts'

export interface RemoveClusterOptions {
  readonly dataDirectory: string
  readonly files: FileSystem
  readonly exec: Exec
  readonly clock: Clock
  readonly logger: Logger
}

/** All that a cluster makes in its data directory; what else is there stays. */
const OWN_ENTRIES = [
  ...['nodes', 'store', 'log', 'control.sock', 'audit-policy.yaml'],
  CERTIFICATES_FOLDER,
]

/** Removes what a stopped cluster left: containers, mounts, networks, rules and all its data. */
export async function removeCluster(options: RemoveClusterOptions): Promise<void> {
  const { dataDirectory, files, exec } = options
  await requireOwnDirectory(options)
  const nodes = nodesDirectory(dataDirectory)
  const names = (await files.stat(nodes)) === undefined ? [] : await files.readDirectory(nodes)
  const real: string[] = []
  for (const name of names) {
    const host = containerdHostIn(join(nodes, name), options)
    if ((await files.stat(host.paths.home)) !== undefined) real.push(name)
    await host.destroy()
  }
  for (const [index, name] of real.entries()) {
    await unmountVolumes(kubeletDirectory(join(nodes, name)), options)
    await nodeNetworkAt(index, options).tearDown()
  }
  if (real.length > 0) {
    const table = `ip ${SERVICE_TABLE}`
    await exec.run('nft', ['-f', '-'], { input: `add table ${table}\ndelete table ${table}\n` })
  }
  for (const name of OWN_ENTRIES) await files.remove(join(dataDirectory, name))
  if ((await files.readDirectory(dataDirectory)).length === 0) await files.remove(dataDirectory)
}

/**
 * Rejects for a directory that no cluster has made: a mistyped path must not cost anybody a disk.
 */
async function requireOwnDirectory({ dataDirectory, files }: RemoveClusterOptions): Promise<void> {
  if ((await files.stat(join(dataDirectory, CERTIFICATES_FOLDER, 'ca.key'))) !== undefined) return
  throw new Error(`${dataDirectory} is not the data directory of a cluster; nothing was removed`)
}

async function unmountVolumes(
  directory: string,
  { exec, files }: RemoveClusterOptions,
): Promise<void> {
  const mounter = new SystemMounter(exec, files)
  for (const path of await mounter.mountPointsBelow(directory)) await mounter.unmount(path)
}
