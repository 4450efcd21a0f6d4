import { pipeBothWays } from '../../base/pipe-both-ways.ts'
import { badRequest } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { acceptWebSocket, offeredProtocols } from './accept-websocket.ts'
import { ensureMayCreate } from './ensure-may-create.ts'
import { forwardedHeaders, forwardUpgrade, relay, type SendTo } from './forward.ts'
import { findNodeOf, findPod } from './pod-location.ts'
import { dialled } from './reach-backend.ts'
import type { StreamingOptions } from './streaming.ts'
import { WebSocketTunnel } from './websocket-tunnel.ts'

/** Before the name of a SPDY protocol: it is spoken inside a WebSocket. */
const TUNNEL_PREFIX = 'SPDY/3.1+'

/** `pods/NAME/portforward`: SPDY to the kubelet, which the client may wrap in a WebSocket. */
export function podPortForward({ kubelets, authorizer }: StreamingOptions): SubresourceHandler {
  return async (request, resource, context) => {
    await ensureMayCreate(request, authorizer)
    const { namespace, name } = request.info
    const pod = await findPod(request, resource)
    const node = await findNodeOf(pod, context)
    kubelets.locate(node)
    const ports = request.query.getAll('ports').flatMap((one) => one.split(','))
    const query = ports.length === 0 ? '' : `?port=${ports.map(encodeURIComponent).join(',')}`
    const path = `/portForward/${namespace}/${name}${query}`
    const sendTo: SendTo = (outgoing) => kubelets.send(node, outgoing)
    const tunnelled = offeredProtocols(request).filter((one) => one.startsWith(TUNNEL_PREFIX))
    if (tunnelled.length === 0) return forwardUpgrade(request, path, sendTo)
    return tunnel(request, path, tunnelled, sendTo)
  }
}

async function tunnel(
  request: ServerRequest,
  path: string,
  offered: readonly string[],
  sendTo: SendTo,
): Promise<ServerResponse> {
  const { signal } = request
  const protocols = offered.map((one) => one.slice(TUNNEL_PREFIX.length))
  const headers = { ...spdyHeaders(request), 'x-stream-protocol-version': protocols.join(', ') }
  const answer = await dialled(sendTo({ method: 'POST', path, headers, signal }))
  if (answer.type === 'response') return relay(answer)
  const chosen = answer.headers['x-stream-protocol-version'] ?? protocols[0] ?? ''
  if (!protocols.includes(chosen)) {
    answer.socket.destroy()
    throw badRequest(`unable to upgrade: the kubelet speaks ${chosen}`)
  }
  const webSocket = await acceptWebSocket(request, `${TUNNEL_PREFIX}${chosen}`)
  const client = new WebSocketTunnel(webSocket)
  const onAbort = () => webSocket.terminate()
  signal.addEventListener('abort', onAbort, { once: true })
  if (answer.head.length > 0) client.write(answer.head)
  await pipeBothWays(client, answer.socket)
  signal.removeEventListener('abort', onAbort)
  return { type: 'upgraded' }
}

/** The client's headers, with what makes them a WebSocket's replaced by what makes them SPDY's. */
export function spdyHeaders(request: ServerRequest): Record<string, string> {
  const forwarded = Object.entries(forwardedHeaders(request)).filter(
    ([name]) => !name.startsWith('sec-websocket-'),
  )
  return { ...Object.fromEntries(forwarded), connection: 'Upgrade', upgrade: 'SPDY/3.1' }
}
