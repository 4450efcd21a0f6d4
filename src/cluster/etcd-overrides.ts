import type { Kind } from '../machinery/kind.ts'

/** That a resource is kept in an etcd of its own. */
export interface EtcdOverride {
  readonly group: string
  /** `*` for all of the group that are not named. */
  readonly resource: string
  /** URLs of the members of one cluster, with commas. */
  readonly servers: string
}

/** Their definitions are kept with the rest by upstream's servers, whatever the flag says. */
const NEVER_ELSEWHERE: ReadonlySet<string> = new Set([
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
])

/**
 * Reads upstream's `--etcd-servers-overrides`: `group/resource#URL;URL`, several joined by commas.
 * Throws upstream's message where it is something else.
 */
export function parseEtcdOverrides(list: string): readonly EtcdOverride[] {
  return list.split(',').map((text) => {
    const [place = '', urls = '', ...rest] = text.trim().split('#')
    const [group = '', resource = '', ...more] = place.split('/')
    const servers = urls.split(';')
    const isPlace = place.includes('/') && more.length === 0
    if (!isPlace || rest.length > 0 || servers.includes('')) {
      throw new Error(
        '--etcd-servers-overrides invalid, must be of format: group/resource#servers, ' +
          'where servers are URLs, semicolon separated',
      )
    }
    return { group, resource, servers: servers.join(',') }
  })
}

/** Tells one etcd from another, in whatever order its members are named. */
export function etcdIdOf(servers: string): string {
  return servers.split(',').toSorted().join(',')
}

/**
 * The servers of each kind that is stored elsewhere, of these. As upstream: a resource weighs more
 * than its group, the last of the same override weighs more than the others, and resources of
 * CustomResourceDefinitions, the definitions and APIServices stay.
 */
export function kindsElsewhere(
  overrides: readonly EtcdOverride[],
  kinds: readonly Kind[],
): ReadonlyMap<Kind, string> {
  const found = new Map<Kind, string>()
  for (const kind of kinds) {
    if (kind.isVirtual === true || kind.storedAs !== undefined) continue
    if (NEVER_ELSEWHERE.has(kind.group)) continue
    const ofGroup = overrides.filter(({ group }) => group === kind.group)
    const override =
      ofGroup.findLast(({ resource }) => resource === kind.plural) ??
      ofGroup.findLast(({ resource }) => resource === '*')
    if (override !== undefined) found.set(kind, override.servers)
  }
  return found
}
