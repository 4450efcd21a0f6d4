import { type Clock, formatTime } from '../../base/clock.ts'
import type { Client } from '../../client/client.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { ensure } from './system-namespaces.ts'

const KEY = { name: 'kubernetes' }

/**
 * Makes the ServiceCIDR of the server's own ranges where it is missing, and says that it is ready.
 * A cluster that has got a second family is told so; other differences are left alone.
 */
export async function ensureServiceCidr(
  client: Client,
  serviceCidrs: readonly string[],
  clock: Clock,
): Promise<void> {
  await ensure(client.create(ServiceCIDR, { metadata: KEY, spec: { cidrs: serviceCidrs } }))
  let found = await client.get(ServiceCIDR, KEY)
  const { cidrs = [] } = found.spec
  if (serviceCidrs.length === 2 && cidrs.length === 1 && cidrs[0] === serviceCidrs[0]) {
    found = await client.update(ServiceCIDR, { ...found, spec: { cidrs: serviceCidrs } })
  }
  const { metadata, status } = found
  const isSettled = status.conditions?.some(({ type }) => type === 'Ready') === true
  const isOwn = deepEqual(found.spec.cidrs, serviceCidrs)
  if (isSettled || !isOwn || metadata.deletionTimestamp !== undefined) return
  const ready = {
    ...{ type: 'Ready', status: 'True' },
    lastTransitionTime: formatTime(clock.now()),
    message: 'Kubernetes default Service CIDR is ready',
  }
  const applied = {
    ...{ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: KEY },
    status: { conditions: [ready] },
  }
  const fieldManager = 'kubernetes-service-cidr-controller'
  const options = { subresource: 'status', fieldManager, force: true }
  await client.patch(ServiceCIDR, KEY, 'application/apply-patch+yaml', applied, options)
}
