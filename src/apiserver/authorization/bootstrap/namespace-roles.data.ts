import type { BootstrapRole } from './bootstrap-policy.ts'

/** The roles in the system's own namespaces. */
export const NAMESPACE_ROLES: readonly BootstrapRole[] = [
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-public',
    rules: [
      'get list watch of configmaps in core',
      'update of configmaps in core named cluster-info',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: [
      'get list watch of configmaps in core named extension-apiserver-authentication',
    ],
  },
  {
    name: 'system::leader-locking-kube-controller-manager',
    namespace: 'kube-system',
    rules: [
      'create get list update watch of leases in coordination.k8s.io',
      'create get list update watch of leasecandidates in coordination.k8s.io',
    ],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    namespace: 'kube-system',
    rules: [
      'create get list update watch of leases in coordination.k8s.io',
      'create get list update watch of leasecandidates in coordination.k8s.io',
    ],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-system',
    rules: [
      'get list watch of secrets in core',
    ],
  },
  {
    name: 'system:controller:cloud-provider',
    namespace: 'kube-system',
    rules: [
      'create get list watch of configmaps in core',
    ],
  },
  {
    name: 'system:controller:token-cleaner',
    namespace: 'kube-system',
    rules: [
      'delete get list watch of secrets in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
]
