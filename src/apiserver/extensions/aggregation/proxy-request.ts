import type { Readable } from 'node:stream'
import { type Clock, deadline } from '../../../base/clock.ts'
import type { BackendResponse, UpgradedConnection } from '../../../base/http-backend.ts'
import { stringifyJson } from '../../../base/json.ts'
import { childAbort } from '../../../base/lifetime.ts'
import type { Logger } from '../../../base/logger.ts'
import { traceHeaders } from '../../../base/tracing/span-context.ts'
import { StatusError } from '../../../machinery/status-error.ts'
import { respondWithText } from '../../endpoints/document.ts'
import type { ServerRequest } from '../../request.ts'
import type { ServerResponse } from '../../response.ts'
import { forwardedHeaders, forwardUpgrade, isUpgrade } from '../../streaming/forward.ts'
import type { Location } from '../../webhooks/service-resolver.ts'
import type { RemoteApiService } from './api-service-table.ts'
import { answerInProcess } from './in-process-answer.ts'
import type { RemoteRequest, RemoteServers } from './remote-server.ts'

export interface ProxyOptions {
  readonly servers: RemoteServers
  readonly clock: Clock
  readonly logger: Logger
  /** Answers that send a client elsewhere are refused; upstream's default. */
  readonly rejectsRedirects: boolean
}

/** `/apis/GROUP/VERSION` is what every client asks first: a server that hangs must not hang them. */
const DISCOVERY_TIMEOUT_MS = 5000
const REDIRECTED = 'the backend attempted to redirect this request, which is not permitted'
/** Of the connection to the server behind, not of the one to the client (RFC 9110, 7.6.1). */
const NOT_RELAYED: ReadonlySet<string> = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'upgrade'],
])

/** Answers a request by the server behind an APIService; its failures are upstream's texts. */
export async function proxyRequest(
  request: ServerRequest,
  apiService: RemoteApiService,
  options: ProxyOptions,
): Promise<ServerResponse> {
  const answer = await answerFor(request, apiService, options)
  if (!request.isInProcess || answer.type !== 'encoded') return answer
  // A text for the wire: callers in this process want an error.
  const reason = answer.code === 503 ? 'ServiceUnavailable' : 'InternalError'
  throw new StatusError(reason, String(answer.object()).trimEnd(), { code: answer.code })
}

async function answerFor(
  request: ServerRequest,
  apiService: RemoteApiService,
  options: ProxyOptions,
): Promise<ServerResponse> {
  if (!apiService.isAvailable) return failure(503, 'service unavailable')
  if (apiService.pool instanceof Error) return failure(500, apiService.pool.message)
  const { user } = request
  if (user === undefined) return failure(500, 'missing user')
  let address: Location
  try {
    address = await options.servers.addressOf(apiService)
  } catch (error) {
    const { namespace, name } = apiService.service
    const { message } = error as Error
    options.logger.error('an API service was not found', {
      service: `${namespace}/${name}`,
      message,
    })
    return failure(503, 'service unavailable')
  }
  try {
    return await forward(request, options, (outgoing) =>
      options.servers.send(apiService, address, user, withTrace(request, outgoing)),
    )
  } catch (error) {
    if (request.signal.aborted) throw error
    const why = options.servers.errorText(apiService, address, error)
    return failure(503, isUpgrade(request) ? why : `error trying to reach service: ${why}`)
  }
}

/** The server behind sees this one's span where it is recorded, else the client's. */
function withTrace({ trace }: ServerRequest, outgoing: RemoteRequest): RemoteRequest {
  if (trace === undefined) return outgoing
  return { ...outgoing, headers: { ...outgoing.headers, ...traceHeaders(trace.span.context) } }
}

type Send = (
  request: Parameters<RemoteServers['send']>[3],
) => Promise<BackendResponse | UpgradedConnection>

