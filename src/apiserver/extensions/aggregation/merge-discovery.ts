import {
  type APIGroupDiscovery,
  type APIVersionDiscovery,
  groupDiscoveryList,
} from '../../../machinery/aggregated-discovery.ts'
import type { Discovery } from '../../../machinery/discovery.ts'
import {
  CUSTOM_GROUP_PRIORITY,
  compareVersions,
  GROUP_PRIORITIES,
} from '../../../machinery/group-priority.ts'
import type { APIGroup } from '../../../machinery/meta-discovery.ts'
import { CUSTOM_VERSION_PRIORITY } from './local-api-services.ts'
import { VERSION_PRIORITIES } from './version-priorities.data.ts'

/** A version that another server serves, and its place among all. */
export interface RemoteVersion {
  readonly group: string
  readonly groupPriority: number
  readonly versionPriority: number
  /** `Stale`, with what is known, as long as its server does not answer. */
  readonly discovery: APIVersionDiscovery
}

interface Placed {
  readonly groupPriority: number
  readonly versionPriority: number
  readonly discovery: APIVersionDiscovery
}

/**
 * Discovery with what other servers serve among it, where its priorities put it: a group is where
 * the highest of its versions wants it. A remote version takes the place of a local one.
 */
export function mergeDiscovery(local: Discovery, remote: readonly RemoteVersion[]): Discovery {
  if (remote.length === 0) return local
  const groups = new Map<string, Map<string, Placed>>()
  const put = (group: string, placed: Placed) => {
    const versions = groups.get(group) ?? new Map<string, Placed>()
    groups.set(group, versions.set(placed.discovery.version, placed))
  }
  for (const { metadata, versions } of local.aggregated.items) {
    const { name = '' } = metadata
    for (const discovery of versions) put(name, placeOfLocal(name, discovery))
  }
  for (const { group, ...placed } of remote) if (group !== '') put(group, placed)
  const items = [...groups]
    .map(([name, versions]) => ({ name, versions: [...versions.values()].toSorted(byPriority) }))
    .toSorted(
      (a, b) => priorityOf(b.versions) - priorityOf(a.versions) || (a.name < b.name ? -1 : 1),
    )
  const group = new Map(items.map(({ name, versions }) => [name, groupOf(name, versions)]))
  return {
    ...local,
    group,
    groups: {
      ...local.groups,
      groups: [...group.values()].map(({ name, versions, preferredVersion }) => ({
        ...{ name, versions, preferredVersion },
      })),
    },
    aggregated: groupDiscoveryList(
      items.map(
        ({ name, versions }): APIGroupDiscovery => ({
          metadata: { name },
          versions: versions.map(({ discovery }) => asWritten(discovery)),
        }),
      ),
    ),
  }
}

/** A version of which no resource is known does not mention any, as Go leaves out what is empty. */
function asWritten(discovery: APIVersionDiscovery): APIVersionDiscovery {
  const { resources = [], ...others } = discovery
  return resources.length > 0 ? discovery : others
}

function placeOfLocal(group: string, discovery: APIVersionDiscovery): Placed {
  return {
    groupPriority: GROUP_PRIORITIES[group] ?? CUSTOM_GROUP_PRIORITY,
    versionPriority: VERSION_PRIORITIES[`${group}/${discovery.version}`] ?? CUSTOM_VERSION_PRIORITY,
    discovery,
  }
}

function byPriority(a: Placed, b: Placed): number {
  const difference = b.versionPriority - a.versionPriority
  return difference === 0 ? compareVersions(a.discovery.version, b.discovery.version) : difference
}

function priorityOf(versions: readonly Placed[]): number {
  return Math.max(...versions.map(({ groupPriority }) => groupPriority))
}

function groupOf(name: string, placed: readonly Placed[]): APIGroup {
  const versions = placed.map(({ discovery: { version } }) => ({
    groupVersion: `${name}/${version}`,
    version,
  }))
  const [preferredVersion = { groupVersion: '', version: '' }] = versions
  return { kind: 'APIGroup', apiVersion: 'v1', name, versions, preferredVersion }
}
