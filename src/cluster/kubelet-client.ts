import type { Client } from '../client/client.ts'
import { ClusterRoleBinding } from '../kinds/rbac/v1/cluster-role-binding.ts'
import { isReason } from '../machinery/status-error.ts'

/** The user as which the API server calls kubelets, upstream's name. */
export const KUBELET_CLIENT = 'kube-apiserver-kubelet-client'

/** Kubelets ask the API server who may come in: this server must be among them. */
export async function letIntoKubelets(client: Client): Promise<void> {
  try {
    await client.create(ClusterRoleBinding, {
      metadata: { name: 'wherry:apiserver-to-kubelets' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'system:kubelet-api-admin',
      },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: KUBELET_CLIENT }],
    })
  } catch (error) {
    if (!isReason(error, 'AlreadyExists')) throw error
  }
}
