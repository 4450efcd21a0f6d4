import type { AdmissionConfiguration } from '../../src/apiserver/admission/admission-configuration.ts'
import { ApiServer } from '../../src/apiserver/api-server.ts'
import { privilegedGroupAuthorizer } from '../../src/apiserver/authorization/authorizer.ts'
import { bootstrapCluster } from '../../src/apiserver/bootstrap/bootstrap.ts'
import { joinChunks } from '../../src/apiserver/chunk.ts'
import {
  admissionPlugins,
  objectSubresources,
  objectVirtualKinds,
  registryHooks,
} from '../../src/apiserver/compose.ts'
import type { Encryption } from '../../src/apiserver/encryption/encryption.ts'
import { CustomResources } from '../../src/apiserver/extensions/custom-resources/custom-resources.ts'
import { InProcessTransport } from '../../src/apiserver/in-process-transport.ts'
import { ResourceTable } from '../../src/apiserver/registry/resource-table.ts'
import { ServerRequest, type UserInfo } from '../../src/apiserver/request.ts'
import type { ServerResponse, WatchFrame } from '../../src/apiserver/response.ts'
import type { PortRange } from '../../src/apiserver/services/range-allocation.ts'
import { ServiceAllocation } from '../../src/apiserver/services/service-allocation.ts'
import { traceRequests, traceVerbs } from '../../src/apiserver/tracing/trace-requests.ts'
import type { VirtualHandler } from '../../src/apiserver/verbs/dispatch.ts'
import type { WebhookClient } from '../../src/apiserver/webhooks/webhook-client.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { Tracer } from '../../src/base/tracing/tracer.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { Client } from '../../src/client/client.ts'
import { storageOfKinds } from '../../src/cluster/storage-of-kinds.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { VirtualClock } from './virtual-clock.ts'

/** Who asks where a test does not say. */
export const ADMIN: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }

const noWebhooks: Pick<WebhookClient, 'post'> = {
  post: () => Promise.reject(new Error('there are no webhooks')),
}

/** What a request on the wire is answered with. */
export interface WireAnswer {
  readonly code: number
  readonly text: string
  readonly warnings: readonly string[]
  /** Facts for the audit log; those about the body too. */
  readonly auditAnnotations: Readonly<Record<string, string>>
}

export interface WireRequest {
  readonly body?: string | object
  readonly contentType?: string
  readonly accept?: string
}

/** An API server over a memory storage, without authentication and under a virtual clock. */
export interface TestServer {
  readonly server: ApiServer
  readonly client: Client
  readonly storage: Storage
  readonly clock: VirtualClock
  readonly resources: ResourceTable
  readonly allocation: ServiceAllocation
  /** A request as it comes over the wire: bytes in, bytes out. */
  send(method: string, url: string, request?: WireRequest): Promise<WireAnswer>
  /** A watch as it comes over the wire. */
  watch(url: string, request?: WireRequest): Promise<TestWatch>
  close(): void
}

