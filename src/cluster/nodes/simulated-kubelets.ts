import {
  type KubeletAddress,
  type KubeletTransport,
  kubeletAddressOf,
  PREFERRED_ADDRESSES,
} from '../../apiserver/streaming/kubelet-transport.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import type { ClusterNode } from './cluster-node.ts'

/** The loopback address as a node would report it, whatever type is preferred. */
const ADDRESSES = PREFERRED_ADDRESSES.map((type) => ({ type, address: '127.0.0.1' }))

/**
 * Reaches the kubelets of simulated nodes. There may be thousands, so that the server of one
 * listens only once somebody wants its logs.
 */
export class SimulatedKubelets implements KubeletTransport {
  readonly #transport: KubeletTransport
  readonly #nodes: ReadonlyMap<string, ClusterNode>
  readonly #signal: AbortSignal
  readonly #ports = new Map<string, Promise<number>>()

  /** The servers end with the signal. */
  constructor(
    transport: KubeletTransport,
    nodes: ReadonlyMap<string, ClusterNode>,
    signal: AbortSignal,
  ) {
    this.#transport = transport
    this.#nodes = nodes
    this.#signal = signal
  }

  locate(node: Node): KubeletAddress {
    const isOwn = this.#nodes.has(node.metadata.name)
    return isOwn ? kubeletAddressOf(node) : this.#transport.locate(node)
  }

  send: KubeletTransport['send'] = async (node, request) => {
    const own = this.#nodes.get(node.metadata.name)
    if (own === undefined) return this.#transport.send(node, request)
    const port = await this.#portOf(own)
    return this.#transport.send(atLoopback(node, port), request)
  }

  #portOf(node: ClusterNode): Promise<number> {
    let port = this.#ports.get(node.name)
    if (port === undefined) {
      const server = node.createServer()
      port = server.listen()
      this.#ports.set(node.name, port)
      port.then(
        () => void server.run(this.#signal),
        () => this.#ports.delete(node.name),
      )
    }
    return port
  }
}

function atLoopback(node: Node, port: number): Node {
  const daemonEndpoints = { kubeletEndpoint: { Port: port } }
  return { ...node, status: { ...node.status, addresses: ADDRESSES, daemonEndpoints } }
}
