import type { ClusterStatus } from '../cluster/cluster-options.ts'
import { formatKubeconfig } from '../cluster/kubeconfig.ts'
import { askCluster } from './cluster-connection.ts'
import { dataDirectoryOf } from './settings.ts'

/** `wherry kubeconfig`: prints what kubectl needs to reach the running cluster. */
export async function kubeconfig(options: { dataDir?: string }): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  const status = (await askCluster(directory, 'status')) as ClusterStatus
  process.stdout.write(formatKubeconfig(status.kubeconfig))
}
