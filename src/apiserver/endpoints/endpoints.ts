import type { OpenIdDiscovery } from '../authentication/openid-discovery.ts'
import { JWKS_PATH, OPENID_CONFIGURATION_PATH } from '../authentication/openid-discovery.ts'
import type { Handler } from '../handler.ts'
import type { ServerResponse } from '../response.ts'
import { checkAccepted, noSuchPath, notAllowed } from '../verbs/routes.ts'
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
  const routed = new Map<string, Route>([
    ['/version', { type: JSON_TYPE, answer: () => pretty(version.object) }],
    [OPENID_CONFIGURATION_PATH, { type: JSON_TYPE, answer: () => openId.configuration() }],
    [JWKS_PATH, { type: 'application/jwk-set+json', answer: () => openId.keys() }],
  ])
  const roots = [...routed.keys()]
  return async (request) => {
    const { path, method } = request
    const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path
    const route = routed.get(trimmed)
    if (route !== undefined) {
      if (method !== 'GET') throw notAllowed()
      checkAccepted(request.headers['accept'], [route.type])
      return route.answer()
    }
    const answer = discovery.answer(request)
    if (answer !== undefined) {
      // Lists of groups are answered to whatever method, as all that is below.
      if (method === 'GET' || discovery.isGroups(trimmed)) return answer
      throw notAllowed()
    }
    if (path === '/' || path === '/index.html') return pretty({ paths: pathsOf(options) })
    // Only where it is profiled, as upstream.
    const isReset = method === 'DELETE' && options.debug !== undefined
    if (path === '/metrics') return isReset ? metrics.reset() : metrics.answer()
    if (path === '/metrics/slis') return isReset ? health.resetMetrics() : health.metrics()
    const other =
      (await health.answer(request)) ??
      (await openApi.answer(request)) ??
      pages.answer(request) ??
      (await options.debug?.answer(request))
    if (other !== undefined) return other
    if (discovery.isBelow(path) || roots.some((root) => path.startsWith(`${root}/`))) {
      throw noSuchPath()
    }
    return respondWithText('404 page not found\n', 404)
  }
}

const JSON_TYPE = 'application/json'

/** A document with the one type that it has. */
interface Route {
  readonly type: string
  answer(): ServerResponse
}

/** JSON for human eyes, whatever a client prefers. */
function pretty(object: unknown): ServerResponse {
  return { type: 'object', code: 200, object, isPretty: true }
}

/** All that is served beside resources, in order. */
function pathsOf({ discovery, health, openApi }: EndpointsOptions): readonly string[] {
  return [
    ...discovery.paths,
    '/apis/',
    '/openapi/v3/',
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
