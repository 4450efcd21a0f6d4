import { spawnSync } from 'node:child_process'
import { obstacleToContainers } from '../support/container-ability.ts'
import { createTestNetwork } from '../support/network-namespace.ts'
import { benchApi } from './api.ts'
import { benchCluster } from './cluster.ts'
import { benchCri } from './cri.ts'
import { benchKubelet } from './kubelet.ts'
import { benchScheduler } from './scheduler.ts'
import { benchStorage } from './storage.ts'

const print = (line: string) => console.log(line)

/** Every bench, by the name that `npm run bench -- NAME` takes. */
const BENCHES: Readonly<Record<string, () => Promise<void>>> = {
  api: () => benchApi(print),
  cluster: inTestNetwork('cluster', benchCluster),
  cri: () => benchCri(print),
  kubelet: () => benchKubelet(print),
  scheduler: () => benchScheduler(print),
  storage: () => benchStorage(print),
}

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
for (const name of names.length === 0 ? Object.keys(BENCHES) : names) {
  const bench = BENCHES[name]
  if (bench === undefined) {
    console.error(`no bench ${name}; there are: ${Object.keys(BENCHES).join(', ')}`)
    process.exit(2)
  }
  await bench()
}

/** Runs a bench that starts a whole cluster in a network of its own, as a process inside it. */
function inTestNetwork(name: string, bench: (print: (line: string) => void) => Promise<void>) {
  return async () => {
    if (process.argv.includes('--inside')) return bench(print)
    const obstacle = await obstacleToContainers()
    if (obstacle !== undefined) return print(`${name}: not measured: ${obstacle}`)
    using network = createTestNetwork()
    const [program = '', ...args] = [...network.prefix, ...process.argv.slice(0, 2)]
    const { status } = spawnSync(program, [...args, name, '--inside'], { stdio: 'inherit' })
    if (status !== 0) throw new Error(`bench ${name} failed`)
  }
}
