import { setMaxListeners } from 'node:events'
import { createLogger, type LogLevel } from '../../src/base/logger.ts'
import { type Random, seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import { ClientEventRecorder } from '../../src/client/event-sender.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { Event } from '../../src/kinds/core/v1/event.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { findCondition } from '../../src/machinery/conditions.ts'
import { Scheduler, type SchedulerOptions } from '../../src/scheduler/scheduler.ts'
import { type Faults, FaultyTransport, noFaults } from './faulty-transport.ts'
import { SimulatedApi } from './simulated-api.ts'
import { VirtualClock } from './virtual-clock.ts'

export interface NodeOptions {
  readonly cpu?: string
  readonly memory?: string
  readonly pods?: string
  readonly labels?: Readonly<Record<string, string>>
}

export interface PodOptions {
  readonly cpu?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: object
}

/** The scheduler against a simulated API server under one seed. */
export class SchedulerSimulation {
  readonly clock = new VirtualClock()
  readonly random: Random
  readonly api: SimulatedApi
  /** Between the scheduler and the API server. */
  readonly transport: FaultyTransport
  /** For the test itself: no faults. */
  readonly client: ApiClient
  readonly lines: string[] = []
  readonly #stop = new AbortController()
  readonly #ends: (() => void)[] = []
  #running: Promise<unknown> | undefined

  constructor(seed: number, faults: Faults = noFaults) {
    this.random = seededRandom(seed)
    this.api = new SimulatedApi(this.clock, this.random)
    this.transport = new FaultyTransport(this.api, this.clock, this.random, faults)
    this.client = new ApiClient(this.api)
  }

  get log(): string {
    return this.lines.join('\n')
  }

  start(options: Partial<SchedulerOptions> = {}): Scheduler {
    const { clock, random, transport } = this
    const logger = createLogger((level: LogLevel, message, fields) =>
      this.lines.push(`${clock.monotonic()} ${level} ${message} ${JSON.stringify(fields)}`),
    )
    const client = new ApiClient(transport)
    const ports = { client, clock, random, logger }
    const informers = new SharedInformers(ports)
    const recorder = new ClientEventRecorder({ ...ports, component: 'default-scheduler' })
    const scheduler = new Scheduler({ ...ports, informers, recorder, ...options })
    const { signal } = this.#stop
    setMaxListeners(0, signal) // Each informer listens to it.
    this.#running = Promise.all([informers.run(signal), scheduler.run(signal)])
    this.#ends.push(() => recorder[Symbol.dispose]())
    return scheduler
  }

  /** Stops everything and shows that nothing is left behind. */
  async stop(): Promise<void> {
    this.transport.faults = noFaults
    this.#stop.abort()
    for (const end of this.#ends) end()
    await this.clock.advance(60_000)
    await this.#running
  }

  addNode(name: string, options: NodeOptions = {}): Promise<Node> {
    const { cpu = '4', memory = '8Gi', pods = '110', labels = {} } = options
    const allocatable = { cpu, memory, pods }
    return this.client.create(Node, {
      metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
      status: { allocatable, capacity: allocatable },
    })
  }

  /** Deletes what a kubelet would have stopped by now. */
  finishDeletions(): void {
    for (const pod of this.api.list(Pod)) {
      if (pod.metadata.deletionTimestamp !== undefined) this.api.change(Pod, pod, undefined)
    }
  }

  addPod(name: string, { cpu, labels, spec }: PodOptions = {}): Promise<Pod> {
    const resources = cpu === undefined ? {} : { requests: { cpu } }
    return this.client.create(Pod, {
      metadata: { name, namespace: 'default', ...(labels !== undefined && { labels }) },
      spec: { containers: [{ name: 'main', image: 'busybox', resources }], ...spec },
    })
  }

  pod(name: string): Pod | undefined {
    return this.api.list(Pod).find(({ metadata }) => metadata.name === name)
  }

  nodeOf(name: string): string | undefined {
    return this.pod(name)?.spec.nodeName
  }

  /** What the pod's condition says of why it has no node. */
  whyPending(name: string): string | undefined {
    return findCondition(this.pod(name)?.status.conditions, 'PodScheduled')?.message
  }

  /** The messages of one reason about one pod, in their order. */
  events(reason: string, name: string): string[] {
    return this.api
      .list(Event)
      .filter((event) => event.reason === reason && event.involvedObject.name === name)
      .map(({ message }) => message ?? '')
  }
}
