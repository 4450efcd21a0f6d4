import {
  createLogger,
  formatError,
  type LogFields,
  type Logger,
  silentLogger,
} from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { EventRecorder } from '../../src/client/event-recorder.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { SimulatedRuntime } from '../../src/cri/simulated/simulated-runtime.ts'
import type { Simulation } from '../../src/cri/simulated/simulation.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { Kubelet } from '../../src/kubelet/kubelet.ts'
import type { KubeletOptions } from '../../src/kubelet/kubelet-options.ts'
import type { LogFiles } from '../../src/kubelet/logs/log-files.ts'
import { simulatedMachine } from '../../src/kubelet/node/machine.ts'
import type { ProbeNetwork } from '../../src/kubelet/probes/probe-network.ts'
import type { DraftOf } from '../../src/machinery/kind.ts'
import { SimulatedApi } from './simulated-api.ts'
import { VirtualClock } from './virtual-clock.ts'

/** An event as a test looks at it. */
export interface RecordedEvent {
  readonly object: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly fieldPath: string | undefined
}

const noLogFiles: LogFiles = {
  open: async () => undefined,
  watch: () => ({ [Symbol.dispose]: () => {} }),
}

/** A network where nobody answers, unless a test says what they answer. */
export class FakeNetwork implements ProbeNetwork {
  status: (path: string) => number | Error = () => new Error('connection refused')

  async http({ path }: { readonly path: string }) {
    const status = this.status(path)
    if (status instanceof Error) throw status
    return { status, body: '' }
  }

  async tcp(_host: string, port: number) {
    const status = this.status(`tcp:${port}`)
    if (status instanceof Error) throw status
  }

  async grpc(_host: string, port: number) {
    const status = this.status(`grpc:${port}`)
    if (status instanceof Error) throw status
    return status === 0 ? 'SERVING' : 'NOT_SERVING'
  }
}

/** One node on a simulated API and a simulated runtime, under a clock that the test moves. */
export class KubeletNode {
  readonly clock: VirtualClock
  readonly api: SimulatedApi
  readonly runtime: SimulatedRuntime
  readonly network = new FakeNetwork()
  readonly events: RecordedEvent[] = []
  readonly client: ApiClient
  readonly logger: Logger
  #kubelet: Kubelet | undefined
  #stop: AbortController | undefined
  #running: Promise<unknown> | undefined

  constructor(
    simulation: Partial<Simulation> = {},
    clock = new VirtualClock(),
    log?: (message: string, fields: LogFields) => void,
  ) {
    this.clock = clock
    this.api = new SimulatedApi(clock, seededRandom(1))
    this.client = new ApiClient(this.api)
    this.logger =
      log === undefined ? silentLogger : createLogger((_, message, fields) => log(message, fields))
    this.runtime = new SimulatedRuntime({
      clock,
      random: seededRandom(2),
      podCidr: '10.1.0.0/24',
      ...simulation,
    })
  }

  get kubelet(): Kubelet {
    if (this.#kubelet === undefined) throw new Error('the kubelet does not run')
    return this.#kubelet
  }

  /** Starts the kubelet, and again after `stop`: the runtime goes on in between. */
  async start(options: Partial<KubeletOptions> = {}): Promise<void> {
    const { clock, client, logger } = this
    const random = seededRandom(3)
    const informers = new SharedInformers({ client, clock, random, logger })
    this.#kubelet = new Kubelet({
      nodeName: 'node-1',
      nodeIps: ['192.0.2.1'],
      ...{ client, informers, clock, random, logger, runtime: this.runtime },
      recorder: this.#recorder(),
      machine: simulatedMachine('node-1'),
      network: this.network,
      logFiles: noLogFiles,
      clusterDns: { servers: ['10.96.0.10'], domain: 'cluster.local' },
      hostResolver: { servers: ['192.0.2.53'], searches: [], options: [] },
      port: 10250,
      ...options,
    })
    this.#stop = new AbortController()
    const { signal } = this.#stop
    this.#running = Promise.all([informers.run(signal), this.#kubelet.run(signal)])
    await clock.advance(200)
  }

  /** Stops the kubelet; throws where it left a timer behind. */
  async stop(): Promise<void> {
    this.#stop?.abort()
    for (let round = 0; round < 20; round++) await this.clock.advance(0)
    await this.#running
  }

  async createPod(name: string, spec: Partial<DraftOf<typeof Pod>['spec']> = {}): Promise<Pod> {
    return this.client.create(Pod, {
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'main', image: 'busybox', imagePullPolicy: 'IfNotPresent' }],
        ...spec,
      },
    } as DraftOf<typeof Pod>)
  }

  /** The pod as the API has it; undefined where it has none. */
  pod(name: string): Pod | undefined {
    return this.api.list(Pod).find(({ metadata }) => metadata.name === name)
  }

  /** The pod, which must be there. */
  thePod(name: string): Pod {
    const pod = this.pod(name)
    if (pod === undefined) throw new Error(`there is no pod ${name}`)
    return pod
  }

  /** Advances until the condition holds. */
  async until(isDone: () => boolean, withinMs = 60_000): Promise<void> {
    try {
      await this.clock.until(isDone, withinMs)
    } catch (error) {
      const pods = this.api
        .list(Pod)
        .map(({ metadata, status }) => ({ name: metadata.name, status }))
      throw new Error(
        `${formatError(error)}\n${JSON.stringify({ pods, events: this.events }, null, 1)}`,
      )
    }
  }

  /** `reason: message` of the events about an object. */
  eventsOf(object: string): readonly string[] {
    return this.events
      .filter((event) => event.object === object)
      .map(({ reason, message }) => `${reason}: ${message}`)
  }

  #recorder(): EventRecorder {
    return {
      event: ({ metadata }, type, reason, message, options = {}) => {
        const { fieldPath } = options
        this.events.push({ object: metadata.name, type, reason, message, fieldPath })
      },
    }
  }
}
