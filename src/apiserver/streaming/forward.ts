import type {
  BackendRequest,
  BackendResponse,
  UpgradedConnection,
} from '../../base/http-backend.ts'
import { pipeBothWays } from '../../base/pipe-both-ways.ts'
import { formatHead } from '../../base/upgrade-proxy.ts'
import { badRequest } from '../../machinery/status-error.ts'
import { BEARER_PROTOCOL_PREFIX } from '../authentication/bearer-token.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { dialled } from './reach-backend.ts'

/** Sends a request to one server that is known already, such as a node's kubelet. */
export type SendTo = (request: BackendRequest) => Promise<BackendResponse | UpgradedConnection>

/** Of one connection only (RFC 9110, section 7.6.1), or proof of who the client is. */
const NOT_FORWARDED = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer'],
  ...['upgrade', 'host', 'content-length', 'authorization', 'http2-settings'],
])
const SECRET_PREFIXES = [':', 'impersonate-', 'x-remote-']

/** Whether a request asks to switch protocols, whichever it names. */
export function isUpgrade({ headers }: ServerRequest): boolean {
  return /\bupgrade\b/i.test(headers['connection'] ?? '') && (headers['upgrade'] ?? '') !== ''
}

/** The headers of a client that another server may see. */
export function forwardedHeaders(request: ServerRequest): Record<string, string> {
  const { headers } = request
  const forwarded: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || NOT_FORWARDED.has(name)) continue
    if (SECRET_PREFIXES.some((prefix) => name.startsWith(prefix))) continue
    if (request.isProof?.(name) === true) continue
    const shown = name === 'sec-websocket-protocol' ? withoutToken(value) : value
    if (shown !== '') forwarded[name] = shown
  }
  return forwarded
}

/** The protocols that a browser offers, without the one that is its token. */
function withoutToken(protocols: string): string {
  const offered = protocols.split(',').map((one) => one.trim())
  return offered.filter((one) => !one.startsWith(BEARER_PROTOCOL_PREFIX)).join(', ')
}

/** Passes an upgrade on as it is: the server's 101 or refusal is the client's. */
export async function forwardUpgrade(
  request: ServerRequest,
  path: string,
  sendTo: SendTo,
): Promise<ServerResponse> {
  const { connection, signal, method, headers } = request
  if (connection?.takeOver === undefined || !isUpgrade(request)) {
    throw badRequest('Upgrade request required')
  }
  const upgrade = { connection: 'Upgrade', upgrade: headers['upgrade'] ?? '' }
  const answer = await dialled(
    sendTo({ method, path, headers: { ...forwardedHeaders(request), ...upgrade }, signal }),
  )
  if (answer.type === 'response') return relay(answer)
  const client = connection.takeOver()
  const onAbort = () => client.socket.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  client.socket.write(formatHead(101, 'Switching Protocols', answer.headers, answer.cookies))
  if (answer.head.length > 0) client.socket.write(answer.head)
  if (client.head.length > 0) answer.socket.write(client.head)
  await pipeBothWays(client.socket, answer.socket)
  signal.removeEventListener('abort', onAbort)
  return { type: 'upgraded' }
}

/** Another server's answer as one's own. */
export function relay({ code, headers, cookies, body }: BackendResponse): ServerResponse {
  const passed: Record<string, string | readonly string[]> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (!NOT_FORWARDED.has(name)) passed[name] = value
  }
  if (cookies !== undefined) passed['set-cookie'] = cookies
  return { type: 'stream', code, headers: passed, body }
}
