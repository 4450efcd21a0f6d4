import type { SharedInformers } from '../client/informers.ts'
import { signingDuration } from './access/open-access.ts'
import { listensOn } from './advertised-address.ts'
import type { ClusterOptions, ClusterStatus } from './cluster-options.ts'
import { answerCommands } from './commands.ts'
import { ComponentGroup } from './component-group.ts'
import type { ControlPlane } from './control-plane.ts'
import { controlSocketPath, listenControl } from './control-socket.ts'
import type { KubeconfigEntry } from './kubeconfig.ts'
import { lockMachine } from './machine-lock.ts'
import { chooseRuntime } from './nodes/choose-runtime.ts'
import { ClusterNodes } from './nodes/cluster-nodes.ts'
import { openControlPlane } from './open-control-plane.ts'
import { timed } from './progress-timer.ts'
import { kubeletTransport, serve } from './serve.ts'
import { startControl } from './start-control.ts'
import { UndoStack } from './undo-stack.ts'

/** What a cluster is made of once it has started. */
interface Parts {
  readonly controlPlane: ControlPlane
  readonly nodes: ClusterNodes
  readonly informers: SharedInformers
  readonly engine: string
  readonly url: string
  readonly kubeconfig: KubeconfigEntry
  readonly startedAt: number
  readonly stopRequested: AbortController
  /** Ends what was started, the last first. */
  readonly undo: UndoStack
}

/** A whole cluster in this process: control plane and nodes. */
export class Cluster {
  readonly #parts: Parts

  private constructor(parts: Parts) {
    this.#parts = parts
  }

  /**
   * Resolves once the API server answers and all components run; nodes may still be on their way
   * (`nodesReady`). Rejects, with nothing left running, where something is in the way.
   */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const undo = new UndoStack()
    try {
      return new Cluster(await startParts(options, undo))
    } catch (error) {
      await undo.run()
      throw error
    }
  }

  /** Where the API server listens. */
  get url(): string {
    return this.#parts.url
  }

  /** For an administrator. */
  get kubeconfig(): KubeconfigEntry {
    return this.#parts.kubeconfig
  }

  /** Aborts when another process asks this cluster to stop. */
  get stopRequested(): AbortSignal {
    return this.#parts.stopRequested.signal
  }

  /** Resolves when all nodes are Ready; early, too, when the signal aborts. */
  nodesReady(signal: AbortSignal): Promise<void> {
    return this.#parts.nodes.ready(this.#parts.informers, signal)
  }

  /** Stops in order: nodes, controllers, API server, store. Real containers go on. */
  stop(): Promise<void> {
    return this.#parts.undo.run()
  }
}

async function startParts(options: ClusterOptions, undo: UndoStack): Promise<Parts> {
  const { dataDirectory, files, clock, logger } = options
  const startedAt = clock.now()
  const stopRequested = new AbortController()
  if (dataDirectory !== undefined) await files.mkdir(dataDirectory, 0o700)
  const choice = await chooseRuntime(options)
  if (choice.type !== 'simulated') {
    const lock = await lockMachine()
    undo.add(async () => lock[Symbol.dispose]())
  }
  const nodes = new ClusterNodes(options, choice)
  undo.add(() => nodes.stop())
  const opened = await openControlPlane(options, undo, async (made, egress) =>
    nodes.kubeletTransport(await kubeletTransport(made, options, egress)),
  )
  const { controlPlane, certificates, engine, compactor } = opened
  const { tls, kubeconfig, port, url, address } = await timed(
    options,
    'API server',
    () => serve(options, opened),
    (served) => served.url,
  )
  const gateway = await nodes.gateway()
  if (gateway !== undefined && !listensOn(options.bindAddress, gateway)) {
    await controlPlane.listen(gateway, port, tls)
  }
  await timed(options, 'built-in objects', () =>
    controlPlane.start({ address: gateway ?? address, port }),
  )
  const { authority } = certificates
  const signCertificate = certificates.sign.bind(certificates)
  const facts = { authority, signCertificate, ...signingDuration(options) }
  const informers = startControl(options, controlPlane, facts, compactor, undo)
  const nodeGroup = new ComponentGroup(logger)
  undo.add(() => nodeGroup.stop())
  await nodes.start(controlPlane, nodeGroup, informers, certificates)
  const parts = {
    ...{ controlPlane, nodes, informers, engine, url, kubeconfig, startedAt },
    ...{ stopRequested, undo },
  }
  if (dataDirectory !== undefined) await listenForCommands(dataDirectory, options, parts)
  return parts
}

async function listenForCommands(
  dataDirectory: string,
  { files }: ClusterOptions,
  parts: Parts,
): Promise<void> {
  const { nodes, stopRequested, undo } = parts
  const handler = answerCommands({ nodes, stopRequested, status: () => statusOf(parts) })
  const listening = await listenControl(controlSocketPath(dataDirectory), files, handler)
  undo.add(async () => listening[Symbol.asyncDispose]())
}

function statusOf({ url, startedAt, engine, nodes, kubeconfig }: Parts): ClusterStatus {
  return {
    processId: process.pid,
    ...{ url, startedAt, kubeconfig },
    memoryBytes: process.memoryUsage.rss(),
    components: [
      { name: 'store', detail: engine },
      { name: 'nodes', detail: nodes.names.join(', ') },
    ],
  }
}
