import { type Clock, formatTime, pause } from '../../base/clock.ts'
import { childAbort } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Image } from '../../cri/messages/image.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { isReason } from '../../machinery/status-error.ts'
import { EVENT } from '../reasons.ts'
import type { Machine, MachineFacts } from './machine.ts'
import { conditionEvents, nodeConditions, type PressureThresholds } from './node-conditions.ts'
import { describeNode, nodeLabels } from './node-status.ts'

export interface NodeReporterOptions {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  readonly recorder: EventRecorder
  readonly runtime: ContainerRuntime
  readonly machine: Machine
  readonly nodeName: string
  readonly addresses: readonly string[]
  /** Of the kubelet's server; 0 where there is none. */
  readonly port: number
  readonly maxPods: number
  readonly labels: Readonly<Record<string, string>>
  readonly taints: NonNullable<Node['spec']['taints']>
  readonly thresholds: PressureThresholds
  /** The node's readiness has been found out anew. */
  onReadiness(networkProblem: string | undefined): void
}

/** How often the node looks at itself while it is not ready, and afterwards. */
const IMPATIENT_MS = 100
const PERIOD_MS = 10_000
/** A node that has not changed says so this often. */
const REPORT_MS = 300_000
const FIRST_RETRY_MS = 100
const LONGEST_RETRY_MS = 7000
const ATTACH_ANNOTATION = 'volumes.kubernetes.io/controller-managed-attach-detach'

/** Registers the node and keeps its status true. */
export class NodeReporter {
  readonly #options: NodeReporterOptions
  #facts: MachineFacts | undefined
  #node: Node | undefined
  #images: readonly Image[] = []
  #areImagesStale = true
  #runtimeVersion = ''
  #reported = ''
  #reportedMs = Number.NEGATIVE_INFINITY
  #wake: (() => void) | undefined
  #isReady = false

  constructor(options: NodeReporterOptions) {
    this.#options = options
  }

