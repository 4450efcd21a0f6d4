import type { NamespaceOption } from '../../cri/messages/resources.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'

/** Which kernel namespaces a pod has of its own, and which its containers share. */
export function podNamespaces({ spec }: Pod): NamespaceOption {
  const { hostNetwork = false, hostIPC = false, hostPID = false } = spec
  const isPidShared = spec.shareProcessNamespace === true
  return {
    network: hostNetwork ? 'NODE' : 'POD',
    ipc: hostIPC ? 'NODE' : 'POD',
    pid: hostPID ? 'NODE' : isPidShared ? 'POD' : 'CONTAINER',
  }
}
