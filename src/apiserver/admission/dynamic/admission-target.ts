import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import type { ResourceTable } from '../../registry/resource-table.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import type { AdmissionAttributes } from '../admission.ts'
import type { GroupVersionResource, RuleTarget } from './rule-matching.ts'

export interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** A write as webhooks and policies see it: under the names that its client used. */
export interface AdmissionTarget extends RuleTarget {
  readonly attributes: AdmissionAttributes
  /** Of what was sent; that of the subresource, where it has one. */
  readonly kind: GroupVersionKind
  readonly name: string
  /** Absent for kinds that are answered, not stored. */
  readonly served: ServedResource | undefined
}

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' }

/** What a write is about, as webhooks and policies are matched with it. */
export function targetOf(
  attributes: AdmissionAttributes,
  resources: ResourceTable,
): AdmissionTarget {
  const { info } = attributes.request
  const { group, version, resource, subresource } = info
  const served = resources.find(group, version, resource)
  return {
    attributes,
    operation: attributes.operation,
    resource: { group, version, resource },
    subresource,
    kind: kindOf(attributes, served),
    namespace: namespaceOf(attributes),
    // A collection's objects are judged one by one, but the request names none.
    name: info.verb === 'deletecollection' ? '' : attributes.name,
    served,
  }
}

/** An object's own name where it is a Namespace, also before it exists. */
function namespaceOf({ namespace, name, request, object }: AdmissionAttributes): string {
  const { info } = request
  if (namespace !== '') return namespace
  if (info.group !== '' || info.resource !== 'namespaces') return info.namespace
  return info.namespace || name || (object?.metadata.name ?? '')
}

function kindOf(
  { operation, kind, request }: AdmissionAttributes,
  served: ServedResource | undefined,
): GroupVersionKind {
  const { subresource } = request.info
  if (served === undefined || kind !== served.store.kind) return kind
  if (subresource === 'scale') return SCALE
  if (operation === 'CONNECT') return connectKind(served.kind, subresource)
  return served.kind
}

/** The kind of a connection's options. */
function connectKind({ subresources }: Kind, name: string): GroupVersionKind {
  const {
    group = '',
    version = 'v1',
    kind = '',
  } = subresources?.find((one) => one.name === name) ?? {}
  return { group, version, kind }
}

/** A resource under another of its names, and the kind that its objects have there. */
export interface Equivalent {
  readonly resource: GroupVersionResource
  readonly kind: GroupVersionKind
  readonly served: ServedResource
}

/**
 * The other versions and groups in which the same objects are served, for match policy Equivalent.
 * Of a subresource with a kind of its own there are none, but for the scale, which is one kind for
 * all.
 */
export function equivalentsOf({ served, kind, subresource }: AdmissionTarget): Equivalent[] {
  if (served === undefined) return []
  const isOwn = kind.kind === served.kind.kind
  if (!isOwn && subresource !== 'scale') return []
  const others = [...served.family.values()].filter((one) => one !== served)
  return others
    .filter((other) => subresource === '' || hasSubresource(other.kind, subresource))
    .map((other) => {
      const { group, version, plural } = other.kind
      const resource = { group, version, resource: plural }
      return isOwn ? { resource, kind: other.kind, served: other } : { resource, kind, served }
    })
}

function hasSubresource(kind: Kind, name: string): boolean {
  if (name === 'status') return kind.custom === undefined || kind.hasStatusSubresource === true
  if (name === 'scale') return kind.scale !== undefined
  return (kind.subresources ?? []).some((one) => one.name === name)
}

/** Whether an object is one of the resource's own, rather than a Binding, Eviction or the like. */
export function isOwnObject(served: ServedResource, object: KubeObject): boolean {
  return object.kind === served.store.kind.kind
}
