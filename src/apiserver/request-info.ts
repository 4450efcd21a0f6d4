/** What a request is about, as authorization, audit, flow control and the verbs see it. */
export interface RequestInfo {
  readonly isResourceRequest: boolean
  readonly path: string
  /** create, get, list, watch, update, patch, delete, deletecollection; else the HTTP method. */
  readonly verb: string
  /** `api`, `apis`, or '' where it is not a resource request. */
  readonly apiPrefix: string
  readonly group: string
  readonly version: string
  /** '' for all namespaces and for cluster scope. A Namespace is in the namespace of its name. */
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** The path from the resource on: `pods/web/proxy/some/path`. */
  readonly parts: readonly string[]
}

const VERB_BY_METHOD: ReadonlyMap<string, string> = new Map([
  ['POST', 'create'],
  ['GET', 'get'],
  ['HEAD', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
])

/** Below a namespace, these are its subresources rather than resources within it. */
const NAMESPACE_SUBRESOURCES: ReadonlySet<string> = new Set(['status', 'finalize'])

/** Reads a path by upstream's rules (RequestInfoFactory). */
export function parseRequestInfo(
  method: string,
  path: string,
  query: URLSearchParams,
): RequestInfo {
  const parts = path.split('/')
  if (parts[0] === '') parts.shift()
  if (parts.at(-1) === '') parts.pop()
  const [prefix] = parts
  const isGrouped = prefix === 'apis'
  if (!(isGrouped || prefix === 'api') || parts.length < (isGrouped ? 4 : 3)) {
    return nonResource(method, path, parts)
  }
  const group = isGrouped ? (parts[1] ?? '') : ''
  const version = parts[isGrouped ? 2 : 1] ?? ''
  const target = parts.slice(isGrouped ? 3 : 2)
  let verb = VERB_BY_METHOD.get(method) ?? ''
  if (target[0] === 'watch' || target[0] === 'proxy') {
    if (target.length < 2) return nonResource(method, path, parts)
    verb = target.shift() ?? ''
  }
  const namespace = takeNamespace(target)
  const name = target[1] ?? ''
  const subresource = verb === 'proxy' ? '' : (target[2] ?? '')
  const found = refineCollectionVerb(verb, name, query)
  return {
    isResourceRequest: true,
    path,
    verb: found.verb,
    apiPrefix: prefix ?? '',
    group,
    version,
    namespace,
    resource: target[0] ?? '',
    subresource,
    name: found.name,
    parts: target,
  }
}

function nonResource(method: string, path: string, parts: readonly string[]): RequestInfo {
  return {
    isResourceRequest: false,
    path,
    verb: method.toLowerCase(),
    apiPrefix: '',
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    parts,
  }
}

/** Removes `namespaces/NAME` from what lies within a namespace, and gives the name. */
function takeNamespace(target: string[]): string {
  if (target[0] !== 'namespaces' || target.length < 2) return ''
  const namespace = target[1] ?? ''
  if (target.length > 2 && !NAMESPACE_SUBRESOURCES.has(target[2] ?? '')) target.splice(0, 2)
  return namespace
}

/** A request for a whole collection lists, watches or deletes it; a field selector may name one. */
function refineCollectionVerb(verb: string, name: string, query: URLSearchParams) {
  if (name !== '') return { verb, name }
  if (verb === 'delete') return { verb: 'deletecollection', name }
  if (verb !== 'get' && verb !== 'watch') return { verb, name }
  const isWatch = verb === 'watch' || isTrue(query.get('watch'))
  return { verb: isWatch ? 'watch' : 'list', name: selectedName(query.get('fieldSelector')) }
}

/** Booleans of a query: present means true, unless it says false or 0. */
export function isTrue(value: string | null): boolean {
  return value !== null && value.toLowerCase() !== 'false' && value !== '0'
}

/** Of several names the first in the order of the selector's terms, as where it is read in full. */
function selectedName(fieldSelector: string | null): string {
  if (fieldSelector === null) return ''
  const matches = fieldSelector.matchAll(/(?<=^|,)metadata\.name={1,2}([^,=!\\]+)(?=,|$)/g)
  let first = ''
  let name = ''
  for (const [term, value = ''] of matches) {
    if (first !== '' && term >= first) continue
    first = term
    name = value
  }
  return name === '.' || name === '..' || /[/%]/.test(name) ? '' : name
}