async function forward(
  request: ServerRequest,
  options: ProxyOptions,
  send: Send,
): Promise<ServerResponse> {
  const { url, method, signal } = request
  const headers = { ...forwardedHeaders(request), ...proxyHeaders(request) }
  if (isUpgrade(request)) {
    return forwardUpgrade(request, url, (outgoing) =>
      send({ ...outgoing, headers: { ...outgoing.headers, ...proxyHeaders(request) } }),
    )
  }
  const sent = { method, path: url, headers, ...bodyOf(request) }
  const answer = isDiscovery(request)
    ? await sendInTime({ ...sent, signal }, send, options.clock)
    : await send({ ...sent, signal })
  if (answer.type === 'upgraded') {
    answer.socket.destroy()
    return failure(502, 'the backend switched protocols without being asked')
  }
  if (options.rejectsRedirects && isRedirect(answer)) {
    answer.body.destroy()
    return { ...failure(502, REDIRECTED), chunks: () => [Buffer.from(REDIRECTED)] }
  }
  if (request.isInProcess) return answerInProcess(request, answer)
  return { type: 'stream', code: answer.code, headers: relayed(answer), body: answer.body }
}

/** The head must come in time; whoever has it may read on, until the client leaves. */
async function sendInTime(
  { signal, ...request }: Parameters<Send>[0],
  send: Send,
  clock: Clock,
): ReturnType<Send> {
  const ending = childAbort(signal ?? new AbortController().signal)
  const release = () => ending[Symbol.dispose]()
  try {
    const sending = send({ ...request, signal: ending.signal })
    const why = 'context deadline exceeded'
    const answer = await deadline(clock, DISCOVERY_TIMEOUT_MS, why, sending)
    if (answer.type === 'upgraded' || answer.body.closed) release()
    else answer.body.once('close', release)
    return answer
  } catch (error) {
    ending.abort(error)
    release()
    throw error
  }
}

function isDiscovery({ info }: ServerRequest): boolean {
  return !info.isResourceRequest && info.parts.length === 3
}

function isRedirect({ code, headers }: BackendResponse): boolean {
  return code >= 300 && code <= 399 && (headers['location'] ?? '') !== ''
}

/** From the wire as it arrives; from a caller in this process, whose body is a value, as JSON. */
function bodyOf(request: ServerRequest): { body?: Readable | Uint8Array } {
  const { method, object, incoming } = request
  if (request.isInProcess) {
    return object === undefined ? {} : { body: Buffer.from(stringifyJson(object)) }
  }
  if (method === 'GET' || method === 'HEAD' || incoming === undefined) return {}
  return { body: incoming }
}

function proxyHeaders(request: ServerRequest): Record<string, string> {
  const { headers, connection, url, method, auditId, object } = request
  const host = headers[':authority'] ?? headers['host']
  const client = connection?.remoteAddress ?? ''
  const before = headers['x-forwarded-for']
  const length = headers['content-length']
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return {
    'X-Forwarded-Uri': url.split('?')[0] ?? '',
    'X-Forwarded-Proto': 'https',
    ...(host !== undefined && { 'X-Forwarded-Host': host }),
    ...(client !== '' && {
      'X-Forwarded-For': before === undefined ? client : `${before}, ${client}`,
    }),
    ...(auditId !== undefined && { 'Audit-ID': auditId }),
    ...(hasBody && length !== undefined && { 'content-length': length }),
    ...(request.isInProcess && { accept: 'application/json' }),
    ...(request.isInProcess &&
      object !== undefined && { 'content-type': headers['content-type'] ?? 'application/json' }),
  }
}

function relayed({ headers, cookies }: BackendResponse) {
  const own = new Set((headers['connection'] ?? '').toLowerCase().split(/\s*,\s*/))
  const passed: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!NOT_RELAYED.has(name) && !own.has(name)) passed[name] = value
  }
  if (cookies !== undefined) passed['set-cookie'] = cookies
  return passed
}

/** As Go's `http.Error`: a text with a line end. */
function failure(code: number, text: string) {
  return respondWithText(`${text}\n`, code)
}
