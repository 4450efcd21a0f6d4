import type { BootstrapRole } from './bootstrap-policy.ts'

/** The cluster roles of users and of the system's components. */
export const CLUSTER_ROLES: readonly BootstrapRole[] = [
  {
    name: 'admin',
    aggregates: 'admin',
  },
  {
    name: 'cluster-admin',
    rules: [
      '* of * in *',
      '* at *',
    ],
  },
  {
    name: 'edit',
    aggregatesTo: 'admin',
    aggregates: 'edit',
  },
  {
    name: 'system:aggregate-to-admin',
    aggregatesTo: 'admin',
    rules: [
      'create of localsubjectaccessreviews in authorization.k8s.io',
      'create delete deletecollection get list patch update watch of rolebindings roles in rbac.authorization.k8s.io',
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregatesTo: 'edit',
    rules: [
      'get list watch of pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy in core',
      'impersonate of serviceaccounts in core',
      'create delete deletecollection patch update of pods pods/attach pods/exec pods/portforward pods/proxy in core',
      'create of pods/eviction in core',
      'create delete deletecollection patch update of configmaps persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy in core',
      'create of serviceaccounts/token in core',
      'create delete deletecollection patch update of events in core events.k8s.io',
      'create delete deletecollection patch update of daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale in apps',
      'create delete deletecollection patch update of horizontalpodautoscalers in autoscaling',
      'create delete deletecollection patch update of cronjobs jobs in batch',
      'create delete deletecollection patch update of daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale in extensions',
      'create delete deletecollection patch update of poddisruptionbudgets in policy',
      'create delete deletecollection patch update of ingresses networkpolicies in networking.k8s.io',
      'create delete deletecollection get list patch update watch of leases in coordination.k8s.io',
      'create delete deletecollection patch update of resourceclaims resourceclaimtemplates in resource.k8s.io',
    ],
  },
  {
    name: 'system:aggregate-to-view',
    aggregatesTo: 'view',
    rules: [
      'get list watch of configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status in core',
      'get list watch of bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status in core',
      'get list watch of namespaces in core',
      'get list watch of events in core events.k8s.io',
      'get list watch of endpointslices in discovery.k8s.io',
      'get list watch of controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status in apps',
      'get list watch of horizontalpodautoscalers horizontalpodautoscalers/status in autoscaling',
      'get list watch of cronjobs cronjobs/status jobs jobs/status in batch',
      'get list watch of daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale in extensions',
      'get list watch of poddisruptionbudgets poddisruptionbudgets/status in policy',
      'get list watch of ingresses ingresses/status networkpolicies in networking.k8s.io',
      'get list watch of resourceclaims resourceclaims/status resourceclaimtemplates in resource.k8s.io',
    ],
  },
  {
    name: 'system:auth-delegator',
    rules: [
      'create of tokenreviews in authentication.k8s.io',
      'create of subjectaccessreviews in authorization.k8s.io',
    ],
  },
  {
    name: 'system:basic-user',
    rules: [
      'create of selfsubjectaccessreviews selfsubjectrulesreviews in authorization.k8s.io',
      'create of selfsubjectreviews in authentication.k8s.io',
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    rules: [
      'create of certificatesigningrequests/nodeclient in certificates.k8s.io',
    ],
  },
  {
    name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    rules: [
      'create of certificatesigningrequests/selfnodeclient in certificates.k8s.io',
    ],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-approver',
    rules: [
      'approve of signers in certificates.k8s.io named kubernetes.io/kube-apiserver-client',
    ],
  },
  {
    name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver',
    rules: [
      'approve of signers in certificates.k8s.io named kubernetes.io/kube-apiserver-client-kubelet',
    ],
  },
  {
    name: 'system:certificates.k8s.io:kubelet-serving-approver',
    rules: [
      'approve of signers in certificates.k8s.io named kubernetes.io/kubelet-serving',
    ],
  },
  {
    name: 'system:certificates.k8s.io:legacy-unknown-approver',
    rules: [
      'approve of signers in certificates.k8s.io named kubernetes.io/legacy-unknown',
    ],
  },
  {
    name: 'system:discovery',
    rules: [
      'get at /api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/',
    ],
  },
  {
    name: 'system:heapster',
    rules: [
      'get list watch of events namespaces nodes pods in core',
      'get list watch of deployments in extensions',
    ],
  },
  {
    name: 'system:kube-aggregator',
    rules: [
      'get list watch of endpoints services in core',
    ],
  },
  {
    name: 'system:kube-controller-manager',
    rules: [
      'create patch update of events in core events.k8s.io',
      'create of leases in coordination.k8s.io',
      'get update of leases in coordination.k8s.io named kube-controller-manager',
      'create of secrets serviceaccounts in core',
      'delete of secrets in core',
      'get of configmaps namespaces secrets serviceaccounts in core',
      'update of secrets serviceaccounts in core',
      'create of tokenreviews in authentication.k8s.io',
      'create of subjectaccessreviews in authorization.k8s.io',
      'list watch of * in *',
      'create of serviceaccounts/token in core',
    ],
  },
  {
    name: 'system:kube-dns',
    rules: [
      'list watch of endpoints services in core',
    ],
  },
  {
    name: 'system:kube-scheduler',
    rules: [
      'create patch update of events in core events.k8s.io',
      'create of leases in coordination.k8s.io',
      'get list update watch of leases in coordination.k8s.io named kube-scheduler',
      'create delete deletecollection get list patch update watch of leasecandidates in coordination.k8s.io',
      'get list watch of nodes in core',
      'delete get list watch of pods in core',
      'create of bindings pods/binding in core',
      'patch update of pods/status in core',
      'get list watch of replicationcontrollers services in core',
      'get list watch of replicasets in apps extensions',
      'get list watch of statefulsets in apps',
      'get list watch of poddisruptionbudgets in policy',
      'get list watch of persistentvolumeclaims persistentvolumes in core',
      'create of tokenreviews in authentication.k8s.io',
      'create of subjectaccessreviews in authorization.k8s.io',
      'get list watch of csinodes in storage.k8s.io',
      'get list watch of volumeattachments in storage.k8s.io',
      'get list watch of namespaces in core',
      'get list watch of csidrivers in storage.k8s.io',
      'get list watch of csistoragecapacities in storage.k8s.io',
      'get list watch of deviceclasses in resource.k8s.io',
      'get list patch update watch of resourceclaims in resource.k8s.io',
      'get list patch update watch of resourceclaims/status in resource.k8s.io',
      'update of pods/finalizers in core',
      'get list watch of resourceslices in resource.k8s.io',
      'create delete of resourceclaims in resource.k8s.io',
      'patch update of resourceclaims/binding in resource.k8s.io',
    ],
  },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      'get list watch of nodes in core',
      'proxy of nodes in core',
      '* of nodes/log nodes/metrics nodes/proxy nodes/stats in core',
      '* of nodes/configz nodes/healthz nodes/pods in core',
    ],
  },
  {
    name: 'system:monitoring',
    rules: [
      'get at /flagz /healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/* /statusz',
      'get of nodes/metrics in core',
    ],
  },
  {
    name: 'system:node',
    rules: [
      'create of tokenreviews in authentication.k8s.io',
      'create of localsubjectaccessreviews subjectaccessreviews in authorization.k8s.io',
      'get list watch of services in core',
      'create get list watch of nodes in core',
      'patch update of nodes/status in core',
      'patch update of nodes in core',
      'create patch update of events in core events.k8s.io',
      'get list watch of pods in core',
      'create delete of pods in core',
      'patch update of pods/status in core',
      'create of pods/eviction in core',
      'get list watch of configmaps secrets in core',
      'get of persistentvolumeclaims persistentvolumes in core',
      'get of endpoints in core',
      'create get list watch of certificatesigningrequests in certificates.k8s.io',
      'create delete get patch update of leases in coordination.k8s.io',
      'get of volumeattachments in storage.k8s.io',
      'create of serviceaccounts/token in core',
      'get patch update of persistentvolumeclaims/status in core',
      'get list watch of csidrivers in storage.k8s.io',
      'create delete get patch update of csinodes in storage.k8s.io',
      'get list watch of runtimeclasses in node.k8s.io',
      'get of resourceclaims in resource.k8s.io',
      'deletecollection of resourceslices in resource.k8s.io',
      'get of serviceaccounts in core',
    ],
  },
  {
    name: 'system:node-bootstrapper',
    rules: [
      'create get list watch of certificatesigningrequests in certificates.k8s.io',
    ],
  },
  {
    name: 'system:node-problem-detector',
    rules: [
      'get of nodes in core',
      'patch of nodes/status in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:node-proxier',
    rules: [
      'list watch of endpoints services in core',
      'get list watch of nodes in core',
      'create patch update of events in core events.k8s.io',
      'list watch of servicecidrs in networking.k8s.io',
      'list watch of endpointslices in discovery.k8s.io',
    ],
  },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      'create delete get list watch of persistentvolumes in core',
      'get list update watch of persistentvolumeclaims in core',
      'get list watch of storageclasses in storage.k8s.io',
      'watch of events in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:public-info-viewer',
    rules: [
      'get at /healthz /livez /readyz /version /version/',
    ],
  },
  {
    name: 'system:service-account-issuer-discovery',
    rules: [
      'get at /.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ],
  },
  {
    name: 'system:volume-scheduler',
    rules: [
      'get list patch update watch of persistentvolumes in core',
      'get list watch of storageclasses in storage.k8s.io',
      'get list patch update watch of persistentvolumeclaims in core',
    ],
  },
  {
    name: 'view',
    aggregatesTo: 'edit',
    aggregates: 'view',
  },
]
