import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import { AdmissionMetrics } from '../apiserver/admission/admission-metrics.ts'
import { PolicyParameterAccess } from '../apiserver/admission/policy/parameter-access.ts'
import { ApiServer } from '../apiserver/api-server.ts'
import { LEGACY_ISSUER } from '../apiserver/authentication/legacy-token-authenticator.ts'
import { JWKS_PATH, OpenIdDiscovery } from '../apiserver/authentication/openid-discovery.ts'
import { SigningKey } from '../apiserver/authentication/signing-keys.ts'
import type { TokenKeys } from '../apiserver/authentication/token-keys.ts'
import { reconcileBootstrapPolicy } from '../apiserver/authorization/bootstrap/reconcile-bootstrap.ts'
import { NodeAuthorizer } from '../apiserver/authorization/node/node-authorizer.ts'
import { RbacAuthorizer } from '../apiserver/authorization/rbac-authorizer.ts'
import { RbacEscalationCheck } from '../apiserver/authorization/rbac-escalation.ts'
import { ResourceClaimAccess } from '../apiserver/authorization/resource-claim-access.ts'
import {
  type AuthenticationFacts,
  publishAuthentication,
} from '../apiserver/bootstrap/authentication-config-map.ts'
import { bootstrapCluster } from '../apiserver/bootstrap/bootstrap.ts'
import { keepBootstrapped } from '../apiserver/bootstrap/keep-bootstrapped.ts'
import { ensureLegacyTokenTracking } from '../apiserver/bootstrap/legacy-token-tracking.ts'
import { missingOnlyClient } from '../apiserver/bootstrap/missing-only-client.ts'
import { keepServerLease } from '../apiserver/bootstrap/server-lease.ts'
import type { ComponentCheck } from '../apiserver/component-statuses.ts'
import { registryHooks } from '../apiserver/compose.ts'
import { DebugEndpoints } from '../apiserver/endpoints/debug-endpoints.ts'
import { endpoints } from '../apiserver/endpoints/endpoints.ts'
import { HealthEndpoints } from '../apiserver/endpoints/health-endpoints.ts'
import { isServedBy, ServerMetrics } from '../apiserver/endpoints/server-metrics.ts'
import { addStorageMetrics } from '../apiserver/endpoints/storage-metrics.ts'
import { Aggregation } from '../apiserver/extensions/aggregation/aggregation.ts'
import { CustomResources } from '../apiserver/extensions/custom-resources/custom-resources.ts'
import { FlowControl } from '../apiserver/flow-control/flow-control.ts'
import { addFlowControlMetrics } from '../apiserver/flow-control/flow-control-metrics.ts'
import { maintainFlowControl } from '../apiserver/flow-control/maintain-flow-control.ts'
import type { Handler } from '../apiserver/handler.ts'
import { InProcessTransport } from '../apiserver/in-process-transport.ts'
import { Listener, type ListenerTls } from '../apiserver/listener/listener.ts'
import { ResourceTable } from '../apiserver/registry/resource-table.ts'
import type { DecodeYaml, UserInfo } from '../apiserver/request.ts'
import { ServiceAllocation } from '../apiserver/services/service-allocation.ts'
import { traceVerbs } from '../apiserver/tracing/trace-requests.ts'
import { ServiceResolver } from '../apiserver/webhooks/service-resolver.ts'
import { WebhookClient } from '../apiserver/webhooks/webhook-client.ts'
import { noCredentials } from '../apiserver/webhooks/webhook-credentials.ts'
import { sleep } from '../base/clock.ts'
import { openHttpsPool } from '../base/https-pool.ts'
import { formatError } from '../base/logger.ts'
import { processProfiler } from '../base/profiler.ts'
import { ApiClient } from '../client/api-client.ts'
import { builtInKinds } from '../kinds/index.ts'
import { LongYaml } from '../machinery/codec/yaml-thread.ts'
import { DEFAULT_SERVICE_ACCOUNTS } from './access/access-settings.ts'
import { serverAccess } from './access/server-access.ts'
import { IDENTITIES } from './api-identity.ts'
import { CertificateCheck } from './certificate-check.ts'
import { ConnectionTrust } from './connection-trust.ts'
import type { ControlPlaneOptions } from './control-plane-options.ts'
import { webhookPools } from './egress/open-egress.ts'
import { stateCheck, storeChecks } from './health-checks.ts'
import { letIntoKubelets } from './kubelet-client.ts'
import { enabledAdmission } from './open-admission.ts'
import { type ServedDocuments, servedDocuments } from './served-documents.ts'
import { hideKinds, servedKinds } from './served-kinds.ts'
import { servedSubresources, servedVirtualKinds } from './served-subresources.ts'
import { serverFilters } from './server-filters.ts'
import { firstAddresses, keepPresence, presenceOf, putFirst } from './server-presence.ts'
import { durationOf, eventTtlOf, rangesOf } from './serving-flags.ts'
import { StartStages } from './start-stages.ts'
import { storageOfKinds } from './storage-of-kinds.ts'
import { protocolOf } from './tls-protocol.ts'

