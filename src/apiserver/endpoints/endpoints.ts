import type { OpenIdDiscovery } from '../authentication/openid-discovery.ts'
import { JWKS_PATH, OPENID_CONFIGURATION_PATH } from '../authentication/openid-discovery.ts'
import type { Handler, ServerResponse } from '../request.ts'
import { noSuchPath, notAllowed } from '../verbs/routes.ts'
import type { DebugEndpoints } from './debug-endpoints.ts'
import { DebuggingPages, type DebuggingPagesOptions } from './debugging-pages.ts'
import type { DiscoveryEndpoints } from './discovery-endpoints.ts'
import { JsonDocument, respondWithText } from './document.ts'
import type { HealthEndpoints } from './health-endpoints.ts'
import type { OpenApiEndpoints } from './openapi-endpoints.ts'
import type { ServerMetrics } from './server-metrics.ts'
import type { VersionInfo } from './version-info.ts'

export interface EndpointsOptions {
  readonly discovery: DiscoveryEndpoints
  readonly openApi: OpenApiEndpoints
  readonly health: HealthEndpoints
  readonly metrics: ServerMetrics
  readonly openId: OpenIdDiscovery
  readonly version: VersionInfo
  readonly pages: Omit<DebuggingPagesOptions, 'version' | 'paths'>
  /** Absent where nobody may look on. */
  readonly debug?: DebugEndpoints | undefined
}

/** Answers whatever is no request for a resource; the `others` of the API server. */
export function endpoints(options: EndpointsOptions): Handler {
  const { discovery, openApi, health, metrics, openId } = options
  const version = new JsonDocument(() => options.version)
  const paths = () => pathsOf(options)
  const pages = new DebuggingPages({ ...options.pages, version: options.version, paths })
  const routed = new Map<string, () => ServerResponse | Promise<ServerResponse>>([
    ['/version', () => ({ type: 'object', code: 200, object: version.object, isPretty: true })],
    [OPENID_CONFIGURATION_PATH, () => openId.configuration()],
    [JWKS_PATH, () => openId.keys()],
  ])
  return async (request) => {
    const { path, method } = request
    const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path
    const route = routed.get(trimmed) ?? (() => discovery.answer(request))
    const answer = await route()
    if (answer !== undefined) {
      // Lists of groups are answered to whatever method, as all that is below.
      if (method === 'GET' || discovery.isGroups(trimmed)) return answer
      throw notAllowed()
    }
    if (path === '/') return { type: 'object', code: 200, object: { paths: pathsOf(options) } }
    if (path === '/metrics') return metrics.answer()
    if (path === '/metrics/slis') return health.metrics()
    const other =
      (await health.answer(request)) ??
      (await openApi.answer(request)) ??
      pages.answer(request) ??
      (await options.debug?.answer(request))
    if (other !== undefined) return other
    if (discovery.isBelow(path)) throw noSuchPath()
    return respondWithText('404 page not found\n', 404)
  }
}

/** All that is served beside resources, in order. */
function pathsOf({ discovery, health, openApi }: EndpointsOptions): readonly string[] {
  return [
    ...discovery.paths,
    ...health.paths,
    ...openApi.paths.filter((path) => path.split('/').length === 3),
    '/flagz',
    '/statusz',
    '/version',
    '/metrics',
    '/metrics/slis',
    OPENID_CONFIGURATION_PATH,
    JWKS_PATH,
  ].toSorted()
}
