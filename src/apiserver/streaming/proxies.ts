import type { HttpTarget } from '../../base/http-backend.ts'
import { randomInt } from '../../base/random.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { parseIp } from '../../machinery/ip-address.ts'
import { badRequest, isReason, notFound, StatusError } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import type { SubresourceHandler, VerbContext } from '../verbs/dispatch.ts'
import { forwardedHeaders, forwardUpgrade, isUpgrade, type SendTo } from './forward.ts'
import { isProxyableAddress, parseProxyName, splitProxyPath } from './proxy-name.ts'
import { reachBackend } from './reach-backend.ts'
import { rewriteAnswer } from './rewrite-page.ts'
import type { StreamingOptions } from './streaming.ts'

/** `nodes/NAME/proxy`: the kubelet's own API, or another port of the node. */
export function nodeProxy({ kubelets, send }: StreamingOptions): SubresourceHandler {
  return async (request, resource, { clock }) => {
    const { scheme, name, port } = parseProxyName(request.info.name, 'node')
    const node = (await resource.store.get('', name)).object as Node
    const kubelet = kubelets.locate(node)
    // A node says itself where it is: not on this machine's own loopback.
    if (parseIp(kubelet.host) !== undefined) checkAddress(kubelet.host)
    if (port === '' || Number(port) === kubelet.port) {
      return proxy(request, (outgoing) => kubelets.send(node, outgoing))
    }
    checkAddress(kubelet.host)
    const target = targetOf(scheme, kubelet.host, Number(port))
    return proxy(request, (outgoing) => reachBackend(send, target, outgoing, clock.now()))
  }
}

/** `pods/NAME/proxy`: a port of a pod, the first that it declares if none is named. */
export function podProxy({ send }: StreamingOptions): SubresourceHandler {
  return async (request, resource, { clock }) => {
    const { scheme, name, port } = parseProxyName(request.info.name, 'pod')
    const pod = (await resource.store.get(request.info.namespace, name)).object as Pod
    const declared = pod.spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort
    const usual = scheme === 'https' ? 443 : 80
    const number = port === '' ? (declared ?? usual) : Number(port)
    const address = pod.status.podIP ?? ''
    checkAddress(address)
    const target = targetOf(scheme, address, number)
    return proxy(request, (outgoing) => reachBackend(send, target, outgoing, clock.now()))
  }
}

/** `services/NAME/proxy`: one of the ready pods behind a service. */
export function serviceProxy(options: StreamingOptions): SubresourceHandler {
  return async (request, _resource, context) => {
    const { namespace } = request.info
    const { scheme, name, port } = parseProxyName(request.info.name, 'service')
    const portName = await servicePortName(context, namespace, name, port)
    const found = await findEndpoint(options, context, namespace, name, portName)
    if (found === undefined) throw noEndpoints(request.info.name)
    checkAddress(found.address)
    const target = targetOf(scheme, found.address, found.port)
    const now = context.clock.now()
    return proxy(request, (outgoing) => reachBackend(options.send, target, outgoing, now))
  }
}

/** Endpoints name their ports as their service does; a number is looked up there. */
async function servicePortName(
  { resources }: VerbContext,
  namespace: string,
  name: string,
  port: string,
): Promise<string> {
  if (!/^\d+$/.test(port)) return port
  const service = (await resources.store(Service).get(namespace, name)).object as Service
  const found = (service.spec.ports ?? []).find((one) => one.port === Number(port))
  if (found !== undefined) return found.name ?? ''
  const why = `no service port ${Number(port)} found for service ${JSON.stringify(name)}`
  throw new StatusError('ServiceUnavailable', why)
}

/** Only addresses of pods: whoever writes Endpoints must not reach other things through us. */
async function findEndpoint(
  { random }: StreamingOptions,
  { resources }: VerbContext,
  namespace: string,
  name: string,
  portName: string,
): Promise<{ readonly address: string; readonly port: number } | undefined> {
  const found = await resources.store(Endpoints).find(namespace, name)
  if (found === undefined) throw notFound(Service, name)
  const endpoints = found.object as Endpoints
  const { subsets = [] } = endpoints
  if (subsets.length === 0) throw noEndpoints(name)
  const candidates = subsets.flatMap(({ addresses = [], ports = [] }) => {
    const port = ports.find((one) => (one.name ?? '') === portName)
    return port === undefined ? [] : addresses.map((address) => ({ address, port: port.port }))
  })
  const start = randomInt(random, Math.max(1, candidates.length))
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[(start + index) % candidates.length]
    const reference = candidate?.address.targetRef
    if (candidate === undefined || reference?.namespace !== namespace) continue
    const pod = await findPodNamed(resources, namespace, reference.name ?? '')
    const { ip } = candidate.address
    if (pod?.status.podIPs?.some((one) => one.ip === ip))
      return { address: ip, port: candidate.port }
  }
  return undefined
}

async function findPodNamed(
  resources: VerbContext['resources'],
  namespace: string,
  name: string,
): Promise<Pod | undefined> {
  try {
    return (await resources.store(Pod).get(namespace, name)).object as Pod
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

function noEndpoints(name: string): StatusError {
  const why = `no endpoints available for service ${JSON.stringify(name)}`
  return new StatusError('ServiceUnavailable', why)
}

function checkAddress(address: string): void {
  if (!isProxyableAddress(address)) throw badRequest('address not allowed')
}

/** What pods serve over TLS has certificates of nobody's authority: none is checked. */
function targetOf(scheme: string, host: string, port: number): HttpTarget {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badRequest('invalid port')
  return scheme === 'https' ? { host, port, tls: {} } : { host, port }
}

async function proxy(request: ServerRequest, sendTo: SendTo): Promise<ServerResponse> {
  const { base, rest } = splitProxyPath(request.url)
  const path = rest.startsWith('/') ? rest : `/${rest}`
  if (isUpgrade(request)) return forwardUpgrade(request, path, sendTo)
  const { method, headers, incoming, signal } = request
  const isRead = method === 'GET' || method === 'HEAD'
  // Links that are relative to the root of what is proxied need the slash.
  if (path !== rest && isRead) return movedTo(`${base}${path}`)
  const hasBody = !isRead && incoming !== undefined
  const length = headers['content-length']
  const answer = await reach(sendTo, {
    ...{ method, path },
    headers: {
      ...forwardedHeaders(request),
      ...forwardingHeaders(request),
      ...(hasBody && length !== undefined && { 'content-length': length }),
    },
    ...(hasBody && { body: incoming }),
    signal,
  })
  if (answer.type === 'upgraded') throw badRequest('an upgrade was not asked for')
  return rewriteAnswer(answer, base)
}

function movedTo(location: string): ServerResponse {
  return { type: 'stream', code: 301, headers: { location }, body: nothing() }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function reach(sendTo: SendTo, outgoing: Parameters<SendTo>[0]): ReturnType<SendTo> {
  try {
    return await sendTo(outgoing)
  } catch (error) {
    const { message } = error as Error
    throw new StatusError('ServiceUnavailable', `error trying to reach service: ${message}`)
  }
}

function forwardingHeaders({ url, headers, connection }: ServerRequest): Record<string, string> {
  const host = headers[':authority'] ?? headers['host']
  const client = connection?.remoteAddress ?? ''
  const before = headers['x-forwarded-for']
  return {
    'x-forwarded-uri': url.split('?')[0] ?? '',
    'x-forwarded-proto': 'https',
    ...(host !== undefined && { 'x-forwarded-host': host }),
    ...(client !== '' && {
      'x-forwarded-for': before === undefined ? client : `${before}, ${client}`,
    }),
  }
}