const PUBLISH_AGAIN_MS = 10_000

/** An API server with everything that it is made of, before it listens anywhere. */
export class ControlPlane {
  readonly server: ApiServer
  readonly resources: ResourceTable
  /** What `kubectl get componentstatuses` asks, by the names that upstream has for them. */
  readonly componentChecks = new Map<string, ComponentCheck>()
  readonly #options: ControlPlaneOptions
  readonly #rbac = new RbacAuthorizer()
  readonly #nodes = new NodeAuthorizer()
  readonly #metrics: ServerMetrics
  readonly #flowControl: FlowControl
  readonly #webhooks: WebhookClient
  readonly #customResources: CustomResources
  readonly aggregation: Aggregation
  readonly #allocation: ServiceAllocation
  readonly #documents: ServedDocuments
  readonly #yaml: LongYaml | undefined
  /** With what certificates the API is reached. */
  readonly connections: ConnectionTrust
  /** All that goes on beside the API. */
  readonly #followed: Promise<void>[] = []
  readonly #stop = new AbortController()
  /** The `host:port` by which pods reach this server. */
  #advertised: string | undefined
  readonly #stages = new StartStages()
  /** That of the certificate which this server has made for itself. */
  readonly ownCertificate: CertificateCheck
  #isClosing = false
  #state: Promise<void> | undefined

