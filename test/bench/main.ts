import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { obstacleToContainers } from '../support/container-ability.ts'
import { createTestNetwork } from '../support/network-namespace.ts'
import { benchApi } from './api.ts'
import { benchApiScale } from './api-scale.ts'
import { benchCluster } from './cluster.ts'
import { benchCri } from './cri.ts'
import { benchKubelet } from './kubelet.ts'
import { benchScheduler } from './scheduler.ts'
import { benchStorage } from './storage.ts'

const print = (line: string) => console.log(line)
const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    inside: { type: 'boolean' },
    /** Another API server than ours: a kubeconfig, where it is, and its processes. */
    kubeconfig: { type: 'string' },
    server: { type: 'string' },
    pid: { type: 'string', multiple: true },
    /** Our server within a whole cluster instead of alone. */
    cluster: { type: 'boolean', default: false },
    /** How many pods `api-scale` ends with. */
    pods: { type: 'string', default: '100000' },
  },
})
const server = {
  kubeconfig: options.kubeconfig,
  url: options.server,
  isWholeCluster: options.cluster,
  processIds: (options.pid ?? []).flatMap((text) => text.split(',').map(Number)),
}

/** Every bench, by the name that `npm run bench -- NAME` takes. */
const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  api: () => benchApi(print, server),
  cluster: inTestNetwork('cluster', benchCluster),
  cri: () => benchCri(print),
  kubelet: () => benchKubelet(print),
  scheduler: () => benchScheduler(print),
  storage: () => benchStorage(print),
}

/** These take minutes, and run when they are asked for by name. */
const ON_REQUEST: Readonly<Record<string, () => Promise<void>>> = {
  'api-scale': () => benchApiScale(print, server, Number(options.pods)),
}

for (const name of names.length === 0 ? Object.keys(BENCHES) : names) {
  const bench = BENCHES[name] ?? ON_REQUEST[name]
  if (bench === undefined) {
    const known = [...Object.keys(BENCHES), ...Object.keys(ON_REQUEST)]
    console.error(`no bench ${name}; there are: ${known.join(', ')}`)
    process.exit(2)
  }
  await bench()
}

/** Runs a bench that starts a whole cluster in a network of its own, as a process inside it. */
function inTestNetwork(name: string, bench: (print: (line: string) => void) => Promise<void>) {
  return async () => {
    if (options.inside === true) return bench(print)
    const obstacle = await obstacleToContainers()
    if (obstacle !== undefined) return print(`${name}: not measured: ${obstacle}`)
    using network = createTestNetwork()
    const [program = '', ...args] = [...network.prefix, ...process.argv.slice(0, 2)]
    const { status } = spawnSync(program, [...args, name, '--inside'], { stdio: 'inherit' })
    if (status !== 0) throw new Error(`bench ${name} failed`)
  }
}
