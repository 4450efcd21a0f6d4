import { mkdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { systemClock } from '../base/clock.ts'
import { systemExec } from '../base/exec.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { createLogger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import type { AccessFlags } from '../cluster/access/access-flags.ts'
import { Cluster } from '../cluster/cluster.ts'
import type { ClusterOptions, ClusterStatus, RuntimeChoice } from '../cluster/cluster-options.ts'
import { mergeKubeconfig, rewriteKubeconfig } from '../cluster/kubeconfig.ts'
import type { AdmissionFlags } from '../cluster/open-admission.ts'
import type { SecurityFlags } from '../cluster/security-flags.ts'
import { VERSION } from '../cluster/version.ts'
import { tryCluster } from './cluster-connection.ts'
import { startDetached, tellParent } from './detach.ts'
import { tuneEngine } from './engine.ts'
import { type EtcdOptions, etcdChoiceOf } from './etcd-options.ts'
import { flagValuesOf } from './flag-table.ts'
import { klogSink, openLogFile } from './klog.ts'
import { loseOutput } from './lost-output.ts'
import { CONTEXT, dataDirectoryOf, kubeconfigPathOf } from './settings.ts'
import { createTerminal, formatDuration, type Terminal } from './terminal.ts'
import { logUnheardRejections } from './unheard-rejections.ts'

export interface UpOptions extends AccessFlags, AdmissionFlags, SecurityFlags, EtcdOptions {
  readonly detach?: boolean
  readonly dataDir?: string
  readonly nodes: number
  readonly runtime?: string
  readonly containerRuntimeEndpoint?: string
  readonly memory?: boolean
  readonly port: number
  readonly bindAddress: string
  readonly nodeName?: string
  readonly install: boolean
  readonly kubeconfig: boolean
  readonly verbosity: number
}

/** `wherry up`: starts a cluster and serves it until it is told to stop. */
export async function up(options: UpOptions, command: Command): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  await refuseSecondStart(directory)
  const terminal = createTerminal(process.stdout, process.env['NO_COLOR'] !== undefined)
  const logPath = join(directory, 'log', 'wherry.log')
  await mkdir(join(directory, 'log'), { recursive: true, mode: 0o700 })
  if (options.detach === true) return startDetached(logPath, terminal)

  const stop = stopSignals(terminal)
  const started = systemClock.monotonic()
  terminal.line(`Wherry ${VERSION}, Kubernetes v1.36. Data: ${directory}`)
  const log = openLogFile(logPath)
  const write = (line: string) => {
    log.write(line)
    if (options.verbosity > 0) process.stderr.write(line)
  }
  const logger = createLogger(klogSink(write, systemClock, options.verbosity))
  logUnheardRejections(logger)
  loseOutput()
  try {
    const cluster = await Cluster.start({
      ...clusterOptions(options, directory, terminal),
      flags: flagValuesOf(command),
      logger,
    })
    cluster.stopRequested.addEventListener('abort', () => stop.abort(), { once: true })
    const kubeconfigPath = await writeKubeconfig(options, cluster)
    await cluster.nodesReady(stop.signal)
    if (!stop.signal.aborted) {
      explainNext(terminal, kubeconfigPath, systemClock.monotonic() - started)
      tellParent({ type: 'ready' })
      await tuneEngine(systemClock, stop.signal)
    }
    const stopping = systemClock.monotonic()
    await cluster.stop()
    terminal.line(`Stopped in ${formatDuration(systemClock.monotonic() - stopping)}.`)
  } finally {
    await log.close()
  }
}

function clusterOptions(
  options: UpOptions,
  directory: string,
  terminal: Terminal,
): Omit<ClusterOptions, 'logger'> {
  return {
    dataDirectory: directory,
    inMemory: options.memory === true,
    etcd: etcdChoiceOf(options),
    nodes: options.nodes,
    runtime: parseRuntime(options.containerRuntimeEndpoint ?? options.runtime),
    port: options.port,
    bindAddress: options.bindAddress,
    nodeName: (options.nodeName ?? hostname()).toLowerCase(),
    mayInstall: options.install,
    access: options,
    security: options,
    admission: options,
    clock: systemClock,
    random: systemRandom,
    exec: systemExec,
    files: systemFileSystem,
    progress: {
      step: (name) => terminal.step(name),
      done(name, detail, durationMs) {
        terminal.done(name, detail, durationMs)
        tellParent({ type: 'done', name, detail, durationMs })
      },
      note(text) {
        terminal.warn(text)
        tellParent({ type: 'note', text })
      },
    },
  }
}

async function refuseSecondStart(directory: string): Promise<void> {
  const running = (await tryCluster(directory, 'status')) as ClusterStatus | undefined
  if (running === undefined) return
  throw new Error(
    `a cluster already runs in ${directory} (process ${running.processId}, ${running.url}); ` +
      'stop it with "wherry down", or choose another --data-dir',
  )
}

/** What `--runtime` says: a word, or the path or URL of a socket. */
function parseRuntime(text: string | undefined): RuntimeChoice | undefined {
  if (text === undefined) return undefined
  if (text === 'containerd' || text === 'simulated') return { type: text }
  if (text.startsWith('unix://')) return { type: 'endpoint', endpoint: text }
  if (text.startsWith('/')) return { type: 'endpoint', endpoint: `unix://${text}` }
  throw new Error(
    `unknown runtime ${JSON.stringify(text)}: use containerd, simulated, ` +
      'or a socket such as unix:///run/containerd/containerd.sock',
  )
}

async function writeKubeconfig(options: UpOptions, cluster: Cluster): Promise<string | undefined> {
  if (!options.kubeconfig) return undefined
  const path = kubeconfigPathOf(process.env)
  const entry = { ...cluster.kubeconfig, name: CONTEXT }
  await rewriteKubeconfig(systemFileSystem, path, (text) => mergeKubeconfig(text, entry))
  return path
}

function explainNext(
  terminal: Terminal,
  kubeconfigPath: string | undefined,
  durationMs: number,
): void {
  const context =
    kubeconfigPath === undefined
      ? ' Get a kubeconfig with: wherry kubeconfig'
      : ` kubectl's context is "${CONTEXT}" (${kubeconfigPath}).`
  const text = `Ready in ${formatDuration(durationMs)}.${context}`
  terminal.line(text)
  terminal.line('Next:  kubectl get nodes')
  terminal.line('       kubectl apply -f examples/')
  if (process.send === undefined) {
    terminal.line('Ctrl-C stops the cluster; containers keep running.')
  }
  tellParent({ type: 'line', text })
}

/** Aborts on the first Ctrl-C or SIGTERM; the second ends the process at once. */
function stopSignals(terminal: Terminal): AbortController {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      terminal.line('Stopping; containers keep running ...')
      controller.abort()
    })
  }
  return controller
}
