import { type EndpointSubset, Endpoints } from '../../kinds/core/v1/endpoints.ts'
import type {
  Endpoint,
  EndpointPort,
  EndpointSlice,
} from '../../kinds/discovery/v1/endpoint-slice.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { parseIp } from '../../machinery/ip-address.ts'
import { subdomainNameErrors } from '../../machinery/names.ts'
import { ownerReferenceTo } from '../../machinery/owner-references.ts'
import { portsKey } from '../endpointslice/desired-endpoints.ts'
import { MANAGED_BY, SERVICE_NAME, type SliceDraft } from '../endpointslice/plan-endpoint-slices.ts'
import { LAST_CHANGE_TRIGGER_TIME } from '../endpointslice/trigger-times.ts'
import { areSameStrings } from '../runtime/owner.ts'

export const CONTROLLER = 'endpointslicemirroring-controller.k8s.io'
/** More addresses of one subset are not mirrored. */
export const MAX_PER_SUBSET = 1000

const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Endpoints that somebody keeps by hand and has not excluded. */
export function shouldMirror({ metadata }: Endpoints): boolean {
  return metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined
}

export interface MirrorPlan {
  readonly create: readonly SliceDraft[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
  /** Addresses that are no IP addresses, and all that were left out. */
  readonly invalid: number
  readonly skipped: number
}

interface Group {
  readonly addressType: 'IPv4' | 'IPv6'
  readonly ports: readonly EndpointPort[]
  readonly endpoints: Endpoint[]
}

/** One slice for each set of ports and each address family. */
export function planMirror(endpoints: Endpoints, existing: readonly EndpointSlice[]): MirrorPlan {
  const { groups, invalid, skipped } = groupsOf(endpoints.subsets ?? [])
  const create: SliceDraft[] = []
  const update: EndpointSlice[] = []
  const unused = new Set(existing)
  for (const [key, group] of groups) {
    const present = [...unused].find((slice) => sliceKey(slice) === key)
    const draft = draftOf(endpoints, group)
    if (present === undefined) create.push(draft)
    else {
      unused.delete(present)
      if (!isCurrent(present, draft)) update.push(rewritten(present, draft))
    }
  }
  const remove = [...unused].filter((slice) => {
    const index = create.findIndex(({ addressType }) => addressType === slice.addressType)
    if (index < 0) return true
    const [draft] = create.splice(index, 1)
    if (draft !== undefined) update.push(rewritten(slice, draft))
    return false
  })
  return { create, update, remove, invalid, skipped }
}

function groupsOf(subsets: readonly EndpointSubset[]) {
  const groups = new Map<string, Group>()
  let invalid = 0
  let skipped = 0
  for (const { addresses = [], notReadyAddresses = [], ports: subsetPorts = [] } of subsets) {
    const ports = subsetPorts.map(({ name = '', port, protocol, appProtocol }) => ({
      name,
      port,
      protocol,
      ...(appProtocol !== undefined && { appProtocol }),
    }))
    let added = 0
    const all = [
      ...addresses.map((address) => ({ address, ready: true })),
      ...notReadyAddresses.map((address) => ({ address, ready: false })),
    ]
    for (const { address, ready } of all) {
      const ip = parseIp(address.ip)
      if (ip === undefined) invalid++
      if (ip === undefined || added >= MAX_PER_SUBSET) {
        skipped++
        continue
      }
      added++
      const key = `${ip.family} ${portsKey(ports)}`
      const group = groups.get(key) ?? { addressType: ip.family, ports, endpoints: [] }
      groups.set(key, group)
      const { nodeName, hostname, targetRef } = address
      group.endpoints.push({
        addresses: [ip.canonical],
        conditions: { ready },
        ...(hostname !== undefined && { hostname }),
        ...(targetRef !== undefined && { targetRef }),
        ...(nodeName !== undefined && { nodeName }),
      })
    }
  }
  return { groups, invalid, skipped }
}

function draftOf({ metadata, ...rest }: Endpoints, group: Group): SliceDraft {
  const { name, namespace, labels } = metadata
  const {
    [LAST_CHANGE_TRIGGER_TIME]: _t,
    [LAST_APPLIED]: _l,
    ...annotations
  } = metadata.annotations ?? {}
  return {
    metadata: {
      generateName: subdomainNameErrors(`${name}-`, true).length === 0 ? `${name}-` : name,
      namespace,
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER },
      annotations,
      ownerReferences: [ownerReferenceTo({ ...rest, metadata }, Endpoints)],
    },
    ...group,
  }
}

function isCurrent(slice: EndpointSlice, draft: SliceDraft): boolean {
  return (
    haveSameEndpoints(slice.endpoints ?? [], draft.endpoints ?? []) &&
    areSameStrings(slice.metadata.labels, draft.metadata.labels) &&
    areSameStrings(slice.metadata.annotations, draft.metadata.annotations) &&
    deepEqual(slice.metadata.ownerReferences, draft.metadata.ownerReferences)
  )
}

/** Their order says nothing. */
function haveSameEndpoints(a: readonly Endpoint[], b: readonly Endpoint[]): boolean {
  const byAddress = (one: Endpoint, two: Endpoint) =>
    `${one.addresses}` < `${two.addresses}` ? -1 : 1
  return deepEqual(a.toSorted(byAddress), b.toSorted(byAddress))
}

function rewritten(slice: EndpointSlice, draft: SliceDraft): EndpointSlice {
  const { labels, annotations, ownerReferences } = draft.metadata
  return {
    ...slice,
    ...draft,
    metadata: { ...slice.metadata, labels, annotations, ownerReferences },
  }
}

function sliceKey({ addressType, ports }: EndpointSlice): string {
  return `${addressType} ${portsKey(ports ?? [])}`
}
