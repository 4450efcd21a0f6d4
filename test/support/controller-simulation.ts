import { formatTime } from '../../src/base/clock.ts'
import { createLogger, type LogLevel } from '../../src/base/logger.ts'
import { type Random, randomInt, seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { targetNode } from '../../src/controllers/daemon/daemon-pod.ts'
import {
  type ControllerDefinition,
  ControllerManager,
} from '../../src/controllers/runtime/controller-manager.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { type Faults, FaultyTransport, noFaults } from './faulty-transport.ts'
import { SimulatedApi } from './simulated-api.ts'
import { VirtualClock } from './virtual-clock.ts'

/** How long the simulated kubelet takes, at most. */
const MAX_START_MS = 3_000
const MAX_STOP_MS = 2_000

/**
 * Controllers against a simulated API server under one seed, with a kubelet that needs no node:
 * pods become ready after a while, and go after a while when they are deleted.
 */
export class ControllerSimulation {
  readonly clock = new VirtualClock()
  readonly random: Random
  readonly api: SimulatedApi
  /** Between the controllers and the API server. */
  readonly transport: FaultyTransport
  /** For the test itself: no faults. */
  readonly client: ApiClient
  readonly lines: string[] = []
  /** Whether pods run; a test may stop that. */
  arePodsRun = true
  readonly #stop = new AbortController()
  #running: Promise<void> | undefined

  constructor(seed: number, faults: Faults = noFaults) {
    this.random = seededRandom(seed)
    this.api = new SimulatedApi(this.clock, this.random)
    this.transport = new FaultyTransport(this.api, this.clock, this.random, faults)
    this.client = new ApiClient(this.api)
    this.api.store.onCommit(({ resource, type, object, old }) => {
      if (resource !== '/pods' || type === 'DELETED') return
      const isNew = old === undefined
      const isGoing = object.metadata.deletionTimestamp !== old?.metadata.deletionTimestamp
      if (isNew) this.#later(MAX_START_MS, object as Pod, (pod) => this.#run(pod))
      else if (isGoing) this.#later(MAX_STOP_MS, object as Pod, () => undefined)
    })
  }

  get log(): string {
    return this.lines.join('\n')
  }

  start(definitions: readonly ControllerDefinition[]): void {
    const { clock, random, transport } = this
    const logger = createLogger((level: LogLevel, message, fields) =>
      this.lines.push(`${clock.monotonic()} ${level} ${message} ${JSON.stringify(fields)}`),
    )
    const client = new ApiClient(transport)
    const informers = new SharedInformers({ client, clock, random, logger })
    const clientFor = () => client
    const options = { definitions, clientFor, informers, clock, random, logger }
    this.#running = new ControllerManager(options).run(this.#stop.signal)
  }

  /** Stops everything and shows that nothing is left behind. */
  async stop(): Promise<void> {
    this.arePodsRun = false
    this.transport.faults = noFaults
    this.#stop.abort()
    await this.clock.advance(60_000)
    await this.#running
  }

  #later(maxMs: number, pod: Pod, next: (pod: Pod) => Pod | undefined): void {
    this.clock.after(randomInt(this.random, maxMs), () => {
      const now = this.api.list(Pod).find(({ metadata }) => metadata.uid === pod.metadata.uid)
      if (now === undefined || !this.arePodsRun) return
      const isGoing = now.metadata.deletionTimestamp !== undefined
      if (isGoing === (pod.metadata.deletionTimestamp !== undefined)) {
        this.api.change(Pod, now, next(now))
      }
    })
  }

  #run(pod: Pod): Pod {
    const lastTransitionTime = formatTime(this.clock.now())
    return {
      ...pod,
      spec: { ...pod.spec, nodeName: targetNode(pod) ?? `node-${randomInt(this.random, 3)}` },
      status: {
        ...pod.status,
        phase: 'Running',
        podIP: `10.0.0.${1 + randomInt(this.random, 250)}`,
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime }],
      },
    }
  }
}
