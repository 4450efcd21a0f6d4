import type { OpenIdDiscovery } from '../authentication/openid-discovery.ts'
import { JWKS_PATH, OPENID_CONFIGURATION_PATH } from '../authentication/openid-discovery.ts'
import type { Handler, ServerRequest, ServerResponse } from '../request.ts'
import { noSuchPath, notAllowed } from '../verbs/routes.ts'
import type { DiscoveryEndpoints } from './discovery-endpoints.ts'
import { JsonDocument } from './document.ts'
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
}

/** Answers whatever is no request for a resource; the `others` of the API server. */
export function endpoints(options: EndpointsOptions): Handler {
  const { discovery, openApi, health, metrics, openId } = options
  const version = new JsonDocument(() => options.version)
  const exact = new Map<string, () => ServerResponse | Promise<ServerResponse>>([
    ['/', () => respondWithPaths(options)],
    ['/version', () => version.respond('application/json')],
    ['/metrics', () => metrics.answer()],
    [OPENID_CONFIGURATION_PATH, () => openId.configuration()],
    [JWKS_PATH, () => openId.keys()],
  ])
  return async (request) => {
    const { path } = request
    const trimmed = path.length > 1 ? path.replace(/\/$/, '') : path
    const answer =
      (await exact.get(trimmed)?.()) ??
      (await health.answer(request)) ??
      discovery.answer(request) ??
      (await openApi.answer(request))
    if (answer === undefined) throw noSuchPath()
    if (!isRead(request)) throw notAllowed()
    return answer
  }
}

function isRead({ method }: ServerRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

function respondWithPaths({ discovery, health, openApi }: EndpointsOptions): ServerResponse {
  const paths = [
    ...discovery.paths,
    ...health.paths,
    ...openApi.paths.filter((path) => path.split('/').length === 3),
    '/version',
    '/metrics',
    OPENID_CONFIGURATION_PATH,
    JWKS_PATH,
  ]
  return { type: 'object', code: 200, object: { paths: paths.toSorted() } }
}
