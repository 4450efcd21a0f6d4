import { createInterface } from 'node:readline/promises'
import { systemClock } from '../base/clock.ts'
import { systemExec } from '../base/exec.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { createLogger } from '../base/logger.ts'
import { removeFromKubeconfig, rewriteKubeconfig } from '../cluster/kubeconfig.ts'
import { removeCluster } from '../cluster/remove-cluster.ts'
import { tryCluster } from './cluster-connection.ts'
import { down } from './down.ts'
import { klogSink } from './klog.ts'
import { CONTEXT, dataDirectoryOf, kubeconfigPathOf } from './settings.ts'

/** `wherry reset`: stops the cluster and removes everything that it made on this machine. */
export async function reset(options: { dataDir?: string; yes?: boolean }): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  if ((await systemFileSystem.stat(directory)) === undefined) {
    process.stdout.write(`There is nothing in ${directory}.\n`)
    return
  }
  if (options.yes !== true && !(await confirm(directory))) return
  if ((await tryCluster(directory, 'status')) !== undefined) await down(options)
  const write = (line: string) => void process.stderr.write(line)
  await removeCluster({
    dataDirectory: directory,
    files: systemFileSystem,
    exec: systemExec,
    clock: systemClock,
    logger: createLogger((level, message, fields) => {
      if (level === 'error') klogSink(write, systemClock, 0)(level, message, fields)
    }),
  })
  await rewriteKubeconfig(systemFileSystem, kubeconfigPathOf(process.env), (text) =>
    text === '' ? text : removeFromKubeconfig(text, CONTEXT),
  )
  process.stdout.write(`Removed the cluster in ${directory}.\n`)
}

async function confirm(directory: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Error('this removes all containers and data; confirm it with --yes')
  }
  const prompt = createInterface({ input: process.stdin, output: process.stdout })
  const question = `Remove the cluster in ${directory} with all its containers and data? [y/N] `
  const answer = await prompt.question(question)
  prompt.close()
  return /^y(es)?$/i.test(answer.trim())
}
