import { Service } from '../../kinds/core/v1/service.ts'
import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
} from '../../kinds/discovery/v1/endpoint-slice.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { subdomainNameErrors } from '../../machinery/names.ts'
import { ownerReferenceTo } from '../../machinery/owner-references.ts'
import { areSameStrings } from '../runtime/owner.ts'
import { type AddressType, type EndpointGroup, portsKey } from './desired-endpoints.ts'
import { isHeadless } from './service-pods.ts'

export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
export const HEADLESS = 'service.kubernetes.io/headless'
export const CONTROLLER = 'endpointslice-controller.k8s.io'

const RESERVED: ReadonlySet<string> = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS])

export type SliceDraft = Omit<EndpointSlice, 'metadata' | 'apiVersion' | 'kind'> & {
  readonly metadata: Pick<
    EndpointSlice['metadata'],
    'generateName' | 'namespace' | 'labels' | 'annotations' | 'ownerReferences'
  >
}

export interface SlicePlan {
  readonly create: readonly SliceDraft[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/**
 * What to write so that the slices of one family hold the desired endpoints, at most `capacity`
 * each. Endpoints stay where they are; new ones fill slices that change anyway, then the fullest
 * slice that has room for all that is left, then new slices. Few writes count for more than few
 * slices, since every write goes to every node.
 */
export function planEndpointSlices(
  service: Service,
  existing: readonly EndpointSlice[],
  groups: ReadonlyMap<string, EndpointGroup>,
  addressType: AddressType,
  capacity: number,
): SlicePlan {
  const create: SliceDraft[] = []
  const update: EndpointSlice[] = []
  const remove = existing.filter((slice) => !isOwnedBy(slice, service))
  const owned = existing.filter((slice) => isOwnedBy(slice, service))
  const byPorts = new Map<string, EndpointSlice[]>()
  for (const slice of owned) {
    const key = portsKey(slice.ports ?? [])
    byPorts.set(key, [...(byPorts.get(key) ?? []), slice])
  }
  for (const [key, group] of groups) {
    const plan = planGroup(service, byPorts.get(key) ?? [], group, addressType, capacity)
    create.push(...plan.create)
    update.push(...plan.update)
    remove.push(...plan.remove)
    byPorts.delete(key)
  }
  for (const slices of byPorts.values()) remove.push(...slices)
  return reuse(service, withPlaceholder(service, existing, { create, update, remove }, addressType))
}

function planGroup(
  service: Service,
  existing: readonly EndpointSlice[],
  { ports, endpoints }: EndpointGroup,
  addressType: AddressType,
  capacity: number,
): SlicePlan {
  const wanted = new Map(endpoints.map((endpoint) => [endpointKey(endpoint), endpoint]))
  const unchanged: EndpointSlice[] = []
  const changed: { slice: EndpointSlice; endpoints: Endpoint[] }[] = []
  const remove: EndpointSlice[] = []
  for (const slice of existing) {
    const present = slice.endpoints ?? []
    const kept = present.flatMap((endpoint) => takeFrom(wanted, endpointKey(endpoint)))
    if (kept.length === 0 && present.length > 0) remove.push(slice)
    else if (!deepEqual(kept, present) || !hasLabels(slice, service)) {
      changed.push({ slice, endpoints: kept })
    } else unchanged.push(slice)
  }
  const rest = [...wanted.values()]
  changed.sort((a, b) => b.endpoints.length - a.endpoints.length)
  for (const one of changed) one.endpoints.push(...rest.splice(0, capacity - one.endpoints.length))
  const create: SliceDraft[] = []
  while (rest.length > 0) {
    const slice =
      rest.length < capacity ? fullestWithRoom(unchanged, rest.length, capacity) : undefined
    if (slice === undefined) {
      create.push(newSlice(service, ports, rest.splice(0, capacity), addressType))
    } else {
      unchanged.splice(unchanged.indexOf(slice), 1)
      changed.push({ slice, endpoints: [...(slice.endpoints ?? []), ...rest.splice(0)] })
    }
  }
  const update = changed.map(({ slice, endpoints: next }) => ({
    ...slice,
    metadata: { ...slice.metadata, labels: labelsFor(service) },
    endpoints: next,
  }))
  return { create, update, remove }
}

/** A service without endpoints keeps one empty slice, so that clients know it was looked at. */
function withPlaceholder(
  service: Service,
  existing: readonly EndpointSlice[],
  plan: SlicePlan,
  addressType: AddressType,
): SlicePlan {
  if (existing.length !== plan.remove.length || plan.create.length > 0) return plan
  const placeholder = newSlice(service, [], [], addressType)
  const [only] = plan.remove
  const isThere =
    plan.remove.length === 1 &&
    only !== undefined &&
    (only.endpoints ?? []).length === 0 &&
    (only.ports ?? []).length === 0 &&
    deepEqual(only.metadata.ownerReferences, placeholder.metadata.ownerReferences) &&
    areSameStrings(only.metadata.labels, placeholder.metadata.labels)
  return isThere ? { ...plan, remove: [] } : { ...plan, create: [placeholder] }
}

/** A slice that would go takes the content of one that would come: one write less. */
function reuse(service: Service, { create, update, remove }: SlicePlan): SlicePlan {
  const drafts = [...create]
  const reused: EndpointSlice[] = []
  const gone = remove.filter((slice) => {
    const draft = isOwnedBy(slice, service) ? drafts.pop() : undefined
    if (draft === undefined) return true
    const { labels, ownerReferences } = draft.metadata
    reused.push({ ...slice, ...draft, metadata: { ...slice.metadata, labels, ownerReferences } })
    return false
  })
  return { create: drafts, update: [...update, ...reused], remove: gone }
}

function newSlice(
  service: Service,
  ports: readonly EndpointPort[],
  endpoints: readonly Endpoint[],
  addressType: AddressType,
): SliceDraft {
  const { name, namespace } = service.metadata
  return {
    metadata: {
      generateName: subdomainNameErrors(`${name}-`, true).length === 0 ? `${name}-` : name,
      namespace,
      labels: labelsFor(service),
      ownerReferences: [ownerReferenceTo(service, Service)],
    },
    addressType,
    endpoints,
    ports,
  }
}

/** The service's own labels and those by which its slices are found. */
function labelsFor(service: Service): Readonly<Record<string, string>> {
  const { labels = {}, name } = service.metadata
  const own = Object.entries(labels).filter(([label]) => !RESERVED.has(label))
  return {
    ...Object.fromEntries(own),
    ...(isHeadless(service) && { [HEADLESS]: '' }),
    [SERVICE_NAME]: name,
    [MANAGED_BY]: CONTROLLER,
  }
}

function hasLabels({ metadata }: EndpointSlice, service: Service): boolean {
  return areSameStrings(metadata.labels, labelsFor(service))
}

function isOwnedBy({ metadata }: EndpointSlice, service: Service): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ uid, kind }) => uid === service.metadata.uid && kind === 'Service',
  )
}

function endpointKey({ addresses, hostname, targetRef }: Endpoint): string {
  return JSON.stringify([addresses.toSorted(), hostname, targetRef?.namespace, targetRef?.name])
}

function takeFrom(wanted: Map<string, Endpoint>, key: string): readonly Endpoint[] {
  const endpoint = wanted.get(key)
  wanted.delete(key)
  return endpoint === undefined ? [] : [endpoint]
}

function fullestWithRoom(
  slices: readonly EndpointSlice[],
  count: number,
  capacity: number,
): EndpointSlice | undefined {
  const size = (slice: EndpointSlice) => (slice.endpoints ?? []).length
  return slices
    .filter((slice) => size(slice) > 0 && size(slice) + count <= capacity)
    .toSorted((a, b) => size(b) - size(a))[0]
}
