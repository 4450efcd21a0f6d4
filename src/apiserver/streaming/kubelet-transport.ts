import type { Clock } from '../../base/clock.ts'
import type {
  BackendRequest,
  BackendResponse,
  SendRequest,
  UpgradedConnection,
} from '../../base/http-backend.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { reachBackend } from './reach-backend.ts'

/** A request for a kubelet. */
export interface KubeletRequest extends BackendRequest {
  /** The client does not mind who answers: no certificate is asked for. */
  readonly isUnverified?: boolean
}

/** Where a kubelet listens. */
export interface KubeletAddress {
  readonly host: string
  readonly port: number
}

/** How the API server reaches the kubelet of a node. */
export interface KubeletTransport {
  /** Where it would send to. Throws the same as `send` where the node has no address. */
  locate(node: Node): KubeletAddress
  /**
   * Rejects with a StatusError where the node has no address, and with an UnreachableError where no
   * kubelet answers.
   */
  send(node: Node, request: KubeletRequest): Promise<BackendResponse | UpgradedConnection>
}

/** What kubelets must know and prove; all PEM. */
export interface KubeletTls {
  /** The identity that kubelets let in. */
  readonly certificate: string
  readonly key: string
  /** Who signs the certificates of kubelets; none of them is verified when absent. */
  readonly authority?: string | undefined
}

/** A kubelet that has not said otherwise listens here. */
const DEFAULT_PORT = 10250
/** Types of addresses where nobody says otherwise, the best first: no name need be known here. */
export const PREFERRED_ADDRESSES: readonly string[] = [
  'InternalIP',
  'ExternalIP',
  'InternalDNS',
  'ExternalDNS',
  'Hostname',
]

/** Over HTTPS to the address that the node reports, with a certificate on both sides. */
export class HttpsKubeletTransport implements KubeletTransport {
  readonly #tls: () => Promise<KubeletTls>
  readonly #send: SendRequest
  readonly #clock: Clock
  readonly #preferred: readonly string[]

  /**
   * `tls` is asked before each request: what it gives may change. `preferred` are the types of the
   * addresses of nodes that may be used, the best first.
   */
  constructor(
    tls: () => Promise<KubeletTls>,
    send: SendRequest,
    clock: Clock,
    preferred: readonly string[] = PREFERRED_ADDRESSES,
  ) {
    this.#tls = tls
    this.#send = send
    this.#clock = clock
    this.#preferred = preferred
  }

  locate(node: Node): KubeletAddress {
    return kubeletAddressOf(node, this.#preferred)
  }

  async send(
    node: Node,
    { isUnverified, ...request }: KubeletRequest,
  ): Promise<BackendResponse | UpgradedConnection> {
    const address = this.locate(node)
    const { authority, ...identity } = await this.#tls()
    const isTrusted = isUnverified === true || authority === undefined
    const tls = isTrusted ? identity : { ...identity, authority }
    return reachBackend(this.#send, { ...address, tls }, request, this.#clock.now())
  }
}

/**
 * Where a node's kubelet listens: at the first address of the type preferred most. Throws where the
 * node reports none of these types.
 */
export function kubeletAddressOf(
  { status }: Node,
  types: readonly string[] = PREFERRED_ADDRESSES,
): KubeletAddress {
  const { addresses = [], daemonEndpoints } = status
  const reported = daemonEndpoints?.kubeletEndpoint?.Port ?? 0
  const port = reported > 0 ? reported : DEFAULT_PORT
  for (const preferred of types) {
    const found = addresses.find(({ type }) => type === preferred)
    if (found !== undefined) return { host: found.address, port }
  }
  const known = addresses.map(({ type, address }) => `{${type} ${address}}`).join(' ')
  throw new StatusError('', `no preferred addresses found; known addresses: [${known}]`)
}
