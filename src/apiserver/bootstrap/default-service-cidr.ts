import { type Clock, formatTime } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { isReason } from '../../machinery/status-error.ts'
import { ensure } from './system-namespaces.ts'

const KEY = { name: 'kubernetes' }

/** Who keeps it, as upstream. */
export const SERVICE_CIDR_CONTROLLER = 'kubernetes-service-cidr-controller'

const FAILED = 'KubernetesDefaultServiceCIDRError'

/** Tells administrators what is wrong with the default ServiceCIDR; what lasts is told once. */
export class ServiceCidrEvents {
  readonly #recorder: EventRecorder
  readonly #told = new Set<string>()

  constructor(recorder: EventRecorder) {
    this.#recorder = recorder
  }

  failed(serviceCidr: ServiceCIDR, message: string): void {
    this.#recorder.event(serviceCidr, 'Warning', FAILED, message)
  }

  lasting(serviceCidr: ServiceCIDR, what: string, reason: string, message: string): void {
    if (this.#told.has(what)) return
    this.#told.add(what)
    this.#recorder.event(serviceCidr, 'Warning', reason, message)
  }
}

/**
 * Makes the ServiceCIDR of the server's own ranges where it is missing, and says that it is ready.
 * A cluster that has got a second family is told so; other differences are left alone. Throws where
 * it cannot be made; what else fails is told by an event, and tried again the next time.
 */
export async function ensureServiceCidr(
  client: Client,
  serviceCidrs: readonly string[],
  clock: Clock,
  events?: ServiceCidrEvents,
): Promise<void> {
  const found = (await find(client)) ?? (await make(client, serviceCidrs))
  const { cidrs = [] } = found.spec
  if (serviceCidrs.length === 2 && cidrs.length === 1 && cidrs[0] === serviceCidrs[0]) {
    await upgrade(client, found, serviceCidrs, events)
    return
  }
  if (found.metadata.deletionTimestamp !== undefined) return
  if (!deepEqual(cidrs, serviceCidrs)) {
    const own = `does not match the controller flag configurations ${listOf(serviceCidrs)}`
    const message = `The default ServiceCIDR ${listOf(cidrs)} ${own}`
    events?.lasting(found, 'ranges', 'KubernetesDefaultServiceCIDRInconsistent', message)
    return
  }
  const ready = found.status.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status === 'False') {
    const message = `Configuration matches, but ${ready.message}`
    events?.lasting(found, 'condition', ready.reason, message)
  } else if (ready?.status !== 'True') await setReady(client, found, clock, events)
}

async function find(client: Client): Promise<ServiceCIDR | undefined> {
  try {
    return await client.get(ServiceCIDR, KEY)
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    return undefined
  }
}

/** Or finds what another server has made in the meantime. */
async function make(client: Client, serviceCidrs: readonly string[]): Promise<ServiceCIDR> {
  await ensure(client.create(ServiceCIDR, { metadata: KEY, spec: { cidrs: serviceCidrs } }))
  return client.get(ServiceCIDR, KEY)
}

async function upgrade(
  client: Client,
  found: ServiceCIDR,
  serviceCidrs: readonly string[],
  events: ServiceCidrEvents | undefined,
): Promise<void> {
  try {
    await client.update(ServiceCIDR, { ...found, spec: { cidrs: serviceCidrs } })
  } catch (error) {
    const to = `to dual stack ${listOf(serviceCidrs)} : ${formatError(error)}`
    events?.failed(
      found,
      `The default ServiceCIDR can not be upgraded from ${serviceCidrs[0]} ${to}`,
    )
  }
}

async function setReady(
  client: Client,
  found: ServiceCIDR,
  clock: Clock,
  events: ServiceCidrEvents | undefined,
): Promise<void> {
  const ready = {
    ...{ type: 'Ready', status: 'True' },
    lastTransitionTime: formatTime(clock.now()),
    message: 'Kubernetes default Service CIDR is ready',
  }
  const applied = {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: KEY },
    status: { conditions: [ready] },
  }
  const options = { subresource: 'status', fieldManager: SERVICE_CIDR_CONTROLLER, force: true }
  try {
    await client.patch(ServiceCIDR, KEY, 'application/apply-patch+yaml', applied, options)
  } catch {
    events?.failed(found, 'The default ServiceCIDR Status can not be set to Ready=True')
  }
}

/** As Go prints a list. */
function listOf(cidrs: readonly string[]): string {
  return `[${cidrs.join(' ')}]`
}
