import { sleep, systemClock } from '../base/clock.ts'
import type { ClusterStatus } from '../cluster/cluster-options.ts'
import { askCluster, tryCluster } from './cluster-connection.ts'
import { dataDirectoryOf } from './settings.ts'

const POLL_MS = 50
const GIVE_UP_MS = 60_000

/** `wherry down`: asks the running cluster to stop, and waits until it has. */
export async function down(options: { dataDir?: string }): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  const { processId } = (await askCluster(directory, 'status')) as ClusterStatus
  await askCluster(directory, 'stop')
  const end = systemClock.monotonic() + GIVE_UP_MS
  while (isAlive(processId)) {
    if (systemClock.monotonic() > end) {
      throw new Error(`process ${processId} does not end; look into ${directory}/log/wherry.log`)
    }
    await sleep(systemClock, POLL_MS)
  }
  if ((await tryCluster(directory, 'status')) !== undefined) {
    throw new Error(`another cluster was started in ${directory} meanwhile`)
  }
  process.stdout.write('Stopped. Containers keep running; the next "wherry up" finds them.\n')
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
