import { subresourcesOf } from '../../machinery/discovery.ts'
import type { Kind, Verb } from '../../machinery/kind.ts'
import { badRequest, StatusError } from '../../machinery/status-error.ts'
import { CBOR } from '../cbor/media-type.ts'
import { apiCodec } from '../protobuf/api-protobuf.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import type { ServerRequest } from '../request.ts'

type Methods = ReadonlySet<string>

/** What a kind's paths take. A path that is not here leads nowhere. */
interface Routes {
  readonly collection: Methods
  /** Across all namespaces. */
  readonly everywhere: Methods
  readonly item: Methods
  /** Below `/watch/`, of a collection or an item. */
  readonly watch: Methods
  readonly subresources: ReadonlyMap<string, Methods>
  /** What a list and what anything else can be answered in. */
  readonly listTypes: readonly string[]
  readonly objectTypes: readonly string[]
}

const METHOD_BY_VERB: Readonly<Record<Verb, string>> = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
  deletecollection: 'DELETE',
}
/** A proxy passes these on too, though discovery knows no verbs for them. */
const PROXIED = ['HEAD', 'OPTIONS']
/** Requests of these go elsewhere and answers come from there, in whatever type they have. */
const CONNECTIONS: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward', 'proxy'])

const PATCH_TYPES: ReadonlySet<string> = new Set([
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/apply-patch+cbor',
])
const NONE: Methods = new Set()

const known = new WeakMap<Kind, Routes>()

/**
 * Refuses what has no route: 404 for a path that a kind has not, 405 for a method that a path has
 * not, then 415 and 406 for media types that none of its routes take. What is refused here never
 * reaches a verb, so that not even a deprecated version is warned of.
 */
export function checkRoute(request: ServerRequest, kind: Kind): void {
  let routes = known.get(kind)
  if (routes === undefined) {
    routes = routesOf(kind)
    known.set(kind, routes)
  }
  const methods = methodsOf(request, kind, routes)
  if (methods.size === 0) throw noSuchPath()
  if (!methods.has(request.method)) throw notAllowed()
  if (request.method === 'PATCH') checkPatchType(request)
  checkAccept(request, routes)
  checkName(request)
}

/** A name that a path cannot hold in one piece may lead elsewhere. */
function checkName({ info }: ServerRequest): void {
  const { name } = info
  const isDots = name === '.' || name === '..'
  if (!isDots && !name.includes('/') && !name.includes('%')) return
  const found = isDots ? [name] : ['/', '%'].filter((one) => name.includes(one))
  const why = found.map((one) => (isDots ? `may not be '${one}'` : `may not contain '${one}'`))
  const list = why.length === 1 ? why[0] : `[${why.join(' ')}]`
  throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${list}`)
}

function routesOf(kind: Kind): Routes {
  const { verbs } = kind
  const isNamespaced = kind.scope === 'Namespaced'
  const of = (...some: readonly Verb[]): Methods =>
    new Set(verbs.filter((verb) => some.includes(verb)).map((verb) => METHOD_BY_VERB[verb]))
  const subresources = subresourcesOf(kind).map(({ name, verbs: own }) => {
    const methods = own.map((verb) => METHOD_BY_VERB[verb])
    return [name, new Set(name === 'proxy' ? [...methods, ...PROXIED] : methods)] as const
  })
  const types = ['application/json', 'application/yaml']
  const objectTypes = apiCodec.supports(kind.schema) ? [...types, PROTOBUF] : types
  const streams = objectTypes.filter((type) => type !== 'application/yaml')
  const watched = streams.map((type) => `${type};stream=watch`)
  return {
    collection: of('list', 'watch', 'create', 'deletecollection'),
    everywhere: isNamespaced ? of('list') : NONE,
    item: of('get', 'update', 'patch', 'delete'),
    watch: of('watch'),
    subresources: new Map(subresources),
    listTypes: verbs.includes('watch') ? [...objectTypes, ...watched] : objectTypes,
    objectTypes,
  }
}

function methodsOf({ info, path }: ServerRequest, kind: Kind, routes: Routes): Methods {
  const { namespace, parts, verb, apiPrefix, version } = info
  const isNamespaced = kind.scope === 'Namespaced'
  const isNamespace = kind.group === '' && kind.plural === 'namespaces'
  if (!isNamespaced && namespace !== '' && !(isNamespace && namespace === parts[1])) return NONE
  if (verb === 'proxy') return NONE
  const [, name = '', subresource = ''] = parts
  if (verb === 'watch') {
    const after = `/${apiPrefix}/${info.group === '' ? '' : `${info.group}/`}${version}/watch/`
    if (path.startsWith(after)) {
      if (parts.length > 2 || (isNamespaced && namespace === '' && name !== '')) return NONE
      return routes.watch
    }
  }
  if (isNamespaced && namespace === '') return parts.length === 1 ? routes.everywhere : NONE
  if (name === '') return routes.collection
  if (parts.length === 2) return routes.item
  if (parts.length > 3 && subresource !== 'proxy') return NONE
  return routes.subresources.get(subresource) ?? NONE
}

function checkPatchType({ headers, info }: ServerRequest): void {
  if (CONNECTIONS.has(info.subresource)) return
  const types = (headers['content-type'] ?? '').split(',').map(withoutParameters)
  if (types.some((type) => PATCH_TYPES.has(type))) return
  throw new StatusError('UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })
}

/** Before anything is read of what a client prefers: is there anything that it takes at all? */
function checkAccept({ headers, info, method }: ServerRequest, routes: Routes): void {
  const { accept } = headers
  if (accept === undefined || accept === '' || accept === 'application/json') return
  if (CONNECTIONS.has(info.subresource)) return
  const isList = method === 'GET' && info.subresource === '' && info.parts.length === 1
  const offered = isList ? routes.listTypes : routes.objectTypes
  const isLog = info.subresource === 'log'
  const all = isLog ? ['text/plain', ...offered] : offered
  // CBOR is for who knows of it: upstream's message does not offer it.
  checkAccepted(accept, all, [CBOR])
}

/** 406 with what there is, where a client takes none of it; `silent` are types that are not named. */
export function checkAccepted(
  accept: string | undefined,
  offered: readonly string[],
  silent: readonly string[] = [],
): void {
  if (accept === undefined || accept === '') return
  const types = accept.split(',').map(withoutParameters)
  const isTaken = (type: string) =>
    type === '*/*' || offered.includes(type) || silent.includes(type)
  if (types.some(isTaken)) return
  const message = `406: Not Acceptable\n\nAvailable representations: ${offered.join(', ')}`
  throw new StatusError('NotAcceptable', message, { details: {} })
}

function withoutParameters(type: string): string {
  const [plain = ''] = type.split(';')
  return plain.trim()
}

/** 405 in upstream's words. */
export function notAllowed(): StatusError {
  return new StatusError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    { details: {} },
  )
}

/** 404 for a path that leads nowhere, as clients are told by their own libraries. */
export function noSuchPath(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource', {
    details: {},
  })
}
