import { Command, Option } from 'commander'
import { formatError } from '../base/logger.ts'
import { VERSION } from '../cluster/version.ts'
import { withAdmissionFlags } from './admission-flags.ts'
import { apiServer, withApiServerFlags } from './apiserver.ts'
import { withAuthFlags } from './auth-flags.ts'
import { down } from './down.ts'
import { addEtcdOptions } from './etcd-options.ts'
import { imageList, imageLoad } from './image.ts'
import { kubeconfig } from './kubeconfig.ts'
import { reset } from './reset.ts'
import { withSecurityFlags } from './security-flags.ts'
import { status } from './status.ts'
import { storeCopy } from './store.ts'
import { up } from './up.ts'

// What libraries call that Node will drop some day is for developers: tests show it.
process.noDeprecation = true

const program = new Command('wherry')
  .description('A complete Kubernetes (API v1.36) in one process.')
  .version(VERSION)
  .showHelpAfterError('(run with --help for examples)')

const dataDirectory = () =>
  new Option('--data-dir <path>', 'where the cluster is kept').env('WHERRY_DATA_DIR')

const upCommand = withSecurityFlags(withAdmissionFlags(withAuthFlags(program.command('up'))))
  .description('start a cluster on this machine and make it the current kubectl context')
  .option('-d, --detach', 'leave the cluster running in the background')
  .addOption(dataDirectory())
  .option('--nodes <count>', 'how many nodes', (text) => wholeNumber(text, 1, 10_000), 1)
  .option(
    '--runtime <runtime>',
    'what runs the containers: containerd, simulated, or the socket of a CRI runtime',
  )
  .option('--container-runtime-endpoint <socket>', 'the same as --runtime SOCKET')
  .option('--memory', 'keep the state in memory: it is gone when the cluster stops')
  .option('--port <port>', 'of the API server', (text) => wholeNumber(text, 0, 65_535), 6443)
  .option('--bind-address <address>', 'where the API server listens', '127.0.0.1')
  .option('--node-name <name>', 'of the first node (default: the host name)')
  .option('--no-install', 'do not install missing packages')
  .option('--no-kubeconfig', 'leave the kubeconfig file alone')
  .option('-v, --verbosity <level>', 'of the log', (text) => wholeNumber(text, 0, 10), 0)
  .addHelpText(
    'after',
    `
Examples:
  wherry up                           one node with real containers, until Ctrl-C
  wherry up --detach                  the same in the background; end it with: wherry down
  wherry up --nodes 3                 three nodes
  wherry up --runtime simulated --nodes 500 --memory
                                      a cluster to play with that runs no containers
  wherry up --runtime unix:///run/containerd/containerd.sock
                                      an existing CRI runtime`,
  )
  .action(up)
addEtcdOptions(upCommand)

withApiServerFlags(
  program
    .command('apiserver')
    .description('run the API server alone, with the flags of kube-apiserver')
    .addOption(dataDirectory()),
).action(apiServer)

program
  .command('down')
  .description('stop the cluster that runs in the background; containers keep running')
  .addOption(dataDirectory())
  .addHelpText('after', '\nExample:\n  wherry up --detach && wherry down')
  .action(down)

program
  .command('status')
  .description('show what runs')
  .addOption(dataDirectory())
  .option('-o, --output <format>', 'json for programs')
  .addHelpText(
    'after',
    '\nExamples:\n  wherry status\n  wherry status --output json | jq .memoryBytes',
  )
  .action(status)

program
  .command('reset')
  .description('remove the cluster with its containers, networks and data')
  .addOption(dataDirectory())
  .option('-y, --yes', 'do not ask')
  .addHelpText('after', '\nExamples:\n  wherry reset\n  wherry reset --yes --data-dir ./cluster')
  .action(reset)

program
  .command('kubeconfig')
  .description('print a kubeconfig for the cluster')
  .addOption(dataDirectory())
  .addHelpText('after', '\nExample:\n  wherry kubeconfig > cluster.yaml')
  .action(kubeconfig)

const image = program.command('image').description('the images that nodes can start at once')
image
  .command('load')
  .description('make the images of an archive (docker save, OCI layout) available to the nodes')
  .argument('<archive>', 'a .tar file')
  .addOption(dataDirectory())
  .addHelpText(
    'after',
    '\nExample:\n  docker save my-app -o my-app.tar && wherry image load my-app.tar',
  )
  .action(imageLoad)
image
  .command('list')
  .description('list the images')
  .addOption(dataDirectory())
  .option('-o, --output <format>', 'json for programs')
  .addHelpText('after', '\nExample:\n  wherry image list')
  .action(imageList)

const store = program
  .command('store')
  .description('the stores that a cluster can keep its state in')
addEtcdOptions(
  store
    .command('copy')
    .description('copy all keys and values from one store to another')
    .requiredOption('--from <store>', 'lmdb:DATA-DIR, or the URLs of an etcd')
    .requiredOption('--to <store>', 'the same')
    .option(
      '--from-prefix <prefix>',
      'of several clusters in an etcd, the one with this --etcd-prefix',
    )
    .option('--to-prefix <prefix>', 'below which keys stand in the target, if that is an etcd')
    .option('--force', 'replace what the target holds'),
)
  .addHelpText(
    'after',
    `
Stop the servers of both stores first. The keys of the cluster (certificates, encryption) are not
in the store: they stay in DATA-DIR, which goes on to be used.

Example:
  wherry store copy --from lmdb:/var/lib/wherry --to https://10.0.0.5:2379 --etcd-cafile ca.crt
  wherry store copy --from http://127.0.0.1:2379 --from-prefix team-a --to lmdb:/var/lib/team-a`,
  )
  .action(storeCopy)

program.parseAsync().catch((error) => {
  process.stderr.write(`wherry: ${formatError(error)}\n`)
  process.exit(1)
})

function wholeNumber(text: string, least: number, most: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && number <= most) return number
  throw new Error(`${text} is not a whole number from ${least} to ${most}`)
}
