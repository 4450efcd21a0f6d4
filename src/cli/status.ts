import { systemClock } from '../base/clock.ts'
import type { ClusterStatus } from '../cluster/cluster-options.ts'
import { askCluster } from './cluster-connection.ts'
import { dataDirectoryOf } from './settings.ts'
import { formatDuration } from './terminal.ts'

/** `wherry status`: what runs, since when and with how much memory. */
export async function status(options: { dataDir?: string; output?: string }): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  const { kubeconfig: _, ...shown } = (await askCluster(directory, 'status')) as ClusterStatus
  if (options.output === 'json') {
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`)
    return
  }
  const rows = [
    ['API server', shown.url],
    ['process', String(shown.processId)],
    ['running for', formatDuration(systemClock.now() - shown.startedAt)],
    ['memory', `${Math.round(shown.memoryBytes / 2 ** 20)} MiB`],
    ['data', directory],
    ...shown.components.map(({ name, detail }) => [name, detail] as const),
  ]
  const width = Math.max(...rows.map(([name = '']) => name.length))
  for (const [name = '', detail] of rows) {
    process.stdout.write(`${name.padEnd(width)}  ${detail}\n`)
  }
}
