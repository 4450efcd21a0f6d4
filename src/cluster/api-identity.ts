import type { UserInfo } from '../apiserver/request.ts'

const AUTHENTICATED = 'system:authenticated'

/** The components of a control plane, under the names that the bootstrap roles know. */
export const IDENTITIES = {
  apiServer: user('system:apiserver', 'system:masters'),
  controllerManager: user('system:kube-controller-manager'),
  scheduler: user('system:kube-scheduler'),
  proxy: user('system:kube-proxy'),
} as const

/** A kubelet: the Node authorizer knows it by name and group. */
export function nodeIdentity(nodeName: string): UserInfo {
  return user(`system:node:${nodeName}`, 'system:nodes')
}

/** A controller: a service account in kube-system, to which its bootstrap role is bound. */
export function controllerIdentity(serviceAccount: string): UserInfo {
  return user(
    `system:serviceaccount:kube-system:${serviceAccount}`,
    'system:serviceaccounts',
    'system:serviceaccounts:kube-system',
  )
}

function user(name: string, ...groups: readonly string[]): UserInfo {
  return { name, groups: [...groups, AUTHENTICATED] }
}
