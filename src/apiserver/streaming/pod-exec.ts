import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { offeredProtocols } from './accept-websocket.ts'
import { ensureMayCreate } from './ensure-may-create.ts'
import { forwardUpgrade, type SendTo } from './forward.ts'
import { containerOf, findNodeOf, findPod, isSet } from './pod-location.ts'
import { STREAM_PROTOCOL_V5, translateStreams } from './stream-translator.ts'
import type { StreamingOptions } from './streaming.ts'

/** Names of the query's flags towards a kubelet, which are older than those of the API. */
const KUBELET_FLAGS = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' } as const

/**
 * `pods/NAME/exec` and `pods/NAME/attach`: what the client speaks is passed on to the kubelet as
 * it is, except for version 5 on a WebSocket, which kubelets need translated to SPDY.
 */
export function podExec(
  action: 'exec' | 'attach',
  { kubelets, authorizer }: StreamingOptions,
): SubresourceHandler {
  return async (request, resource, context) => {
    await ensureMayCreate(request, authorizer)
    const { query, info } = request
    const pod = await findPod(request, resource)
    const container = containerOf(pod, query.get('container') ?? '')
    const node = await findNodeOf(pod, context)
    kubelets.locate(node)
    const path = `/${action}/${info.namespace}/${info.name}/${container}?${kubeletQuery(query)}`
    const sendTo: SendTo = (outgoing) => kubelets.send(node, outgoing)
    if (!offeredProtocols(request).includes(STREAM_PROTOCOL_V5)) {
      return forwardUpgrade(request, path, sendTo)
    }
    const streams = {
      stdin: isSet(query, 'stdin'),
      stdout: isSet(query, 'stdout'),
      stderr: isSet(query, 'stderr'),
      tty: isSet(query, 'tty'),
    }
    return translateStreams(request, path, streams, sendTo)
  }
}

function kubeletQuery(query: URLSearchParams): string {
  const passed = new URLSearchParams()
  for (const [flag, name] of Object.entries(KUBELET_FLAGS)) {
    if (isSet(query, flag)) passed.set(name, '1')
  }
  for (const part of query.getAll('command')) passed.append('command', part)
  passed.sort()
  return passed.toString()
}
