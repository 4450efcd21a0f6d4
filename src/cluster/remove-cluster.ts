import { join } from 'node:path'
import type { Clock } from '../base/clock.ts'
import type { Exec } from '../base/exec.ts'
import type { FileSystem } from '../base/file-system.ts'
import { formatError, type Logger } from '../base/logger.ts'
import { removeAllPods } from '../cri/containerd/remove-all-pods.ts'
import { parseRuntimeEndpoint } from '../cri/grpc/endpoint.ts'
import { GrpcRuntime } from '../cri/grpc/grpc-runtime.ts'
import { SystemMounter } from '../kubelet/volumes/mounter.ts'
import { CERTIFICATES_FOLDER, SERVICE_TABLE } from './cluster-options.ts'
import { nodesDirectory } from './nodes/node-layout.ts'
import { containerdHostIn, kubeletDirectory, nodeNetworkAt } from './nodes/node-runtime.ts'
import { readRuntimeChoice } from './nodes/runtime-record.ts'

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
  let bridges = 0
  let hasServices = false
  for (const name of names) {
    const directory = join(nodes, name)
    const choice = await readRuntimeChoice(directory, files)
    if (choice?.type === 'containerd') {
      await containerdHostIn(directory, options).destroy()
      bridges++
    } else if (choice?.type === 'endpoint') {
      await removeForeignPods(choice.endpoint, options)
    }
    hasServices ||= choice !== undefined && choice.type !== 'simulated'
    await unmountVolumes(kubeletDirectory(directory), options)
  }
  for (let index = 0; index < bridges; index++) await nodeNetworkAt(index, options).tearDown()
  if (hasServices) {
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

/** Of a runtime that stays. It may be gone, and then its containers are nobody's concern. */
async function removeForeignPods(
  endpoint: string,
  { clock, logger }: RemoveClusterOptions,
): Promise<void> {
  const runtime = new GrpcRuntime({ socketPath: parseRuntimeEndpoint(endpoint), clock, logger })
  try {
    await removeAllPods(runtime, logger)
  } catch (error) {
    logger.error('containers were not removed', { endpoint, error: formatError(error) })
  } finally {
    runtime.close()
  }
}

async function unmountVolumes(
  directory: string,
  { exec, files }: RemoveClusterOptions,
): Promise<void> {
  const mounter = new SystemMounter(exec, files)
  for (const path of await mounter.mountPointsBelow(directory)) await mounter.unmount(path)
}
