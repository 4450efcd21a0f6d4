import { isIPv4 } from 'node:net'
import { type Clock, sleep } from '../../base/clock.ts'
import type { Client, DraftableKind, DraftObject } from '../../client/client.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import { AddressRange } from '../services/address-range.ts'
import { ensureServiceCidr, type ServiceCidrEvents } from './default-service-cidr.ts'
import { ensure } from './system-namespaces.ts'

export interface KubernetesServiceOptions {
  /** Where pods and nodes reach this server. */
  readonly advertiseAddress: string
  /** Those of all servers, where others share the store; somebody else keeps them when empty. */
  readonly allAddresses?: readonly string[]
  readonly securePort: number
  /** The service has the first address of the first one. */
  readonly serviceCidrs: readonly string[]
}

const METADATA = { namespace: 'default', name: 'kubernetes' }
const SERVICE_PORT = 443
const RETRY_MS = 5000
const MOST_TRIES = 14

/**
 * Makes the service `kubernetes`, by which pods reach the API, and puts the server's address behind
 * it. Throws at the first thing that is refused.
 */
export async function ensureKubernetesService(
  client: Client,
  options: KubernetesServiceOptions,
  clock: Clock,
  events?: ServiceCidrEvents,
): Promise<void> {
  await Promise.all([
    ensureServiceCidr(client, options.serviceCidrs, clock, events),
    ensureService(client, options),
    ensureKubernetesEndpoints(client, options),
  ])
}

/**
 * As `ensureKubernetesService`, when a server starts: where another one has crashed just as it made
 * the service, its address is free a minute later.
 */
export async function startKubernetesService(
  client: Client,
  options: KubernetesServiceOptions,
  clock: Clock,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await ensureKubernetesService(client, options, clock)
      return
    } catch (error) {
      if (!isReason(error, 'Invalid') || tries === MOST_TRIES) throw error
      await sleep(clock, RETRY_MS)
    }
  }
}

/** Keeps the addresses behind the service `kubernetes`, those of all servers that are alive. */
export async function ensureKubernetesEndpoints(
  client: Client,
  { advertiseAddress, allAddresses = [advertiseAddress], securePort }: KubernetesServiceOptions,
): Promise<void> {
  if (allAddresses.length === 0) return
  const isIPv4First = isIPv4(advertiseAddress)
  const reachable = allAddresses.filter(
    (address) => isReachable(address) && isIPv4(address) === isIPv4First,
  )
  const sorted = reachable.toSorted()
  await Promise.all([
    reconcile(client, Endpoints, endpointsDraft(sorted, securePort), ['subsets']),
    reconcileSlice(client, sliceDraft(sorted, securePort, isIPv4First)),
  ])
}

/** To create it again would be refused for its address, before its name is looked at. */
async function ensureService(client: Client, options: KubernetesServiceOptions): Promise<void> {
  if ((await find(client, Service)) !== undefined) return
  await ensure(client.create(Service, serviceDraft(options)))
}

function serviceDraft({ serviceCidrs: [cidr = ''], securePort }: KubernetesServiceOptions) {
  const port = { name: 'https', protocol: 'TCP' as const, port: SERVICE_PORT }
  return {
    metadata: { ...METADATA, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: 'ClusterIP' as const,
      clusterIP: new AddressRange(cidr).at(1n),
      sessionAffinity: 'None' as const,
      ipFamilyPolicy: 'SingleStack' as const,
      ports: [{ ...port, targetPort: securePort }],
    },
  }
}

function endpointsDraft(addresses: readonly string[], securePort: number) {
  // The slice is kept here too: the mirroring controller must leave these alone.
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
  const ports = [{ name: 'https', port: securePort, protocol: 'TCP' as const }]
  const subsets = [{ addresses: addresses.map((ip) => ({ ip })), ports }]
  return {
    metadata: { ...METADATA, labels },
    ...(addresses.length > 0 && { subsets }),
  }
}

function sliceDraft(addresses: readonly string[], securePort: number, isIPv4First: boolean) {
  return {
    metadata: { ...METADATA, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: isIPv4First ? ('IPv4' as const) : ('IPv6' as const),
    endpoints: addresses.map((address) => ({
      addresses: [address],
      conditions: { ready: true },
    })),
    ports: [{ name: 'https', port: securePort, protocol: 'TCP' as const }],
  }
}

/** A server that listens on the loopback interface alone is no endpoint for anybody else. */
function isReachable(address: string): boolean {
  return !address.startsWith('127.') && address !== '::1'
}

/** The family of a slice stays: where a server has moved to another one, the slice is made anew. */
async function reconcileSlice(client: Client, draft: ReturnType<typeof sliceDraft>): Promise<void> {
  await reconcile(client, EndpointSlice, draft, ['endpoints', 'ports'], async (existing) => {
    if (existing.addressType === draft.addressType) return false
    const { resourceVersion } = existing.metadata
    await client.delete(EndpointSlice, METADATA, { preconditions: { resourceVersion } })
    await ensure(client.create(EndpointSlice, draft))
    return true
  })
}

/** Makes an object, or brings those of its fields back that differ. */
async function reconcile<T extends KubeObject, D extends DraftObject>(
  client: Client,
  kind: DraftableKind<T, D>,
  draft: D,
  fields: readonly string[],
  replaced?: (existing: T) => Promise<boolean>,
): Promise<void> {
  const found = await find(client, kind)
  if (found === undefined) {
    await ensure(client.create(kind, draft))
    return
  }
  if (await replaced?.(found)) return
  const existing = found as unknown as Record<string, unknown>
  const wanted = draft as unknown as Record<string, unknown>
  // A list without items is null where it is stored.
  const isKept = (field: string) => deepEqual(existing[field] ?? [], wanted[field] ?? [])
  const changed = fields.filter((field) => !isKept(field))
  if (changed.length === 0) return
  const patch = Object.fromEntries(changed.map((field) => [field, wanted[field]]))
  await client.patch(kind, METADATA, 'application/merge-patch+json', patch)
}

async function find<T extends KubeObject, D extends DraftObject>(
  client: Client,
  kind: DraftableKind<T, D>,
): Promise<T | undefined> {
  try {
    return (await client.get(kind, METADATA)) as T
  } catch (error) {
    if (!isReason(error, 'NotFound')) throw error
    return undefined
  }
}
