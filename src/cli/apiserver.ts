import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { systemClock } from '../base/clock.ts'
import { systemFileSystem } from '../base/file-system.ts'
import { createLogger, type Logger } from '../base/logger.ts'
import { systemRandom } from '../base/random.ts'
import type { AccessFlags } from '../cluster/access/access-flags.ts'
import { usualBindAddress } from '../cluster/advertised-address.ts'
import type { ServerOptions } from '../cluster/cluster-options.ts'
import type { AdmissionFlags } from '../cluster/open-admission.ts'
import type { SecurityFlags } from '../cluster/security-flags.ts'
import { durationOf, type ServingFlags } from '../cluster/serving-flags.ts'
import { ADMIN_KUBECONFIG, StandaloneApiServer } from '../cluster/standalone-api-server.ts'
import { withAdmissionFlags } from './admission-flags.ts'
import { withAuthFlags } from './auth-flags.ts'
import { tuneEngine } from './engine.ts'
import { addEtcdOptions, type EtcdOptions, etcdChoiceOf } from './etcd-options.ts'
import { flagValuesOf } from './flag-table.ts'
import { withInertFlags } from './inert-flags.ts'
import { klogSink } from './klog.ts'
import { loseOutput } from './lost-output.ts'
import { withSecurityFlags } from './security-flags.ts'
import { withServingFlags } from './serving-flags.ts'
import { dataDirectoryOf } from './settings.ts'
import { logUnheardRejections } from './unheard-rejections.ts'

export interface ApiServerCommandOptions
  extends AccessFlags,
    AdmissionFlags,
    SecurityFlags,
    ServingFlags,
    EtcdOptions {
  readonly dataDir?: string
  readonly memory?: boolean
  readonly securePort: number
  readonly bindAddress?: string
  readonly advertiseAddress?: string
  readonly v: number
}

/** The flags of `wherry apiserver`: kube-apiserver's, and where its own data is. */
export function withApiServerFlags(command: Command): Command {
  command
    .option('--memory', 'keep the state in memory: it is gone when the server stops')
    .option('--secure-port <port>', 'where the API is served; 0 for any', Number, 6443)
    .option('--bind-address <address>', 'where it listens (loopback; everywhere when advertised)')
    .option(
      '--advertise-address <address>',
      "where others reach it (the bind address, or the machine's own)",
    )
    .option('-v, --v <level>', 'of the log', Number, 0)
    .addHelpText(
      'after',
      `
Keys, certificates and the store are kept in the data directory, with a kubeconfig for its
administrator (${ADMIN_KUBECONFIG}), as far as no flag names others.

Examples:
  wherry apiserver --data-dir ./api --secure-port 7443
  wherry apiserver --data-dir ./api --etcd-servers http://127.0.0.1:2379`,
    )
  addEtcdOptions(withSecurityFlags(withAdmissionFlags(withAuthFlags(command))))
  command.addOption(new Option('--etcd-compaction-interval <time>', 'forget old states (5m0s)'))
  return withInertFlags(withServingFlags(command), warnings)
}

/** What the command line asked for and does not get. */
const warnings: string[] = []

/** `wherry apiserver`: serves the API until it is told to stop. The log is on standard error. */
export async function apiServer(options: ApiServerCommandOptions, command: Command): Promise<void> {
  const directory = dataDirectoryOf(options.dataDir, process.env)
  const write = (line: string) => void process.stderr.write(line)
  const logger = createLogger(klogSink(write, systemClock, options.v))
  logUnheardRejections(logger)
  loseOutput()
  for (const warning of warnings) logger.info('a flag has no effect', { warning })
  const stop = stopSignals()
  const server = await StandaloneApiServer.start({
    ...serverOptions(options, directory, logger),
    flags: flagValuesOf(command),
  })
  const kubeconfig = join(directory, ADMIN_KUBECONFIG)
  logger.info('serving', { url: server.url, kubeconfig })
  await tuneEngine(systemClock, stop)
  await server.stop(durationOf('shutdown-delay-duration', options.shutdownDelayDuration))
}

function serverOptions(
  options: ApiServerCommandOptions,
  dataDirectory: string,
  logger: Logger,
): ServerOptions {
  return {
    dataDirectory,
    inMemory: options.memory === true,
    etcd: etcdChoiceOf(options),
    port: options.securePort,
    bindAddress: options.bindAddress ?? usualBindAddress(options.advertiseAddress),
    advertiseAddress: options.advertiseAddress,
    access: options,
    security: options,
    admission: options,
    serving: options,
    clock: systemClock,
    random: systemRandom,
    files: systemFileSystem,
    logger,
    progress: {
      step() {},
      done: (part, detail, durationMs) => logger.info('started', { part, detail, durationMs }),
      note: (text) => logger.info(text),
    },
  }
}

/** Aborts on the first SIGINT or SIGTERM; the second ends the process at once. */
function stopSignals(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      controller.abort()
    })
  }
  return controller.signal
}
