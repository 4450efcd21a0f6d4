import type { Clock } from '../../../base/clock.ts'
import type { BackendResponse, UpgradedConnection } from '../../../base/http-backend.ts'
import { authorityOf, type PooledRequest } from '../../../base/https-pool.ts'
import type { UserInfo } from '../../request.ts'
import { networkErrorText } from '../../webhooks/network-error.ts'
import type { Location } from '../../webhooks/service-resolver.ts'
import type { RemoteApiService } from './api-service-table.ts'
import { identityHeaders } from './identity-headers.ts'

/** Finds a server behind a service. Rejects where there is none. */
export type ResolveService = (namespace: string, name: string, port: number) => Promise<Location>

/** A request before it is known to whom it goes. */
export type RemoteRequest = Omit<PooledRequest, 'host' | 'port' | 'serverName'>

/** An answer that was read to its end. */
export interface RemoteAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Of the request, as messages show it. */
  readonly url: string
}

/** As whom the API server itself asks; upstream's names. */
export const AGGREGATOR: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] }
/** Documents are larger than objects, but not without end. */
const MOST_BYTES = 64 * 1024 * 1024

/** Sends requests to the servers behind APIServices, in the name of their callers. */
export class RemoteServers {
  readonly #resolve: ResolveService
  readonly #clock: Clock

  constructor(resolve: ResolveService, clock: Clock) {
    this.#resolve = resolve
    this.#clock = clock
  }

  /** Rejects where the service leads nowhere. */
  addressOf({ service }: RemoteApiService): Promise<Location> {
    return this.#resolve(service.namespace, service.name, service.port)
  }

  /** Sends a request to a server behind an APIService, as a user. */
  send(
    { pool, service }: RemoteApiService,
    address: Location,
    user: UserInfo,
    request: RemoteRequest,
  ): Promise<BackendResponse | UpgradedConnection> {
    if (pool instanceof Error) return Promise.reject(pool)
    const headers = { ...request.headers, ...identityHeaders(user) }
    return pool.send({ ...request, ...address, serverName: serverNameOf(service), headers })
  }

  /** Why a server could not be reached, in the words that operators know from upstream. */
  errorText({ service }: RemoteApiService, address: Location, error: unknown): string {
    const serverName = serverNameOf(service)
    return networkErrorText(error, { ...address, serverName, now: this.#clock.now() })
  }

  /** What a server answers to a GET of the API server itself. Rejects as upstream words it. */
  async get(
    apiService: RemoteApiService,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    user: UserInfo = AGGREGATOR,
  ): Promise<RemoteAnswer> {
    const address = await this.addressOf(apiService)
    const url = `https://${authorityOf(address.host, address.port)}${path}`
    try {
      const answer = await this.send(apiService, address, user, {
        method: 'GET',
        ...{ path, headers, signal },
      })
      if (answer.type === 'upgraded') {
        answer.socket.destroy()
        throw new Error('the server switched protocols')
      }
      const { code, headers: answered, body } = answer
      return { code, headers: answered, body: await readAll(body), url }
    } catch (cause) {
      const why = this.errorText(apiService, address, cause)
      throw new Error(`failing or missing response from ${url}: Get "${url}": ${why}`, { cause })
    }
  }
}

/** Whoever it is that answers: what is behind a service has the service's name. */
function serverNameOf({ namespace, name }: RemoteApiService['service']): string {
  return `${name}.${namespace}.svc`
}

async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > MOST_BYTES) throw new Error(`the answer has more than ${MOST_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}
