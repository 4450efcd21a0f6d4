import { Encryption } from '../../../src/apiserver/encryption/encryption.ts'
import { sleep } from '../../../src/base/clock.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { randomInt, seededRandom } from '../../../src/base/random.ts'
import { MemoryStorage } from '../../../src/storage/memory/memory-storage.ts'
import type { Storage } from '../../../src/storage/storage.ts'
import { createTestServer } from '../api-server.ts'
import { type Distance, DistantStorage } from '../distant-storage.ts'
import { VirtualClock } from '../virtual-clock.ts'
import { type CurrentServer, InProcessWire } from './in-process-wire.ts'
import type { History } from './records.ts'
import { HistoryRun } from './run.ts'

export interface HistoryClusterOptions {
  readonly seed: number
  readonly servers: number
  /** Of the servers from their store, most of the time. */
  readonly distance: Distance
  /** What the servers have in place of the store; itself when absent. */
  readonly wrap?: (storage: Storage) => Storage
  /** The objects are Secrets that are stored encrypted, and not ConfigMaps. */
  readonly isEncrypted?: boolean
  /** Of virtual time. */
  readonly seconds: number
}

const SECRET = Buffer.alloc(32, 'history').toString('base64')
const ENCRYPTED = {
  resources: [
    {
      resources: ['secrets'],
      providers: [{ secretbox: { keys: [{ name: 'one', secret: SECRET }] } }, { identity: {} }],
    },
  ],
}
const NEAR: Distance = { maxLatencyMs: 0, maxWatchLagMs: 0, lostAnswers: 0 }

/** One API server after the other, of which each begins when the one before it has crashed. */
class Server {
  readonly #open: () => Promise<{ current: CurrentServer; storage: DistantStorage }>
  readonly #listeners = new Set<() => void>()
  #running: { current: CurrentServer; storage: DistantStorage } | undefined

  constructor(
    open: (start: number) => Promise<{ current: CurrentServer; storage: DistantStorage }>,
  ) {
    let start = 0
    this.#open = () => open(++start)
  }

  async start(): Promise<void> {
    this.#running = await this.#open()
  }

  get storage(): DistantStorage | undefined {
    return this.#running?.storage
  }

  crash(): void {
    this.#running?.storage.cut()
    this.#running?.current.server.close()
    this.#running = undefined
    for (const listener of [...this.#listeners]) listener()
  }

  wire(): InProcessWire {
    return new InProcessWire(
      () => {
        if (this.#running === undefined) throw new Error('the server does not run')
        return this.#running.current
      },
      (listener) => {
        this.#listeners.add(listener)
        return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
      },
    )
  }
}

/**
 * What clients are told by servers that share one store, far from it and crashing, under a virtual
 * clock: the same for the same seed. Rejects where a watch never comes to the end.
 */
export async function runHistory(options: HistoryClusterOptions): Promise<History> {
  const { seed, distance, wrap = (storage) => storage, seconds, isEncrypted = false } = options
  const clock = new VirtualClock()
  const random = seededRandom(seed)
  const inner = MemoryStorage.create({ clock, logger: silentLogger })
  const shared = wrap(inner)
  const kind = isEncrypted ? 'Secret' : 'ConfigMap'
  const encryption = isEncrypted ? new Encryption(ENCRYPTED, seededRandom(seed)) : undefined
  const servers = Array.from(
    { length: options.servers },
    (_, index) =>
      new Server(async (start) => {
        const own = seededRandom(seed * 100 + index * 10 + start)
        const storage = new DistantStorage(shared, clock, own, { ...NEAR })
        const ports = { storage, clock, seed: seed + index + start * 7 }
        const server = await createTestServer({ ...ports, ...(encryption && { encryption }) })
        return { current: { server, start: index * 1000 + start }, storage }
      }),
  )
  for (const server of servers) await server.start()
  const first = servers[0] as Server
  await first.wire().send('POST', '/api/v1/namespaces', { metadata: { name: 'default' } })
  let moment = 0
  const run = new HistoryRun({
    connect: (index) => (servers[Math.max(0, index) % servers.length] as Server).wire(),
    randomOf: (index) => seededRandom(seed * 1000 + index),
    // Every look at it is a moment of its own: whatever was before it, was before it.
    moments: { now: () => ++moment, pause: (ms) => sleep(clock, ms) },
    ...{ path: `/api/v1/namespaces/default/${kind.toLowerCase()}s`, kind, apiVersion: 'v1' },
    ...{ keys: ['a', 'b', 'c', 'd'], clients: 6, watchers: 6, thinkMs: 40 },
    isExact: () => true,
  })
  const end = clock.monotonic() + seconds * 1000
  const setDistance = (to: Distance) => {
    for (const { storage } of servers) if (storage !== undefined) storage.distance = to
  }
  setDistance(distance)
  while (clock.monotonic() < end) {
    await clock.advance(100 + randomInt(random, 400))
    await disturb(servers[randomInt(random, servers.length)] as Server)
  }

  async function disturb(server: Server): Promise<void> {
    const dice = randomInt(random, 10)
    if (dice < 3) {
      server.crash()
      await clock.advance(randomInt(random, 300))
      await server.start()
      setDistance(distance)
    } else if (dice < 5) {
      const from = inner.compactedRevision()
      await inner.compact(from + randomInt(random, inner.revision() - from + 1))
    } else if (dice < 7) setDistance(NEAR)
    else setDistance(distance)
  }

  setDistance(NEAR)
  await finish(run, clock)
  for (const server of servers) server.crash()
  return run.history
}

async function finish(run: HistoryRun, clock: VirtualClock): Promise<void> {
  let behind: number | undefined
  let failure: unknown
  const finishing = run.stopClients().then(() => run.finish(10_000))
  finishing.then(
    (count) => {
      behind = count
    },
    (error: unknown) => {
      failure = error
    },
  )
  await clock.until(() => behind !== undefined || failure !== undefined)
  if (failure !== undefined) throw failure
  if (behind !== 0) throw new Error(`${behind} watches have not come to the end`)
}
