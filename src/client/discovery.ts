import { formatError } from '../base/logger.ts'
import { apiVersionOf, type KindRef, type KubeObject, type Verb } from '../machinery/kind.ts'
import type { APIGroupList, APIResource, APIResourceList } from '../machinery/meta-discovery.ts'
import type { Client } from './client.ts'

/** A resource that a server serves, in the version that it prefers. */
export interface ServedResource {
  readonly kind: KindRef
  readonly verbs: ReadonlySet<string>
}

export interface ServedResources {
  readonly resources: readonly ServedResource[]
  /** Groups and versions whose resources could not be asked for, with the reason. */
  readonly failures: ReadonlyMap<string, string>
}

/** Asks a server what it serves: built-in, custom and aggregated resources, each once. */
export async function discoverResources(client: Client): Promise<ServedResources> {
  const { groups } = (await client.raw('GET', '/apis')) as APIGroupList
  // The preferred version first: of a resource in several versions the first one counts.
  const versions = [
    ['', 'v1'] as const,
    ...groups.flatMap(({ name, versions, preferredVersion }) =>
      versions
        .toSorted((a, b) => rank(a.version, preferredVersion) - rank(b.version, preferredVersion))
        .map(({ version }) => [name, version] as const),
    ),
  ]
  const failures = new Map<string, string>()
  const lists = await Promise.all(
    versions.map(async ([group, version]) => {
      try {
        return await resourcesOf(client, group, version)
      } catch (error) {
        failures.set(apiVersionOf(group, version), formatError(error))
        return []
      }
    }),
  )
  const byName = new Map<string, ServedResource>()
  for (const resource of lists.flat()) {
    const name = `${resource.kind.group}/${resource.kind.plural}`
    if (!byName.has(name)) byName.set(name, resource)
  }
  return { resources: [...byName.values()], failures }
}

/** Whether all these verbs may be used on a resource. */
export function supports({ verbs }: ServedResource, ...wanted: readonly Verb[]): boolean {
  return wanted.every((verb) => verbs.has(verb))
}

async function resourcesOf(
  client: Client,
  group: string,
  version: string,
): Promise<readonly ServedResource[]> {
  const root = group === '' ? '/api' : `/apis/${group}`
  const { resources } = (await client.raw('GET', `${root}/${version}`)) as APIResourceList
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((resource) => ({
      kind: kindRefOf(group, version, resource),
      verbs: new Set(resource.verbs),
    }))
}

function kindRefOf(group: string, version: string, resource: APIResource): KindRef {
  const { name, kind, namespaced } = resource
  return kindRef(group, version, kind, name, namespaced)
}

/** Names a kind that is known only at run time. */
function kindRef(
  group: string,
  version: string,
  kind: string,
  plural: string,
  isNamespaced: boolean,
): KindRef {
  return {
    group,
    version,
    kind,
    plural,
    scope: isNamespaced ? 'Namespaced' : 'Cluster',
    apiVersion: apiVersionOf(group, version),
  } as KindRef & { object: KubeObject }
}

function rank(version: string, preferred: { readonly version: string }): number {
  return version === preferred.version ? 0 : 1
}
