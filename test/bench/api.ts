import { sleep, systemClock } from '../../src/base/clock.ts'
import { LoadClients, type LoadRequest, type LoadResult } from './api-load.ts'
import { NAMESPACE, PODS_PATH, podRequests, podText } from './api-pods.ts'
import {
  type BenchedServer,
  type BenchedServerOptions,
  mappedStoreBytes,
  openBenchedServer,
  prepareNamespace,
  useOf,
} from './benched-server.ts'
import { startFloor } from './floor.ts'

const PODS = 3_000
const CLIENTS = 32
const WATCHERS = 100
const WATCHED_WRITES = 500
const GETS = 12_000
const LISTS = 40
/** Until a server that has nothing to do has given back what it does not need. */
const REST_MS = 16_000
const MEBIBYTE = 2 ** 20

/** What upstream's server with etcd does on such a machine, per second. */
const UPSTREAM: Readonly<Record<string, number>> = {
  create: 820,
  get: 3_000,
  'list all': 7.3,
  'list by label': 73,
  'list page of 500': 60,
  'strategic patch': 650,
  'status patch': 640,
  'server-side apply': 1_540,
  delete: 680,
}

/**
 * The API server over TLS, from another process: 3,000 realistic pods, 32 HTTP/2 clients, durable
 * writes. Beside each figure: the server's processor time for one request, what upstream's server
 * with etcd does on such a machine, and the floor: a bare Node server with fixed answers of the same
 * sizes under the same load. Twice: in a process that has answered nothing yet, whose code is not
 * optimised, and once more.
 */
export async function benchApi(
  print: (line: string) => void,
  options: BenchedServerOptions,
): Promise<void> {
  const server = await openBenchedServer(options)
  try {
    using clients = await LoadClients.connect(server.target, CLIENTS)
    await prepareNamespace(clients, NAMESPACE)
    const before = memoryOf(server.processIds)
    const pod = await storedPod(clients)
    const floor = await measureFloor(pod)
    const sizes = `${podText(0).length} bytes (${pod.length} as answered)`
    print(`api: ${PODS} pods of ${sizes}, ${CLIENTS} clients, durable writes`)
    for (const round of ['first', 'second']) {
      print(`api ${round} round`)
      await runRound({ clients, server, processIds: server.processIds, print, floor, round })
      if (server.processIds.length === 0) continue
      const after = memoryOf(server.processIds)
      await sleep(systemClock, REST_MS)
      const rested = memoryOf(server.processIds)
      print(
        `api memory: ${before} before, ${after} after, ${rested} at rest (upstream 930 MiB after)`,
      )
    }
  } finally {
    await server.remove()
  }
}

interface Round {
  readonly clients: LoadClients
  readonly server: BenchedServer
  readonly processIds: readonly number[]
  readonly print: (line: string) => void
  readonly floor: Awaited<ReturnType<typeof measureFloor>>
  readonly round: string
}

/** Every operation once with all pods; the last one deletes them. */
async function runRound(measured: Round): Promise<void> {
  const { clients, server, processIds, print, floor, round } = measured
  const blocks: string[] = []
  const noteBlock = async (name: string) => {
    const ms = await server.longestBlockMs?.()
    if (ms !== undefined) blocks.push(`${name} ${ms.toFixed(0)}`)
  }
  const measure = async (name: string, requests: readonly LoadRequest[], bare?: number) => {
    await server.longestBlockMs?.()
    const { cpuMicroseconds } = useOf(processIds)
    const result = await clients.run(requests)
    const used = useOf(processIds).cpuMicroseconds - cpuMicroseconds
    await noteBlock(name)
    print(lineOf(name, result, used / requests.length, bare))
  }
  const every = (make: (index: number) => LoadRequest, count = PODS) =>
    Array.from({ length: count }, (_, index) => make(index % PODS))
  const { strategicPatch, statusPatch, apply } = podRequests

  await measure('create', every(podRequests.create), floor.create)
  await measure('get', every(podRequests.get, GETS), floor.get)
  await measure('list all', every(podRequests.listAll, LISTS), floor.list)
  await measure('list by label', every(podRequests.listByLabel, 1_000))
  await measure('list page of 500', every(podRequests.listPage, 300))
  const patches = every((index) => strategicPatch(index, `${round} ${index}`))
  await measure('strategic patch', patches, floor.create)
  await measure(
    'status patch',
    every((index) => statusPatch(index, round)),
    floor.create,
  )
  await measure(
    'server-side apply',
    every((index) => apply(index, round)),
    floor.create,
  )
  // As controllers do it: most of what they apply is there already.
  await measure(
    'unchanged apply',
    every((index) => apply(index, round)),
    floor.create,
  )
  await server.longestBlockMs?.()
  await measureWatch(measured)
  await noteBlock('watch events')
  await measure('delete', every(podRequests.remove), floor.create)
  if (blocks.length > 0) print(`api longest blocks of the event loop, ms: ${blocks.join(', ')}`)
}

