import type { SendRequest } from '../../base/http-backend.ts'
import type { Random } from '../../base/random.ts'
import type { Authorizer } from '../authorization/authorizer.ts'
import type { SubresourceHandler } from '../verbs/dispatch.ts'
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
  return new Map([
    ['/pods/log', podLog(options.kubelets)],
    ['/pods/exec', podExec('exec', options)],
    ['/pods/attach', podExec('attach', options)],
    ['/pods/portforward', podPortForward(options)],
    ['/pods/proxy', podProxy(options)],
    ['/services/proxy', serviceProxy(options)],
    ['/nodes/proxy', nodeProxy(options)],
  ])
}
