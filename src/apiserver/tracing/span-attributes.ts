import type { Attributes } from '../../base/tracing/span.ts'
import type { ServerRequest } from '../request.ts'

/** A longer id is cut, as upstream cuts it. */
const LONGEST_AUDIT_ID = 64
const LONGEST_USER_AGENT = 1024

/** What upstream's spans of answers and of calls say of their request. */
export function commonAttributes(request: ServerRequest): Attributes {
  return {
    'audit-id': auditIdOf(request),
    method: request.method,
    url: request.path,
    protocol: protocolOf(request),
  }
}

/** What upstream's spans of verbs say (`traceFields`). */
export function verbAttributes(request: ServerRequest): Attributes {
  const { info, headers, connection } = request
  return {
    accept: headers['accept'] ?? '',
    'audit-id': auditIdOf(request),
    client: connection?.remoteAddress ?? '',
    'api-group': info.group,
    'api-version': info.version,
    name: info.name,
    subresource: info.subresource,
    namespace: info.namespace,
    protocol: protocolOf(request),
    resource: info.resource,
    scope: info.name !== '' ? 'resource' : info.namespace !== '' ? 'namespace' : 'cluster',
    url: request.path,
    'user-agent': (headers['user-agent'] ?? '').slice(0, LONGEST_USER_AGENT),
    verb: info.verb,
  }
}

/** What is said of every HTTP server's requests, under OpenTelemetry's names. */
export function serverAttributes(request: ServerRequest): Attributes {
  const { method, url, path, headers, connection } = request
  const agent = headers['user-agent'] ?? ''
  const peer = connection?.remoteAddress ?? ''
  const [forwarded = ''] = (headers['x-forwarded-for'] ?? '').split(',')
  const client = forwarded.trim() || peer
  return {
    'http.request.method': method,
    'url.scheme': 'https',
    'url.path': path,
    'http.target': url,
    'network.protocol.version': protocolOf(request) === HTTP_2 ? '2.0' : '1.1',
    ...addressOf(headers['host'] ?? headers[':authority'] ?? ''),
    ...(peer !== '' && { 'network.peer.address': peer }),
    ...(client !== '' && { 'client.address': client }),
    ...(agent !== '' && { 'user_agent.original': agent }),
    'audit-id': auditIdOf(request),
  }
}

/** Upstream's name of the span of a request: its route, without the names in it. */
export function routeOf({ method, info }: ServerRequest): string {
  if (!info.isResourceRequest) return method
  const { group, version, namespace, resource, name, subresource } = info
  const parts = [
    ...(group === '' ? ['api'] : ['apis', group]),
    version,
    ...(namespace === '' ? [] : ['namespaces', '{:namespace}']),
    resource,
    ...(name === '' ? [] : ['{:name}']),
    ...(subresource === '' ? [] : [subresource]),
  ]
  return `${method} /${parts.join('/')}`
}

const HTTP_2 = 'HTTP/2.0'

/** Only connections of HTTP/1.1 can be taken over. */
function protocolOf({ connection }: ServerRequest): string {
  return connection?.takeOver === undefined ? HTTP_2 : 'HTTP/1.1'
}

function auditIdOf({ auditId = '' }: ServerRequest): string {
  return auditId.slice(0, LONGEST_AUDIT_ID)
}

function addressOf(authority: string): Attributes {
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? []
  if (host === '') return {}
  return {
    'server.address': host,
    ...(port !== undefined && { 'server.port': Number(port) }),
  }
}
