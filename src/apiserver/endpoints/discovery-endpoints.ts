import { discoveryOf } from '../../machinery/discovery.ts'
import type { Kind } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import { CBOR } from '../cbor/media-type.ts'
import { mergeDiscovery, type RemoteVersion } from '../extensions/aggregation/merge-discovery.ts'
import { type Conversion, MEDIA_TYPES, type MediaType, negotiate } from '../listener/accept.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { checkAccepted } from '../verbs/routes.ts'
import { JsonDocument } from './document.ts'

const JSON_TYPE = 'application/json'
const AGGREGATED_TYPE = `${JSON_TYPE};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`

/** Documents by path. */
interface Built {
  readonly documents: ReadonlyMap<string, JsonDocument>
  readonly aggregated: ReadonlyMap<string, JsonDocument>
}

/** Which groups, versions and resources there are: `/api`, `/apis` and below. */
export class DiscoveryEndpoints {
  readonly #addressOf: () => string
  #kinds: readonly Kind[]
  #remote: readonly RemoteVersion[] = []
  /** Undefined since something has changed that nobody has asked for yet. */
  #built: Built | undefined

  /** `addressOf` gives the `host:port` that clients are told to use. */
  constructor(kinds: readonly Kind[], addressOf: () => string) {
    this.#addressOf = addressOf
    this.#kinds = kinds
  }

  /** From now on these kinds are served. */
  update(kinds: readonly Kind[]): void {
    this.#kinds = kinds
    this.#built = undefined
  }

  /** From now on other servers serve these versions, behind this one. */
  updateRemote(versions: readonly RemoteVersion[]): void {
    this.#remote = versions
    this.#built = undefined
  }

  /** All paths that are answered here, for the index. */
  get paths(): readonly string[] {
    return [...this.#documents().documents.keys()]
  }

  /** Whether a path is that of all groups, or of one. */
  isGroups(path: string): boolean {
    const [, root, , ...rest] = path.split('/')
    return root === 'apis' && rest.length === 0
  }

  /** Whether a path would be of a version that is served here, were there such a resource. */
  isBelow(path: string): boolean {
    const [, root, group = ''] = path.split('/')
    if (root === 'api') return true
    if (root !== 'apis' || group === '') return false
    // Groups that have custom kinds alone come and go; upstream knows no paths below them.
    return this.#kinds.some((kind) => kind.group === group && kind.custom === undefined)
  }

  /** Undefined where the path is not discovery's. */
  answer(request: ServerRequest): ServerResponse | undefined {
    const path = request.path.replace(/\/$/, '')
    // Most requests that come here are no resource's either, but those of health checks.
    if (!path.startsWith('/api')) return undefined
    const { documents, aggregated: all } = this.#documents()
    const document = documents.get(path)
    if (document === undefined) return undefined
    const { accept } = request.headers
    if (!this.isGroups(path) && this.isBelow(path)) checkAccepted(accept, MEDIA_TYPES, [CBOR])
    const aggregated = all.get(path)
    if (aggregated !== undefined && wantsAggregated(accept)) {
      const headers = { 'cache-control': 'public' }
      return aggregated.respondWithETag(request, AGGREGATED_TYPE, headers)
    }
    negotiate(accept)
    const answer = document.respond(JSON_TYPE)
    return this.isGroups(path) || this.isBelow(path) ? answer : { ...answer, hasNoCbor: true }
  }

  #documents(): Built {
    this.#built ??= this.#build()
    return this.#built
  }

  #build(): Built {
    const discovery = mergeDiscovery(discoveryOf(this.#kinds), this.#remote)
    const documents = new Map<string, JsonDocument>([
      ['/api', new JsonDocument(() => this.#coreVersions(discovery.coreVersions))],
      ['/apis', new JsonDocument(() => discovery.groups)],
    ])
    for (const [name, group] of discovery.group) {
      documents.set(`/apis/${name}`, new JsonDocument(() => group))
    }
    for (const [groupVersion, list] of discovery.resources) {
      const root = groupVersion.includes('/') ? '/apis' : '/api'
      documents.set(`${root}/${groupVersion}`, new JsonDocument(() => list))
    }
    const aggregated = new Map([
      ['/api', new JsonDocument(() => discovery.aggregatedCore)],
      ['/apis', new JsonDocument(() => discovery.aggregated)],
    ])
    return { documents, aggregated }
  }

  #coreVersions(versions: readonly string[]): object {
    return {
      kind: 'APIVersions',
      versions,
      serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#addressOf() }],
    }
  }
}

/** Whoever takes the aggregated form gets it, though the plain one be named first. */
function wantsAggregated(accept: string | undefined): boolean {
  if (accept === undefined || !accept.includes('apidiscovery.k8s.io')) return false
  try {
    return negotiate(accept, isAggregated, MEDIA_TYPES, []).convertTo !== undefined
  } catch (error) {
    if (isReason(error, 'NotAcceptable')) return false
    throw error
  }
}

/** The aggregated documents exist as JSON alone. */
function isAggregated({ group, version, kind }: Conversion, mediaType: MediaType): boolean {
  if (mediaType === PROTOBUF) return false
  return group === 'apidiscovery.k8s.io' && version === 'v2' && kind === 'APIGroupDiscoveryList'
}
