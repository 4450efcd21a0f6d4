import type { Kind, Subresource, Verb } from './kind.ts'

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

/** A subresource in aggregated discovery. */
export interface APISubresourceDiscovery {
  readonly subresource: string
  readonly responseKind: GroupVersionKind
  readonly verbs: readonly Verb[]
}

/** A resource in aggregated discovery, with its subresources. */
export interface APIResourceDiscovery {
  readonly resource: string
  readonly responseKind: GroupVersionKind
  readonly scope: Kind['scope']
  readonly singularResource: string
  readonly verbs: readonly Verb[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: readonly APISubresourceDiscovery[]
}

/** A version in aggregated discovery; `Stale` when its server did not answer. */
export interface APIVersionDiscovery {
  readonly version: string
  /** Absent where none is known. */
  readonly resources?: readonly APIResourceDiscovery[]
  readonly freshness: 'Current' | 'Stale'
}

/** A group in aggregated discovery; the core group has no name. */
export interface APIGroupDiscovery {
  readonly metadata: { readonly name?: string }
  readonly versions: readonly APIVersionDiscovery[]
}

/** All groups, versions and resources in one answer (`apidiscovery.k8s.io/v2`). */
export interface APIGroupDiscoveryList {
  readonly kind: 'APIGroupDiscoveryList'
  readonly apiVersion: 'apidiscovery.k8s.io/v2'
  readonly metadata: Readonly<Record<string, never>>
  readonly items: readonly APIGroupDiscovery[]
}

/** A kind in aggregated discovery; an empty group or version means that of the list it is in. */
export function resourceDiscovery(
  kind: Kind,
  subresources: readonly Subresource[],
): APIResourceDiscovery {
  const { shortNames = [], categories = [] } = kind
  return {
    resource: kind.plural,
    responseKind: responseKindOf(kind),
    scope: kind.scope,
    singularResource: kind.singular,
    verbs: kind.custom?.discoveryVerbs ?? kind.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0
      ? { subresources: subresources.map((one) => subresourceDiscovery(kind, one)) }
      : {}),
  }
}

function subresourceDiscovery(
  parent: Kind,
  { name, verbs, kind, group = '', version = '' }: Subresource,
): APISubresourceDiscovery {
  const responseKind = kind === undefined ? responseKindOf(parent) : { group, version, kind }
  return { subresource: name, responseKind, verbs }
}

/** Upstream names group and version of custom kinds alone. */
function responseKindOf({ group, version, kind, custom }: Kind): GroupVersionKind {
  return custom === undefined ? { group: '', version: '', kind } : { group, version, kind }
}

/** The list around groups, for `/api` or for `/apis`. */
export function groupDiscoveryList(items: readonly APIGroupDiscovery[]): APIGroupDiscoveryList {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items,
  }
}
