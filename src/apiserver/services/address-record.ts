import { type Client, keyOf } from '../../client/client.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import { familyOf } from './address-range.ts'

/** How long a write may take from an address to the service that it is for. */
export const GRACE_MS = 60_000
const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'
const FAMILY = 'ipaddress.kubernetes.io/ip-family'

/** Whether an IPAddress was made for a service, rather than by somebody for something else. */
export function isManaged({ metadata }: KubeObject): boolean {
  return metadata.labels?.[MANAGED_BY] === ALLOCATOR
}

/** Whether its labels are those that it was made with. */
export function hasOwnLabels(address: KubeObject): boolean {
  const { name, labels } = address.metadata
  return labels?.[FAMILY] === familyOf(name) && isManaged(address)
}

/** The key of the service that an address is said to be for; none where it is for another kind. */
export function ownerOf({ spec }: IPAddress): string | undefined {
  const { group = '', resource, namespace = '', name = '' } = spec.parentRef ?? {}
  return group === '' && resource === 'services' ? `${namespace}/${name}` : undefined
}

/** Writes down that a service has an address; throws AlreadyExists where anybody has it. */
export function recordAddress(
  client: Client,
  address: string,
  { metadata }: Pick<Service, 'metadata'>,
): Promise<IPAddress> {
  const labels = { [FAMILY]: familyOf(address), [MANAGED_BY]: ALLOCATOR }
  const { namespace = '', name } = metadata
  const parentRef = { resource: 'services', namespace, name }
  return client.create(IPAddress, { metadata: { name: address, labels }, spec: { parentRef } })
}

/** Removes this very object, and none that has taken its name since. */
export async function removeAddress(client: Client, { metadata }: IPAddress): Promise<void> {
  const { name, uid } = metadata
  try {
    await client.delete(IPAddress, { name }, { preconditions: { uid } })
  } catch (error) {
    if (!isReason(error, 'NotFound', 'Conflict')) throw error
  }
}

/** Whether an address stands recorded for this service. */
export function isRecordOf(address: IPAddress, service: KubeObject): boolean {
  return isManaged(address) && ownerOf(address) === keyOf(service)
}