/** Built-in objects are left out unless `isBootstrapped`; `default` is always there. */
export async function createTestServer(
  options: {
    readonly isBootstrapped?: boolean
    readonly storage?: Storage
    readonly serviceCidrs?: readonly string[]
    readonly nodePorts?: PortRange
    /** That of others which share the storage. */
    readonly clock?: VirtualClock
    readonly seed?: number
    readonly shortestWatchSeconds?: number | undefined
    readonly encryption?: Encryption
    readonly admission?: AdmissionConfiguration
    /** Serves the resources of CustomResourceDefinitions too. */
    readonly hasCustomResources?: boolean
    /** What its conversion webhooks answer. */
    readonly webhooks?: Pick<WebhookClient, 'post'>
    /** Records all requests. */
    readonly tracer?: Tracer
    /** Beside the kinds that are answered from the objects. */
    readonly virtual?: ReadonlyMap<string, VirtualHandler>
  } = {},
): Promise<TestServer> {
  const { clock = new VirtualClock(), seed = 1 } = options
  const random = seededRandom(seed)
  const logger = silentLogger
  const storage = options.storage ?? MemoryStorage.create({ clock, logger })
  const ports = { clock, random, logger }
  const { serviceCidrs = ['10.96.0.0/16'], encryption, admission, tracer } = options
  const storageOf = storageOfKinds({ storage, tracer })
  const tables = { kinds: builtInKinds, storage, storageOf, encryption }
  const resources = new ResourceTable({ ...ports, ...tables })
  const allocation = new ServiceAllocation({
    ...{ ...ports, serviceCidrs, nodePorts: options.nodePorts, resources, client: () => client },
  })
  const server = new ApiServer({
    ...ports,
    resources,
    authorizer: privilegedGroupAuthorizer,
    filters: [
      (request, next) => {
        request.user ??= ADMIN
        return next(request)
      },
      ...(tracer === undefined ? [] : [traceRequests(tracer), traceVerbs(tracer)]),
    ],
    admissionPlugins: admissionPlugins(
      resources,
      { ...ports, tracer },
      privilegedGroupAuthorizer,
      admission,
    ),
    shortestWatchSeconds: options.shortestWatchSeconds,
    hooks: registryHooks(allocation),
    subresources: objectSubresources(builtInKinds),
    virtual: new Map([...objectVirtualKinds, ...(options.virtual ?? [])]),
  })
  const client = new ApiClient(new InProcessTransport((one) => server.handle(one), ADMIN))
  const wire = (method: string, url: string, request: WireRequest = {}) =>
    toServerRequest(method, url, request)
  const send = async (method: string, url: string, request?: WireRequest) => {
    const sent = wire(method, url, request)
    return toAnswer(sent, await server.handle(sent))
  }
  if (options.isBootstrapped === true) {
    const address = { advertiseAddress: '192.0.2.1', securePort: 6443 }
    await bootstrapCluster(client, { ...address, serviceCidrs }, clock)
  } else if (options.storage === undefined) {
    await send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default' } } })
  }
  const stop = new AbortController()
  if (options.hasCustomResources === true) {
    const { webhooks = noWebhooks } = options
    await new CustomResources({ ...ports, resources, webhooks }).follow(client, stop.signal)
  }
  return {
    server,
    client,
    storage,
    clock,
    resources,
    allocation,
    send,
    async watch(url, request) {
      const response = await server.handle(wire('GET', url, request))
      if (response.type !== 'watch') throw new Error(JSON.stringify(response))
      return new TestWatch(response.batches)
    },
    close: () => {
      stop.abort()
      server.close()
    },
  }
}

function toServerRequest(method: string, url: string, request: WireRequest): ServerRequest {
  const { body, contentType, accept } = request
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body)
  return new ServerRequest({
    method,
    url,
    headers: {
      'content-type': contentType,
      ...(accept !== undefined && { accept }),
    },
    readBody: () => Promise.resolve(new TextEncoder().encode(text)),
    connection: { remoteAddress: '192.0.2.9', peerCertificate: undefined },
    signal: new AbortController().signal,
  })
}

function toAnswer(request: ServerRequest, response: ServerResponse): WireAnswer {
  const { warnings, bodyAuditAnnotations = [] } = request
  const facts = [...request.auditAnnotations, ...bodyAuditAnnotations]
  const told = { warnings, auditAnnotations: Object.fromEntries(facts) }
  if (response.type === 'object') {
    return { ...told, code: response.code, text: JSON.stringify(response.object) }
  }
  if (response.type !== 'encoded') throw new Error(`the answer is a ${response.type}`)
  const text = Buffer.from(joinChunks(response.chunks())).toString()
  return { ...told, code: response.code, text }
}

/** The events of a watch, decoded from the lines that are sent. */
export class TestWatch {
  readonly #batches: AsyncIterator<readonly WatchFrame[]>
  #frames: WatchFrame[] = []

  constructor(batches: AsyncIterable<readonly WatchFrame[]>) {
    this.#batches = batches[Symbol.asyncIterator]()
  }

  /** The next event; undefined where the watch has ended. */
  async next(): Promise<TestEvent | undefined> {
    while (this.#frames.length === 0) {
      const { done, value } = await this.#batches.next()
      if (done === true) return undefined
      this.#frames = [...value]
    }
    const frame = this.#frames.shift()
    if (frame === undefined) return undefined
    return JSON.parse(Buffer.from(frame.bytes('json')).toString()) as TestEvent
  }

  /** So many events as `TYPE name@resourceVersion`. */
  async take(count: number): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) texts.push(formatEvent(await this.next()))
    return texts
  }

  async close(): Promise<void> {
    await this.#batches.return?.()
  }
}

export interface TestEvent {
  readonly type: string
  readonly object: {
    readonly kind: string
    readonly message?: string
    readonly reason?: string
    readonly code?: number
    readonly metadata: {
      readonly name?: string
      readonly resourceVersion?: string
      readonly annotations?: Readonly<Record<string, string>>
    }
  }
}

function formatEvent(event: TestEvent | undefined): string {
  if (event === undefined) return 'END'
  const { name = '', resourceVersion = '' } = event.object.metadata
  return `${event.type} ${name}@${resourceVersion}`
}
