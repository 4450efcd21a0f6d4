import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Exec } from '../base/exec.ts'
import type { FileSystem } from '../base/file-system.ts'
import type { Logger } from '../base/logger.ts'
import { SystemMounter } from '../kubelet/volumes/mounter.ts'
import { SERVICE_TABLE } from './cluster-options.ts'
import { nodesDirectory } from './nodes/node-layout.ts'
import { containerdHostIn, kubeletDirectory, nodeNetworkAt } from './nodes/node-runtime.ts'

export interface RemoveClusterOptions {
  readonly dataDirectory: string
  readonly files: FileSystem
  readonly exec: Exec
  readonly clock: Clock
  readonly logger: Logger
}

/** Removes what a stopped cluster left: containers, mounts, networks, rules and all its data. */
export async function removeCluster(options: RemoveClusterOptions): Promise<void> {
  const { dataDirectory, files, exec } = options
  const nodes = nodesDirectory(dataDirectory)
  const isReal = (await files.stat(nodes)) !== undefined
  const names = isReal ? await files.readDirectory(nodes) : []
  for (const name of names) {
    const directory = join(nodes, name)
    await containerdHostIn(directory, options).destroy()
    await unmountVolumes(kubeletDirectory(directory), options)
  }
  for (const index of names.keys()) await nodeNetworkAt(index, options).tearDown()
  if (isReal) {
    const table = `ip ${SERVICE_TABLE}`
    await exec.run('nft', ['-f', '-'], { input: `add table ${table}\ndelete table ${table}\n` })
  }
  await files.remove(dataDirectory)
}

async function unmountVolumes(
  directory: string,
  { exec, files }: RemoveClusterOptions,
): Promise<void> {
  const mounter = new SystemMounter(exec, files)
  for (const path of await mounter.mountPointsBelow(directory)) await mounter.unmount(path)
}
