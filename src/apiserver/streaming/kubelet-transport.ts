import type {
  BackendRequest,
  BackendResponse,
  HttpTarget,
  SendRequest,
  UpgradedConnection,
} from '../../base/http-backend.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { internalError, StatusError } from '../../machinery/status-error.ts'

/** How the API server reaches the kubelet of a node. */
export interface KubeletTransport {
  /** Throws the same as `send` where the node has no address, before anything is sent. */
  locate?(node: Node): void
  /** Rejects with a StatusError where the node has no address or no kubelet answers. */
  send(node: Node, request: BackendRequest): Promise<BackendResponse | UpgradedConnection>
}

/** What kubelets must know and prove; all PEM. */
export interface KubeletTls {
  /** The identity that kubelets let in. */
  readonly certificate: string
  readonly key: string
  /** Who signs the certificates of kubelets. */
  readonly authority: string
}

/** A kubelet that has not said otherwise listens here. */
const DEFAULT_PORT = 10250
/** Addresses that work from the API server, the best first. */
const PREFERRED_ADDRESSES = ['InternalIP', 'ExternalIP', 'InternalDNS', 'ExternalDNS', 'Hostname']

/** Over HTTPS to the address that the node reports, with a certificate on both sides. */
export class HttpsKubeletTransport implements KubeletTransport {
  readonly #tls: KubeletTls
  readonly #send: SendRequest

  constructor(tls: KubeletTls, send: SendRequest) {
    this.#tls = tls
    this.#send = send
  }

  locate(node: Node): void {
    kubeletAddressOf(node)
  }

  async send(node: Node, request: BackendRequest): Promise<BackendResponse | UpgradedConnection> {
    const target: HttpTarget = { ...kubeletAddressOf(node), tls: this.#tls }
    return dial(this.#send, target, request)
  }
}

/** Sends a request on; a server that cannot be reached is a 500 in upstream's words. */
export async function dial(
  send: SendRequest,
  target: HttpTarget,
  request: BackendRequest,
): Promise<BackendResponse | UpgradedConnection> {
  try {
    return await send(target, request)
  } catch (error) {
    throw internalError(`error dialing backend: ${(error as Error).message}`)
  }
}

/** Where a node's kubelet listens. Throws where the node reports no address. */
export function kubeletAddressOf({ status }: Node): { host: string; port: number } {
  const { addresses = [], daemonEndpoints } = status
  const reported = daemonEndpoints?.kubeletEndpoint?.Port ?? 0
  const port = reported > 0 ? reported : DEFAULT_PORT
  for (const preferred of PREFERRED_ADDRESSES) {
    const found = addresses.find(({ type }) => type === preferred)
    if (found !== undefined) return { host: found.address, port }
  }
  const known = addresses.map(({ type, address }) => `{${type} ${address}}`).join(' ')
  throw new StatusError('', `no preferred addresses found; known addresses: [${known}]`)
}
