import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Node } from '../../kinds/core/v1/node.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import type { LoadBalancerIngress } from '../../kinds/core/v1/service-status.ts'
import { isConditionTrue } from '../../machinery/conditions.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Enqueue,
  type Result,
  self,
  type Watch,
  watch,
  watchEvents,
} from '../runtime/controller.ts'

const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers'

/**
 * Load balancers where there is no cloud: the addresses of the ready nodes, on which kube-proxy
 * answers for every LoadBalancer service. Services of another load balancer class are left alone.
 */
export class ServiceLbController implements Controller {
  readonly name = 'service-lb-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #services: Informer<Service>
  readonly #nodes: Informer<Node>
  #enqueue: Enqueue = () => {}

  constructor({ client, informers }: ControllerContext) {
    this.#client = client
    this.#services = informers.for(Service)
    this.#nodes = informers.for(Node)
    this.watches = [
      watch(this.#services, self),
      watchEvents(this.#nodes, ({ object, old }) => {
        const isSame = old !== undefined && deepEqual(addressesOf(object), addressesOf(old))
        if (!isSame) this.#enqueueAll()
      }),
    ]
  }

  start(enqueue: Enqueue): void {
    this.#enqueue = enqueue
  }

  async reconcile(key: string): Promise<Result> {
    const service = this.#services.get(key)
    if (service === undefined || service.metadata.deletionTimestamp !== undefined) return undefined
    const { type, loadBalancerClass } = service.spec
    if (type === 'LoadBalancer' && (loadBalancerClass ?? '') !== '') return undefined
    const ingress = type === 'LoadBalancer' ? ingressFor(service, this.#nodes.list()) : []
    const { loadBalancer } = service.status
    if (deepEqual(loadBalancer.ingress ?? [], ingress)) return undefined
    const status = {
      ...service.status,
      loadBalancer: ingress.length > 0 ? { ingress } : {},
    }
    try {
      await this.#client.updateStatus(Service, { ...service, status })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
    return undefined
  }

  #enqueueAll(): void {
    for (const service of this.#services.list()) {
      if (service.spec.type === 'LoadBalancer') this.#enqueue(keyOf(service))
    }
  }
}

/** One entry for each ready node's address in the families of the service, in a fixed order. */
function ingressFor({ spec }: Service, nodes: readonly Node[]): readonly LoadBalancerIngress[] {
  const families = spec.ipFamilies ?? ['IPv4']
  const addresses = nodes
    .flatMap(addressesOf)
    .filter((address) => families.includes(address.includes(':') ? 'IPv6' : 'IPv4'))
  const unique = [...new Set(addresses)].toSorted()
  return unique.map((ip) => ({ ip, ipMode: 'VIP' }))
}

/** The addresses at which a node takes traffic from outside; none while it cannot. */
function addressesOf({ metadata, status }: Node): readonly string[] {
  if (metadata.deletionTimestamp !== undefined || metadata.labels?.[EXCLUDED] !== undefined) {
    return []
  }
  if (!isConditionTrue(status.conditions, 'Ready')) return []
  return (status.addresses ?? [])
    .filter(({ type }) => type === 'InternalIP')
    .map(({ address }) => address)
}
