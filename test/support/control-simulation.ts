import { RbacEscalationCheck } from '../../src/apiserver/authorization/rbac-escalation.ts'
import { bootstrapCluster } from '../../src/apiserver/bootstrap/bootstrap.ts'
import {
  admissionPlugins,
  objectSubresources,
  objectVirtualKinds,
  registryHooks,
} from '../../src/apiserver/compose.ts'
import { DiscoveryEndpoints } from '../../src/apiserver/endpoints/discovery-endpoints.ts'
import { InProcessTransport } from '../../src/apiserver/in-process-transport.ts'
import { ServiceAllocation } from '../../src/apiserver/services/service-allocation.ts'
import { noSuchPath } from '../../src/apiserver/verbs/routes.ts'
import { formatMicroTime, formatTime, pause } from '../../src/base/clock.ts'
import { createLogger, silentLogger } from '../../src/base/logger.ts'
import { type Random, randomInt, seededRandom } from '../../src/base/random.ts'
import { ApiClient } from '../../src/client/api-client.ts'
import type { Client } from '../../src/client/client.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { controllerDefinitions } from '../../src/controllers/index.ts'
import { ControllerManager } from '../../src/controllers/runtime/controller-manager.ts'
import { Lease } from '../../src/kinds/coordination/v1/lease.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { isReason } from '../../src/machinery/status-error.ts'
import { type Faults, FaultyTransport, noFaults } from './faulty-transport.ts'
import { type SecuredApi, startSecuredApi } from './secured-api.ts'
import type { VirtualClock } from './virtual-clock.ts'

const SERVICE_CIDRS = ['10.96.0.0/16']
export const AUTHORITY = '-----BEGIN CERTIFICATE-----\nsimulated\n-----END CERTIFICATE-----\n'

/**
 * All controllers, each under its own identity and behind a network of its own faults, against the
 * real API server in memory; and a kubelet for one node that runs pods without running anything.
 */
export class ControlSimulation {
  readonly api: SecuredApi
  readonly client: Client
  readonly random: Random
  readonly lines: string[] = []
  readonly #transports: FaultyTransport[] = []
  readonly #stop = new AbortController()
  readonly #running: Promise<void>[] = []

  static async start(seed: number): Promise<ControlSimulation> {
    const api: SecuredApi = await startSecuredApi(({ clock, resources, rbac, authorizer }) => {
      const ports = { clock, random: seededRandom(seed), logger: silentLogger }
      const serviceCidrs = SERVICE_CIDRS
      const client = () => api.admin
      const allocation = new ServiceAllocation({ ...ports, serviceCidrs, resources, client })
      const discovery = new DiscoveryEndpoints(builtInKinds, () => '192.0.2.1:6443')
      return {
        admissionPlugins: [
          new RbacEscalationCheck(authorizer, rbac),
          ...admissionPlugins(resources, ports, authorizer),
        ],
        hooks: registryHooks(allocation),
        subresources: objectSubresources(builtInKinds),
        virtual: objectVirtualKinds,
        others: (request) => {
          const answer = discovery.answer(request)
          return answer === undefined ? Promise.reject(noSuchPath()) : Promise.resolve(answer)
        },
      }
    })
    const address = { advertiseAddress: '192.0.2.1', securePort: 6443 }
    await bootstrapCluster(api.admin, { ...address, serviceCidrs: SERVICE_CIDRS }, api.clock)
    return new ControlSimulation(api, seed)
  }

  private constructor(api: SecuredApi, seed: number) {
    this.api = api
    this.client = api.admin
    this.random = seededRandom(seed)
    const { clock } = api
    const { random } = this
    const logger = createLogger((level, message, fields) =>
      this.lines.push(
        `${Math.round(clock.monotonic())} ${level} ${message} ${JSON.stringify(fields)}`,
      ),
    )
    const manager = this.#clientFor('system:kube-controller-manager')
    const informers = new SharedInformers({ client: manager, clock, random, logger })
    const controllers = new ControllerManager({
      definitions: controllerDefinitions({ authority: AUTHORITY, namespaceDeletionDelayMs: 0 }),
      clientFor: (account) =>
        this.#clientFor(
          `system:serviceaccount:kube-system:${account}`,
          'system:serviceaccounts',
          'system:serviceaccounts:kube-system',
        ),
      ...{ informers, clock, random, logger },
    })
    this.#running.push(controllers.run(this.#stop.signal), this.#runPods(), this.#renewLease())
  }

  get clock(): VirtualClock {
    return this.api.clock
  }

  set faults(faults: Faults) {
    for (const transport of this.#transports) transport.faults = faults
  }

  async stop(): Promise<void> {
    this.faults = noFaults
    this.#stop.abort()
    await this.clock.advance(60_000)
    await Promise.all(this.#running)
    this.api[Symbol.dispose]()
  }

  #clientFor(name: string, ...groups: readonly string[]): Client {
    const user = { name, groups: [...groups, 'system:authenticated'] }
    const inner = new InProcessTransport((request) => this.api.server.handle(request), user)
    const transport = new FaultyTransport(inner, this.clock, this.random, noFaults)
    this.#transports.push(transport)
    return new ApiClient(transport)
  }

  /** The node's signs of life. */
  async #renewLease(): Promise<void> {
    const metadata = { name: 'node', namespace: 'kube-node-lease' }
    let lease = await this.client.create(Lease, { metadata })
    while (await pause(this.clock, 10_000, this.#stop.signal)) {
      const renewTime = formatMicroTime(this.clock.now())
      lease = await this.client.update(Lease, { ...lease, spec: { ...lease.spec, renewTime } })
    }
  }

  /** Runs what is created, finishes what is deleted. */
  async #runPods(): Promise<void> {
    const { signal } = this.#stop
    for await (const { type, object } of this.client.watch(Pod, { signal })) {
      if (type === 'BOOKMARK' || type === 'DELETED') continue
      const isGoing = object.metadata.deletionTimestamp !== undefined
      if (isGoing) this.#later(() => this.#finish(object))
      else if (object.status.phase === 'Pending') this.#later(() => this.#run(object))
    }
  }

  #later(work: () => Promise<void>): void {
    this.clock.after(randomInt(this.random, 2_000), () => {
      work().catch((error) => {
        if (!isReason(error, 'NotFound', 'Conflict')) this.lines.push(`kubelet: ${error}`)
      })
    })
  }

  async #run({ metadata }: Pod): Promise<void> {
    const { namespace, name, uid } = metadata
    const now = await this.client.get(Pod, { namespace, name })
    if (now.metadata.uid !== uid || now.status.phase !== 'Pending') return
    if ((now.spec.nodeName ?? '') === '') {
      await this.client.createSubresource(Pod, { namespace, name }, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace },
        target: { apiVersion: 'v1', kind: 'Node', name: 'node' },
      })
    }
    const pod = await this.client.get(Pod, { namespace, name })
    const ip = `10.244.0.${2 + randomInt(this.random, 250)}`
    const lastTransitionTime = formatTime(this.clock.now())
    const conditions = [{ type: 'Ready', status: 'True' as const, lastTransitionTime }]
    const status = {
      ...pod.status,
      phase: 'Running' as const,
      podIP: ip,
      podIPs: [{ ip }],
      conditions,
    }
    await this.client.updateStatus(Pod, { ...pod, status })
  }

  async #finish({ metadata: { namespace, name, uid } }: Pod): Promise<void> {
    const options = { gracePeriodSeconds: 0, preconditions: { uid } }
    await this.client.delete(Pod, { namespace, name }, options)
  }
}