  /** The node as it was last seen; call after `register`. */
  get node(): Node {
    if (this.#node === undefined) throw new Error('the node is not registered yet')
    return this.#node
  }

  /** The node's object has changed in the API. */
  observe(node: Node): void {
    const before = this.#node
    this.#node = node
    const was = before?.spec.unschedulable === true
    const is = node.spec.unschedulable === true
    if (before !== undefined && was !== is) {
      this.#event(is ? EVENT.nodeNotSchedulable : EVENT.nodeSchedulable)
    }
  }

  /** The set of images has changed: the scheduler prefers nodes that have what a pod needs. */
  imagesChanged(): void {
    this.#areImagesStale = true
    this.#wake?.()
  }

  async facts(): Promise<MachineFacts> {
    this.#facts ??= await this.#options.machine.facts()
    return this.#facts
  }

  /** Creates the node, or takes over the one that is there: tries until it succeeds. */
  async register(signal: AbortSignal): Promise<void> {
    const { clock, logger, nodeName } = this.#options
    for (let delayMs = FIRST_RETRY_MS; !signal.aborted; ) {
      try {
        this.#node = await this.#registerOnce()
        logger.info('node registered', { node: nodeName })
        return
      } catch (error) {
        logger.info('registering the node failed', { error: formatError(error) })
      }
      await pause(clock, delayMs, signal)
      delayMs = Math.min(delayMs * 2, LONGEST_RETRY_MS)
    }
  }

  /** Reports until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    while (!signal.aborted) {
      try {
        await this.#report()
      } catch (error) {
        this.#reported = ''
        logger.info('reporting the node status failed', { error: formatError(error) })
      }
      const wake = childAbort(signal)
      this.#wake = () => wake.abort()
      await pause(clock, this.#isReady ? PERIOD_MS : IMPATIENT_MS, wake.signal)
      wake[Symbol.dispose]()
    }
  }

  async #registerOnce(): Promise<Node> {
    const { client, nodeName, labels, taints } = this.#options
    const ours = { ...nodeLabels(nodeName, await this.facts()), ...labels }
    const status = await this.#status([])
    const annotations = { [ATTACH_ANNOTATION]: 'true' }
    try {
      const metadata = { name: nodeName, labels: ours, annotations }
      return await client.create(Node, { metadata, spec: { taints }, status })
    } catch (error) {
      if (!isReason(error, 'AlreadyExists')) throw error
    }
    const node = await client.get(Node, { name: nodeName })
    const isLabelled = Object.entries(ours).every(
      ([key, value]) => node.metadata.labels?.[key] === value,
    )
    if (isLabelled) return node
    const patch = { metadata: { labels: ours, annotations } }
    const type = 'application/strategic-merge-patch+json'
    return client.patch(Node, { name: nodeName }, type, patch)
  }

  async #report(): Promise<void> {
    const { client, clock, nodeName } = this.#options
    const old = this.node.status.conditions ?? []
    const status = await this.#status(old)
    const conditions = status.conditions ?? []
    const text = JSON.stringify({
      ...status,
      conditions: conditions.map(({ lastHeartbeatTime: _, ...rest }) => rest),
    })
    this.#isReady = conditions.some((one) => one.type === 'Ready' && one.status === 'True')
    const now = clock.monotonic()
    if (text === this.#reported && now - this.#reportedMs < REPORT_MS) return
    const type = 'application/strategic-merge-patch+json'
    const options = { subresource: 'status' }
    this.#node = await client.patch(Node, { name: nodeName }, type, { status }, options)
    this.#reported = text
    this.#reportedMs = now
    for (const reason of conditionEvents(old, conditions)) this.#event(reason)
  }

  async #status(old: NonNullable<Node['status']['conditions']>): Promise<Node['status']> {
    const { machine, nodeName, addresses, port, maxPods, clock, thresholds } = this.#options
    const facts = await this.facts()
    const { problems, handlers } = await this.#lookAtRuntime()
    if (this.#areImagesStale && this.#runtimeVersion !== '') {
      this.#areImagesStale = false
      this.#images = await this.#options.runtime.listImages()
    }
    const room = await machine.room()
    const now = formatTime(clock.now())
    return {
      ...describeNode({
        name: nodeName,
        addresses,
        facts,
        maxPods,
        port,
        runtimeVersion: this.#runtimeVersion,
        runtimeHandlers: handlers,
        images: this.#images,
      }),
      conditions: nodeConditions({ room, thresholds, problems, old, now }),
    }
  }

  async #lookAtRuntime() {
    const { runtime, onReadiness } = this.#options
    try {
      if (this.#runtimeVersion === '') {
        const { runtimeName, runtimeVersion } = await runtime.version()
        this.#runtimeVersion = `${runtimeName}://${runtimeVersion.replace(/^v/, '')}`
      }
      const { status, runtimeHandlers } = await runtime.status()
      const problem = (type: string, words: string): readonly string[] => {
        const condition = status?.conditions.find((one) => one.type === type)
        if (condition?.status === true) return []
        const { reason = '', message = '' } = condition ?? {}
        return [`${words}: ${type}=false reason:${reason} message:${message}`]
      }
      const network = problem('NetworkReady', 'container runtime network not ready')
      onReadiness(network[0])
      return {
        problems: [...problem('RuntimeReady', 'container runtime not ready'), ...network],
        handlers: runtimeHandlers.map(({ name, features }) => ({
          name,
          recursiveReadOnlyMounts: features?.recursiveReadOnlyMounts ?? false,
          userNamespaces: features?.userNamespaces ?? false,
        })),
      }
    } catch (error) {
      const why = `container runtime is down: ${formatError(error)}`
      onReadiness(why)
      return { problems: [why], handlers: [] }
    }
  }

  #event(reason: string): void {
    const { recorder, nodeName } = this.#options
    recorder.event(
      nodeReference(this.node),
      'Normal',
      reason,
      `Node ${nodeName} status is now: ${reason}`,
    )
  }
}

/** Events about a node carry its name as the uid: that is how `kubectl describe` finds them. */
export function nodeReference(node: Node): Node {
  return { ...node, metadata: { ...node.metadata, uid: node.metadata.name } }
}