  constructor(options: ControlPlaneOptions) {
    this.#options = options
    this.ownCertificate = new CertificateCheck(options.clock)
    const { storage, clock, random, logger, version } = options
    const { access: { frontProxy, registry } = {}, serving, startYamlThread } = options
    const ports = { clock, random, logger }
    const metrics = new ServerMetrics(clock, version, options.metricRules)
    this.#metrics = metrics
    const ownServer = () => this.#transportFor(IDENTITIES.apiServer)
    const resources = new ResourceTable({
      kinds: builtInKinds,
      ...{ storage, clock, logger, encryption: options.encryption },
      storageOf: storageOfKinds(options),
      eventTtlSeconds: eventTtlOf(serving),
    })
    const parts = { resources, rbac: this.#rbac, nodes: this.#nodes, registry: metrics.registry }
    const access = serverAccess(options, parts)
    const { authorizer, trust } = access
    if (access.reload !== undefined) this.follow('access configuration', access.reload)
    this.resources = resources
    this.connections = new ConnectionTrust({
      ...(trust && { trust }),
      frontProxy,
      publish: (facts) => publishAuthentication(this.clientFor(IDENTITIES.apiServer), facts),
    })
    const isProfiled = serving?.profiling === true
    this.#flowControl = new FlowControl(clock, logger, options.serverSeats, isProfiled)
    const background = (options.background ?? []).map((one) => one.registry)
    for (const more of [registry, options.egress?.registry, ...background]) {
      metrics.add(more)
    }
    this.#measure(metrics)
    this.#yaml = startYamlThread && new LongYaml(startYamlThread, clock)
    const decodeYaml = readerOf(this.#yaml)
    const { tracer, egress } = options
    const openPools = egress && webhookPools(egress)
    const calls = { clock, ownServer, decodeYaml, tracer, openPools }
    const services = new ServiceResolver(resources, random)
    const webhooks = new WebhookClient({ services, credentials: noCredentials, ...calls })
    this.#webhooks = webhooks
    const measures = { registry: metrics.registry, queues: metrics.queues }
    this.#customResources = new CustomResources({ resources, webhooks, ...measures, ...ports })
    const kinds = servedKinds(builtInKinds, serving?.runtimeConfig)
    const addressOf = () => this.#address()
    this.#documents = servedDocuments(options, kinds, this.#customResources, addressOf)
    this.aggregation = new Aggregation({
      ...{ resources, kinds, clock, logger, ...measures, ...this.#documents },
      resolve: (namespace, name, port) => services.resolve(namespace, name, port),
      openPool: options.egress?.openPool('cluster') ?? openHttpsPool,
      identity: options.proxyIdentity,
      rejectsRedirects: serving?.aggregatorRejectForwardingRedirect,
    })
    this.#allocation = new ServiceAllocation({
      ...{ ...ports, ...rangesOf(options), resources, ...measures },
      client: () => this.clientFor(IDENTITIES.apiServer),
    })
    const measured = { ...ports, registry: metrics.registry, ...calls }
    this.server = new ApiServer({
      ...{ ...ports, resources, authorizer },
      filters: [
        ...serverFilters(options, { access, metrics, flowControl: this.#flowControl, resources }),
        this.aggregation.filter,
        ...hideKinds(builtInKinds, kinds),
        ...(options.tracer === undefined ? [] : [traceVerbs(options.tracer)]),
      ],
      admissionObserver: new AdmissionMetrics(metrics.registry, clock),
      admissionPlugins: [
        new RbacEscalationCheck(authorizer, this.#rbac),
        new PolicyParameterAccess(resources, authorizer),
        new ResourceClaimAccess(resources, authorizer),
        ...enabledAdmission(resources, measured, authorizer, options.admission),
      ],
      shortestWatchSeconds: serving?.minRequestTimeout,
      hooks: registryHooks(this.#allocation, metrics.registry),
      subresources: servedSubresources(options, access),
      virtual: servedVirtualKinds(options, access, this.componentChecks),
      others: this.#endpoints(metrics, access.tokenKeys),
    })
  }

  #measure(metrics: ServerMetrics): void {
    const { storage, others } = this.#options
    const storages = [storage, ...(others?.storages ?? [])]
    metrics.isServed = isServedBy(this.resources)
    addFlowControlMetrics(metrics.registry, this.#flowControl)
    addStorageMetrics(metrics.registry, this.resources, storages)
    for (const [index, each] of storages.entries()) {
      this.componentChecks.set(`etcd-${index}`, async () => {
        await each.currentRevision()
        return { status: 'True', message: 'ok' }
      })
    }
  }

  /** Makes the objects that every cluster has. `advertise`: where pods reach this server. */
  async start(advertise: { readonly address: string; readonly port: number }): Promise<void> {
    const { address, port } = advertise
    this.#advertised = `${address.includes(':') ? `[${address}]` : address}:${port}`
    const admin = this.clientFor(IDENTITIES.apiServer)
    const { clock, logger, random } = this.#options
    await this.#readState()
    const service = { advertiseAddress: address, securePort: port, ...rangesOf(this.#options) }
    const presence = presenceOf(this.#options, service, admin)
    const careful = missingOnlyClient(admin)
    await bootstrapCluster(careful, { ...service, allAddresses: [] }, clock)
    await putFirst(careful, service, this.#options, presence)
    await ensureLegacyTokenTracking(careful, clock)
    await reconcileBootstrapPolicy(careful, this.#options.logger)
    const flowControl = { flowControl: this.#flowControl, signal: this.#stop.signal }
    await maintainFlowControl(careful, { ...flowControl, clock, random, logger })
    await letIntoKubelets(careful)
    const { access, clientAuthority } = this.#options
    const facts = { clientAuthority, frontProxy: access?.frontProxy }
    await publishAuthentication(careful, facts).catch((error: unknown) => {
      logger.error('cannot publish how callers are known', { error: formatError(error) })
      this.follow('authentication facts', (signal) => this.#publishLater(facts, signal))
    })
    this.#stages.done('objects')
    const addresses =
      presence === undefined ? await firstAddresses(this.#options, presence) : { allAddresses: [] }
    const kept = { ...service, ...addresses }
    this.follow('service', (signal) =>
      keepBootstrapped(careful, signal, { service: kept, clock, logger }),
    )
    if (presence !== undefined) {
      this.follow('presence', (signal) => keepPresence(admin, signal, presence))
    }
    const { serverId: id, background = [] } = this.#options
    const identity = { id, hostname: hostname(), peerAddress: this.#advertised }
    this.follow('identity', (signal) =>
      keepServerLease(admin, signal, { identity, clock, random, logger }),
    )
    for (const one of [this.aggregation, this.#allocation, ...background]) {
      this.follow(one.name, (signal) => one.run(admin, signal))
    }
    this.#stages.done('services')
  }

  /**
   * Serves HTTPS on an address too; the port, where 0 was asked. Rejects with EADDRINUSE. Clients
   * wait for a server that has been started again: none is refused because it has not read yet who
   * may do what.
   */
  async listen(address: string, port: number, tls: ListenerTls): Promise<number> {
    await this.#readState()
    const { clock, random, logger } = this.#options
    const handler = (request: Parameters<ApiServer['handle']>[0]) => this.server.handle(request)
    const { serving = {} } = this.#options
    const requestTimeoutMs = durationOf('request-timeout', serving.requestTimeout)
    const listener = new Listener({
      ...{ handler, clock, random, logger },
      onHandshakeFailed: this.#metrics.noteHandshakeFailed,
      tls: this.connections.begin(tls),
      protocol: protocolOf(serving),
      decodeYaml: readerOf(this.#yaml),
      ...(requestTimeoutMs !== undefined && { requestTimeoutMs }),
    })
    const { port: bound } = await listener.listen(port, address)
    this.connections.add(listener)
    return bound
  }

  /** Reads what requests are found and judged by, and follows it until the server stops. */
  #readState(): Promise<void> {
    this.#state ??= this.#followState()
    return this.#state
  }

  async #followState(): Promise<void> {
    const { clock, logger } = this.#options
    const { signal } = this.#stop
    // Everything that goes on as long as this server does.
    setMaxListeners(0, signal)
    const followers = [this.#rbac, this.#nodes, this.#flowControl]
    await Promise.all([
      this.aggregation.follow(signal),
      this.#customResources.follow(this.clientFor(IDENTITIES.apiServer), signal),
      ...followers.map((one) => one.follow(this.resources, { signal, clock, logger })),
    ])
    this.#stages.done('caches')
  }

  /** Goes on with this until the server stops. */
  follow(name: string, run: (signal: AbortSignal) => Promise<void>): void {
    const { logger } = this.#options
    this.#followed.push(
      run(this.#stop.signal).catch((error) => {
        logger.error('background service failed', { name, error: formatError(error) })
      }),
    )
  }

  /** A webhook that refused it may be mended, or be there again. */
  async #publishLater(facts: AuthenticationFacts, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    const client = this.clientFor(IDENTITIES.apiServer)
    while (!signal.aborted) {
      const isDone = await publishAuthentication(client, facts).then(
        () => true,
        () => false,
      )
      if (isDone) return
      await sleep(clock, PUBLISH_AGAIN_MS, signal).catch(() => {})
    }
  }

  /** As upstream, clients are told the address that pods have, once that is known. */
  #address(): string {
    return this.#advertised ?? this.#options.addressOf()
  }

  /** A token that does not expire, for a secret that holds it. */
  async signLegacyToken(claims: object): Promise<string> {
    const { serviceAccountKey, access } = this.#options
    const key = access?.serviceAccounts?.external?.signer ?? new SigningKey(serviceAccountKey)
    return key.signToken({ iss: LEGACY_ISSUER, ...claims })
  }

  /** A client in this process, under an identity that needs no proof. */
  clientFor(user: UserInfo): ApiClient {
    return new ApiClient(this.#transportFor(user))
  }

  #transportFor(user: UserInfo): InProcessTransport {
    return new InProcessTransport((request) => this.server.handle(request), user)
  }

  #endpoints(metrics: ServerMetrics, keys: TokenKeys): Handler {
    const { logger, version, access, clock, random, flags = new Map() } = this.#options
    const { issuers, jwksUri } = access?.serviceAccounts ?? DEFAULT_SERVICE_ACCOUNTS
    const checks = [
      this.ownCertificate,
      ...storeChecks(this.#options),
      ...this.#stages.checks,
      this.aggregation.check,
      ...(this.#options.background ?? []).flatMap((service) => service.checks ?? []),
      stateCheck('shutdown', ['readyz'], () =>
        this.#isClosing ? 'process is shutting down' : undefined,
      ),
    ]
    return endpoints({
      metrics,
      version,
      ...this.#documents,
      pages: { clock, random, flags, startTime: clock.now() },
      ...(this.#options.serving?.profiling === true && { debug: this.#debug() }),
      health: new HealthEndpoints(checks, logger),
      openId: new OpenIdDiscovery(
        issuers[0],
        () => jwksUri ?? `https://${this.#address()}${JWKS_PATH}`,
        keys,
      ),
    })
  }

  #debug(): DebugEndpoints {
    const { clock } = this.#options
    const profiler = processProfiler(clock)
    return new DebugEndpoints({ profiler, flowControl: this.#flowControl, clock })
  }

  /** From now on `/readyz` says that this server ends; it goes on answering. */
  announceEnd(): void {
    this.#isClosing = true
  }

  /** Requests under way get their answers, watches end. The storage stays open. */
  async close(): Promise<void> {
    this.#isClosing = true
    await this.connections.close()
    this.#yaml?.[Symbol.dispose]()
    this.#stop.abort()
    await Promise.all(this.#followed)
    this.server.close()
    this.#webhooks[Symbol.dispose]()
  }
}

function readerOf(yaml: LongYaml | undefined): DecodeYaml | undefined {
  return yaml && ((question, signal) => yaml.decode(question, signal))
}
