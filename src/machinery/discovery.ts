import { createHash } from 'node:crypto'
import {
  type APIGroupDiscovery,
  type APIGroupDiscoveryList,
  groupDiscoveryList,
  resourceDiscovery,
} from './aggregated-discovery.ts'
import { compareGroups, compareVersions } from './group-priority.ts'
import { apiVersionOf, type Kind, type Subresource, type Verb } from './kind.ts'
import type { APIGroup, APIGroupList, APIResource, APIResourceList } from './meta-discovery.ts'

/** The answers of discovery, ready to be encoded. */
export interface Discovery {
  /** The versions of the core group, for `/api`. */
  readonly coreVersions: readonly string[]
  /** For `/apis`: all groups but the core one. */
  readonly groups: APIGroupList
  /** For `/apis/GROUP`, by group. */
  readonly group: ReadonlyMap<string, APIGroup>
  /** For `/api/v1` and `/apis/GROUP/VERSION`, by `v1` or `group/version`. */
  readonly resources: ReadonlyMap<string, APIResourceList>
  /** For `/api` to clients that accept aggregated discovery. */
  readonly aggregatedCore: APIGroupDiscoveryList
  /** For `/apis` to clients that accept aggregated discovery. */
  readonly aggregated: APIGroupDiscoveryList
}

const STATUS_VERBS: readonly Verb[] = ['get', 'patch', 'update']

/** What discovery says of these kinds; those that only a subresource uses are left out. */
export function discoveryOf(kinds: readonly Kind[]): Discovery {
  const served = kinds.filter(({ plural }) => plural !== '')
  const groups = [...groupedBy(served, ({ group }) => group)].toSorted(([a], [b]) =>
    compareGroups(a, b),
  )
  const resources = new Map<string, APIResourceList>()
  const group = new Map<string, APIGroup>()
  const aggregated: APIGroupDiscovery[] = []
  const aggregatedCore: APIGroupDiscovery[] = []
  for (const [name, members] of groups) {
    const versions = [...groupedBy(members, ({ version }) => version)]
      .toSorted(([a], [b]) => compareVersions(a, b))
      .map(([version, list]) => ({ version, list: list.toSorted(byPlural) }))
    for (const { version, list } of versions) {
      const groupVersion = apiVersionOf(name, version)
      resources.set(groupVersion, resourceList(groupVersion, list))
    }
    const item: APIGroupDiscovery = {
      metadata: name === '' ? {} : { name },
      versions: versions.map(({ version, list }) => ({
        version,
        freshness: 'Current',
        resources: list.map((kind) => resourceDiscovery(kind, subresourcesOf(kind))),
      })),
    }
    if (name === '') aggregatedCore.push(item)
    else {
      aggregated.push(item)
      group.set(name, apiGroup(name, versions))
    }
  }
  return {
    coreVersions: aggregatedCore.flatMap(({ versions }) => versions.map(({ version }) => version)),
    groups: { kind: 'APIGroupList', apiVersion: 'v1', groups: [...group.values()].map(inList) },
    group,
    resources,
    aggregatedCore: groupDiscoveryList(aggregatedCore),
    aggregated: groupDiscoveryList(aggregated),
  }
}

/** All subresources of a kind by name: those it names, `status` and `scale`. */
export function subresourcesOf(kind: Kind): readonly Subresource[] {
  const status = hasStatusSubresource(kind) ? [{ name: 'status', verbs: STATUS_VERBS }] : []
  const scale =
    kind.scale === undefined
      ? []
      : [
          {
            name: 'scale',
            verbs: STATUS_VERBS,
            kind: 'Scale',
            group: 'autoscaling',
            version: 'v1',
          },
        ]
  // Upstream names those of custom kinds in this order, all others by name.
  if (kind.custom !== undefined) return [...status, ...scale]
  return [...(kind.subresources ?? []), ...status, ...scale].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  )
}

/** Whether the status has a path of its own: when there is one, unless the kind says otherwise. */
export function hasStatusSubresource(kind: Kind): boolean {
  if (kind.isVirtual) return false
  return kind.hasStatusSubresource ?? Object.hasOwn(kind.schema.fields, 'status')
}

function resourceList(groupVersion: string, kinds: readonly Kind[]): APIResourceList {
  return {
    kind: 'APIResourceList',
    // Upstream leaves it out for its oldest group.
    ...(groupVersion !== 'v1' && { apiVersion: 'v1' }),
    groupVersion,
    resources: kinds.flatMap((kind) => [
      resource(kind),
      ...subresourcesOf(kind).map((one) => subresource(kind, one)),
    ]),
  }
}

function resource(kind: Kind): APIResource {
  const { shortNames = [], categories = [] } = kind
  return {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.scope === 'Namespaced',
    kind: kind.kind,
    verbs: kind.custom?.discoveryVerbs ?? kind.verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(kind.isVirtual ? {} : { storageVersionHash: storageVersionHash(kind) }),
  }
}

function subresource(
  parent: Kind,
  { name, verbs, kind = parent.kind, group, version }: Subresource,
): APIResource {
  return {
    name: `${parent.plural}/${name}`,
    singularName: '',
    namespaced: parent.scope === 'Namespaced',
    ...(group === undefined ? {} : { group }),
    ...(version === undefined ? {} : { version }),
    kind,
    verbs,
  }
}

function apiGroup(name: string, versions: readonly { readonly version: string }[]): APIGroup {
  const all = versions.map(({ version }) => ({
    groupVersion: apiVersionOf(name, version),
    version,
  }))
  const [preferred = { groupVersion: '', version: '' }] = all
  return { kind: 'APIGroup', apiVersion: 'v1', name, versions: all, preferredVersion: preferred }
}

/** In a list a group does not repeat what it is. */
function inList({ name, versions, preferredVersion }: APIGroup): APIGroup {
  return { name, versions, preferredVersion }
}

/** Upstream's hash has named this version of definitions since they had two. */
const HASHED_DEFINITION_VERSION = 'v1beta1'

/** Tells clients when the version in the store changes: eight bytes of a digest of its name. */
export function storageVersionHash(kind: Kind): string {
  const stored = kind.custom?.storedVersion ?? kind.storedAs?.kind() ?? kind
  const version = kind.group === 'apiextensions.k8s.io' ? HASHED_DEFINITION_VERSION : stored.version
  const name = `${stored.group}/${version}/${stored.kind}`
  return createHash('sha256').update(name).digest().subarray(0, 8).toString('base64')
}

function byPlural(a: Kind, b: Kind): number {
  return a.plural < b.plural ? -1 : 1
}

function groupedBy(kinds: readonly Kind[], keyOf: (kind: Kind) => string): Map<string, Kind[]> {
  const groups = new Map<string, Kind[]>()
  for (const kind of kinds) {
    const members = groups.get(keyOf(kind))
    if (members === undefined) groups.set(keyOf(kind), [kind])
    else members.push(kind)
  }
  return groups
}
