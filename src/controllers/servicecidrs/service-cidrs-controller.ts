import type { Clock } from '../../base/clock.ts'
import { formatTime } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { protectionStep, setProtection } from '../runtime/protection.ts'
import { containsAddress, containsRange } from './contained.ts'

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer'
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'
/** Until then every API server has heard that a range is given from no more. */
const GRACE_MS = 10_000
const READY = { status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' }
const TERMINATING = {
  status: 'False',
  reason: 'Terminating',
  message:
    'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a ' +
    'new ServiceCIDR',
}

/** Says that ranges for services are ready, and keeps deleted ones while addresses are of them. */
export class ServiceCidrsController implements Controller {
  readonly name = 'service-cidr-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #ranges: Informer<ServiceCIDR>
  readonly #addresses: Informer<IPAddress>

  constructor({ client, clock, informers }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#ranges = informers.for(ServiceCIDR)
    this.#addresses = informers.for(IPAddress)
    this.watches = [
      // Where one comes or goes, others that overlap it may become free to go.
      watch(this.#ranges, ({ type, object }) =>
        type === 'MODIFIED' ? [keyOf(object)] : [keyOf(object), ...this.#going()],
      ),
      watch(this.#addresses, ({ type }) => (type === 'MODIFIED' ? [] : this.#going())),
    ]
  }

  async reconcile(name: string): Promise<Result> {
    const found = this.#ranges.get(name)
    if (found === undefined) return undefined
    const step = protectionStep(found, FINALIZER)
    const { deletionTimestamp } = found.metadata
    if (deletionTimestamp !== undefined) {
      if (this.#isNeeded(found)) {
        await this.#setReady(found, TERMINATING)
        return undefined
      }
      const left = Date.parse(deletionTimestamp) + GRACE_MS - this.#clock.now()
      if (left > 0) return { requeueAfterMs: left }
      if (step === 'check') {
        await setProtection(this.#client, ServiceCIDR, found, FINALIZER, false)
      }
      return undefined
    }
    if (step === 'add') {
      const patch = { metadata: { finalizers: [FINALIZER] } }
      const type = 'application/strategic-merge-patch+json'
      await this.#client.patch(ServiceCIDR, { name }, type, patch)
    }
    await this.#setReady(found, READY)
    return undefined
  }

  #going(): readonly string[] {
    const isGoing = ({ metadata }: ServiceCIDR) => metadata.deletionTimestamp !== undefined
    return this.#ranges.list().filter(isGoing).map(keyOf)
  }

  /** Whether an address would be of no range without this one. */
  #isNeeded({ metadata, spec }: ServiceCIDR): boolean {
    const others = this.#ranges
      .list()
      .filter((one) => one.metadata.name !== metadata.name)
      .flatMap((one) => one.spec.cidrs ?? [])
    const { cidrs = [] } = spec
    if (cidrs.every((cidr) => others.some((other) => containsRange(other, cidr)))) return false
    const orphaned = ({ metadata: { name, labels } }: IPAddress) =>
      labels?.[MANAGED_BY] === ALLOCATOR &&
      cidrs.some((cidr) => containsAddress(cidr, name)) &&
      !others.some((other) => containsAddress(other, name))
    return this.#addresses.list().some(orphaned)
  }

  async #setReady(found: ServiceCIDR, wanted: typeof READY): Promise<void> {
    const current = found.status.conditions?.find(({ type }) => type === 'Ready')
    const { status, reason, message } = wanted
    const isSame =
      current?.status === status && current.reason === reason && current.message === message
    if (isSame) return
    const { name } = found.metadata
    const condition = {
      ...{ type: 'Ready', status, reason, message },
      lastTransitionTime: formatTime(this.#clock.now()),
    }
    const applied = {
      ...{ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name } },
      status: { conditions: [condition] },
    }
    const fieldManager = 'service-cidr-controller'
    const options = { subresource: 'status', fieldManager, force: true }
    await this.#client.patch(
      ServiceCIDR,
      { name },
      'application/apply-patch+yaml',
      applied,
      options,
    )
  }
}