/** A pod as the server answers it, which is gone again. */
async function storedPod(clients: LoadClients): Promise<string> {
  await clients.send(podRequests.create(PODS))
  const { path } = podRequests.get(PODS)
  const text = await clients.read(path)
  await clients.send(podRequests.remove(PODS))
  return text
}

/** The server's processor time may be more than a second for a second: it has several threads. */
function lineOf(
  name: string,
  result: LoadResult,
  cpuMicroseconds: number,
  bare: number | undefined,
): string {
  const rate = result.perSecond.toFixed(name.startsWith('list') ? 1 : 0).padStart(7)
  const upstream = UPSTREAM[name] === undefined ? '' : `upstream ${UPSTREAM[name]}/s`
  const floor = bare === undefined ? '' : `floor ${bare.toFixed(0)}/s`
  const beside = [upstream, floor].filter((text) => text !== '').join('; ')
  const failed = result.failures > 0 ? ` (${result.failures} FAILED)` : ''
  return (
    `api ${name.padEnd(22)} ${rate}/s  ${cpuMicroseconds.toFixed(0).padStart(6)} us` +
    `  p50 ${result.p50Ms.toFixed(1)} ms  p99 ${result.p99Ms.toFixed(1)} ms` +
    `  (${beside})${failed}`
  )
}

/** What Node can do at all: the same sizes without any work. */
async function measureFloor(pod: string) {
  await using floor = await startFloor(pod, PODS)
  using clients = await LoadClients.connect(floor.target, CLIENTS)
  const rate = async (request: LoadRequest, count: number) =>
    (await clients.run(Array.from({ length: count }, () => request))).perSecond
  const events = Array.from({ length: WATCHED_WRITES }, () => ({ method: 'POST', path: '/event' }))
  return {
    create: await rate(podRequests.create(0), PODS),
    get: await rate({ method: 'GET', path: '/get' }, GETS),
    list: await rate({ method: 'GET', path: '/list' }, LISTS),
    events: (await fanOut(clients, '/watch', events)).perSecond,
  }
}

async function measureWatch({ clients, processIds, print, floor }: Round): Promise<void> {
  const path = `${PODS_PATH}?watch=true&resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`
  const { cpuMicroseconds } = useOf(processIds)
  const writes = Array.from({ length: WATCHED_WRITES }, (_, index) =>
    podRequests.statusPatch(index, 'watched'),
  )
  const { perSecond, missing } = await fanOut(clients, path, writes)
  const used = useOf(processIds).cpuMicroseconds - cpuMicroseconds
  print(
    `api watch events to ${WATCHERS}     ${perSecond.toFixed(0).padStart(7)}/s` +
      `  ${(used / (WATCHED_WRITES * WATCHERS)).toFixed(1).padStart(6)} us` +
      `  (upstream 21600/s; floor ${floor.events.toFixed(0)}/s)` +
      (missing > 0 ? ` (${missing} MISSING)` : ''),
  )
}

/** How many events arrive in a second at all watchers of a path, while writes are made. */
async function fanOut(clients: LoadClients, path: string, writes: readonly LoadRequest[]) {
  let seen = 0
  using _watches = clients.watch(path, WATCHERS, (lines) => {
    seen += lines
  })
  await sleep(systemClock, 1_000)
  seen = 0
  const expected = writes.length * WATCHERS
  const began = performance.now()
  await clients.run(writes)
  while (seen < expected && performance.now() - began < 30_000) await sleep(systemClock, 5)
  const perSecond = (1000 * seen) / (performance.now() - began)
  return { perSecond, missing: expected - seen }
}

function memoryOf(processIds: readonly number[]): string {
  const mebibytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(0)
  const { residentBytes } = useOf(processIds)
  const mapped = mebibytes(mappedStoreBytes(processIds))
  return `${mebibytes(residentBytes)} MiB (${mapped} of the store's file)`
}
