import type { SendRequest } from '../../base/http-backend.ts'
import type { Random } from '../../base/random.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
import { attributesOf } from '../verbs/write-context.ts'
import type { KubeletTransport } from './kubelet-transport.ts'
import { podExec } from './pod-exec.ts'
import { podLog } from './pod-log.ts'
import { podPortForward } from './pod-port-forward.ts'
import { nodeProxy, podProxy, serviceProxy } from './proxies.ts'

export interface StreamingOptions {
  readonly kubelets: KubeletTransport
  /** Reaches pods and services, for their proxies. */
  readonly send: SendRequest
  readonly authorizer: Authorizer
  /** Chooses among the endpoints of a service. */
  readonly random: Random
}

/** The handlers of all subresources that lead to a node, a pod or a service. */
export function streamingSubresources(
  options: StreamingOptions,
): ReadonlyMap<string, SubresourceHandler> {
  const connections: readonly (readonly [string, SubresourceHandler])[] = [
    ['/pods/exec', podExec('exec', options)],
    ['/pods/attach', podExec('attach', options)],
    ['/pods/portforward', podPortForward(options)],
    ['/pods/proxy', podProxy(options)],
    ['/services/proxy', serviceProxy(options)],
    ['/nodes/proxy', nodeProxy(options)],
  ]
  return new Map([
    ['/pods/log', podLog(options.kubelets)],
    ...connections.map(([path, handler]) => [path, admitted(handler)] as const),
  ])
}

/** Whoever judges connections does so before they are made. */
function admitted(handler: SubresourceHandler): SubresourceHandler {
  return async (request, resource, context) => {
    const attributes = {
      ...attributesOf(request, resource, 'CONNECT', false),
      object: undefined,
      oldObject: undefined,
    }
    await context.admission.mutate(attributes)
    await context.admission.validate(attributes)
    return handler(request, resource, context)
  }
}
