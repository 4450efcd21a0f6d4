import { parseJson } from '../../../base/json.ts'
import type {
  APIResourceDiscovery,
  APISubresourceDiscovery,
  APIVersionDiscovery,
} from '../../../machinery/aggregated-discovery.ts'
import type { APIResource, APIResourceList } from '../../../machinery/meta-discovery.ts'
import type { RemoteApiService } from './api-service-table.ts'
import type { RemoteAnswer, RemoteServers } from './remote-server.ts'

/** The versions of a server by `version.group`, as APIServices are named, with their ETag. */
export interface ServerDiscovery {
  readonly versions: ReadonlyMap<string, APIVersionDiscovery>
  readonly etag: string
}

const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const V2_BETA = 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList'

/**
 * What the server behind an APIService serves: its aggregated discovery, or where it is too old
 * for that, the resources of this one version (then `etag` is ''). Rejects where it does not answer.
 */
export async function fetchDiscovery(
  servers: RemoteServers,
  apiService: RemoteApiService,
  known: ServerDiscovery | undefined,
  signal: AbortSignal,
): Promise<ServerDiscovery> {
  const etag = known?.etag ?? ''
  const headers = { accept: `${V2},${V2_BETA}`, ...(etag !== '' && { 'if-none-match': etag }) }
  const answer = await servers.get(apiService, '/apis', headers, signal)
  if (answer.code === 304 && known !== undefined) return known
  if (answer.code === 503) throw new Error(`${answer.url} answered with code 503`)
  if (answer.code === 200 && isAggregated(answer)) return parseAggregated(answer)
  return fetchOldDiscovery(servers, apiService, signal)
}

function isAggregated({ headers }: RemoteAnswer): boolean {
  const type = headers['content-type'] ?? ''
  return /g=apidiscovery\.k8s\.io/.test(type) && /as=APIGroupDiscoveryList/.test(type)
}

interface GroupList {
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string }
    readonly versions?: readonly APIVersionDiscovery[]
  }[]
}

function parseAggregated({ body, headers }: RemoteAnswer): ServerDiscovery {
  const versions = new Map<string, APIVersionDiscovery>()
  for (const group of (parseJson(body.toString()) as GroupList).items ?? []) {
    for (const version of group.versions ?? []) {
      const resources = (version.resources ?? []).map(withResponseKinds)
      versions.set(`${version.version}.${group.metadata?.name ?? ''}`, { ...version, resources })
    }
  }
  return { versions, etag: headers['etag'] ?? '' }
}

const NO_KIND = { group: '', version: '', kind: '' }

/** Some clients fail where a resource says nothing of its kind. */
function withResponseKinds(resource: APIResourceDiscovery): APIResourceDiscovery {
  const { responseKind = NO_KIND, subresources } = resource
  return {
    ...{ ...resource, responseKind },
    ...(subresources !== undefined && {
      subresources: subresources.map((one) => ({
        ...one,
        responseKind: one.responseKind ?? NO_KIND,
      })),
    }),
  }
}

async function fetchOldDiscovery(
  servers: RemoteServers,
  apiService: RemoteApiService,
  signal: AbortSignal,
): Promise<ServerDiscovery> {
  const { group = '', version = '' } = apiService.object.spec
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const headers = { accept: 'application/json' }
  const { code, body, url } = await servers.get(apiService, path, headers, signal)
  if (code !== 200) throw new Error(`${url} answered with code ${code}`)
  const { resources = [] } = parseJson(body.toString()) as Partial<APIResourceList>
  const found = {
    version,
    resources: aggregateResources(resources),
    freshness: 'Current' as const,
  }
  return { versions: new Map([[`${version}.${group}`, found]]), etag: '' }
}

/** Old discovery lists `pods/status` beside `pods`; the new one puts it below. */
function aggregateResources(resources: readonly APIResource[]): readonly APIResourceDiscovery[] {
  const found = new Map<
    string,
    { resource: APIResourceDiscovery; below: APISubresourceDiscovery[] }
  >()
  for (const one of resources) {
    if (one.name.includes('/')) continue
    const { shortNames = [], categories = [] } = one
    const resource: APIResourceDiscovery = {
      resource: one.name,
      responseKind: kindOf(one),
      scope: one.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: one.singularName,
      verbs: one.verbs as APIResourceDiscovery['verbs'],
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    }
    found.set(one.name, { resource, below: [] })
  }
  for (const one of resources) {
    const [name = '', subresource] = one.name.split('/', 2)
    if (subresource === undefined) continue
    const verbs = one.verbs as APISubresourceDiscovery['verbs']
    found.get(name)?.below.push({ subresource, responseKind: kindOf(one), verbs })
  }
  return [...found.values()].map(({ resource, below }) =>
    below.length === 0 ? resource : { ...resource, subresources: below },
  )
}

function kindOf({ group = '', version = '', kind }: APIResource) {
  return { group, version, kind }
}
