import { LoadClients, type LoadRequest } from './api-load.ts'
import { NAMESPACE, podRequests } from './api-pods.ts'
import {
  type BenchedServerOptions,
  openBenchedServer,
  prepareNamespace,
  useOf,
} from './benched-server.ts'

const FEW = 3_000
const CLIENTS = 32
/** Each operation is measured so often at each size. */
const SAMPLES = 3_000
const MEBIBYTE = 2 ** 20

/**
 * Whether operations on one object cost more when there are many: each among 3,000 pods and among
 * `pods`, by processor time and by median latency.
 */
export async function benchApiScale(
  print: (line: string) => void,
  options: BenchedServerOptions,
  pods: number,
): Promise<void> {
  const server = await openBenchedServer(options)
  const { processIds } = server
  try {
    using clients = await LoadClients.connect(server.target, CLIENTS)
    await prepareNamespace(clients, NAMESPACE)
    const fill = (from: number, to: number) =>
      clients.run(Array.from({ length: to - from }, (_, at) => podRequests.create(from + at)))
    await fill(0, FEW)
    // The first round is not counted: code that is not optimised yet would make it look slow.
    await measureAll(clients, processIds, FEW, 'warm')
    const few = await measureAll(clients, processIds, FEW, 'few')
    const filling = await fill(FEW, pods)
    print(`scale: filled to ${pods} pods at ${filling.perSecond.toFixed(0)}/s`)
    const many = await measureAll(clients, processIds, pods, 'many')
    for (const [name, before] of few) {
      const after = many.get(name) ?? before
      const change = (100 * after.cpuMicroseconds) / before.cpuMicroseconds - 100
      print(
        `scale ${name.padEnd(20)} ${before.cpuMicroseconds.toFixed(0).padStart(6)} us among ${FEW}` +
          `  ${after.cpuMicroseconds.toFixed(0).padStart(6)} us among ${pods}` +
          `  ${change >= 0 ? '+' : ''}${change.toFixed(0)} %` +
          `  p50 ${before.p50Ms.toFixed(1)} -> ${after.p50Ms.toFixed(1)} ms` +
          `  p99 ${before.p99Ms.toFixed(1)} -> ${after.p99Ms.toFixed(1)} ms`,
      )
    }
    const { residentBytes } = useOf(processIds)
    if (processIds.length > 0) print(`scale memory: ${(residentBytes / MEBIBYTE).toFixed(0)} MiB`)
  } finally {
    await server.remove()
  }
}

interface Cost {
  readonly cpuMicroseconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Of pods all over the collection. What is created is deleted again. */
async function measureAll(
  clients: LoadClients,
  processIds: readonly number[],
  pods: number,
  round: string,
): Promise<ReadonlyMap<string, Cost>> {
  const costs = new Map<string, Cost>()
  const measure = async (name: string, make: (index: number) => LoadRequest) => {
    const before = useOf(processIds).cpuMicroseconds
    const result = await clients.run(Array.from({ length: SAMPLES }, (_, index) => make(index)))
    const used = useOf(processIds).cpuMicroseconds - before
    if (result.failures > 0) throw new Error(`${result.failures} of ${name} failed`)
    costs.set(name, {
      cpuMicroseconds: used / SAMPLES,
      p50Ms: result.p50Ms,
      p99Ms: result.p99Ms,
    })
  }
  const spread = (index: number) => Math.floor((index * pods) / SAMPLES)
  await measure('get', (index) => podRequests.get(spread(index)))
  await measure('list by name', (index) => podRequests.listByName(spread(index)))
  await measure('create', (index) => podRequests.create(pods + index))
  await measure('strategic patch', (index) => podRequests.strategicPatch(spread(index), round))
  await measure('status patch', (index) => podRequests.statusPatch(spread(index), round))
  await measure('server-side apply', (index) => podRequests.apply(spread(index), round))
  await measure('delete', (index) => podRequests.remove(pods + index))
  return costs
}
