import type { BootstrapRole } from './bootstrap-policy.ts'

/** The cluster roles of the controllers, each bound to the service account of its name. */
export const CONTROLLER_ROLES: readonly BootstrapRole[] = [
  {
    name: 'system:controller:attachdetach-controller',
    rules: [
      'list watch of persistentvolumeclaims persistentvolumes in core',
      'get list watch of nodes in core',
      'patch update of nodes/status in core',
      'list watch of pods in core',
      'create patch update of events in core events.k8s.io',
      'create delete get list watch of volumeattachments in storage.k8s.io',
      'get list watch of csidrivers in storage.k8s.io',
      'get list watch of csinodes in storage.k8s.io',
    ],
  },
  {
    name: 'system:controller:certificate-controller',
    rules: [
      'delete get list watch of certificatesigningrequests in certificates.k8s.io',
      'update of certificatesigningrequests/approval certificatesigningrequests/status in certificates.k8s.io',
      'approve of signers in certificates.k8s.io named kubernetes.io/kube-apiserver-client-kubelet',
      'sign of signers in certificates.k8s.io named kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown',
      'create of subjectaccessreviews in authorization.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:clusterrole-aggregation-controller',
    rules: [
      'escalate get list patch update watch of clusterroles in rbac.authorization.k8s.io',
    ],
  },
  {
    name: 'system:controller:cronjob-controller',
    rules: [
      'get list update watch of cronjobs in batch',
      'create delete get list patch update watch of jobs in batch',
      'update of cronjobs/status in batch',
      'update of cronjobs/finalizers in batch',
      'delete list watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:daemon-set-controller',
    rules: [
      'get list watch of daemonsets in apps extensions',
      'update of daemonsets/status in apps extensions',
      'update of daemonsets/finalizers in apps extensions',
      'list watch of nodes in core',
      'create delete list patch watch of pods in core',
      'create of pods/binding in core',
      'create delete get list patch update watch of controllerrevisions in apps',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:deployment-controller',
    rules: [
      'get list update watch of deployments in apps extensions',
      'update of deployments/status in apps extensions',
      'update of deployments/finalizers in apps extensions',
      'create delete get list patch update watch of replicasets in apps extensions',
      'get list update watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:device-taint-eviction-controller',
    rules: [
      'delete get list watch of pods in core',
      'patch update of pods/status in core',
      'get list watch of resourceclaims in resource.k8s.io',
      'get list watch of resourceslices in resource.k8s.io',
      'get list watch of deviceclasses in resource.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:disruption-controller',
    rules: [
      'get list watch of deployments in apps extensions',
      'get list watch of replicasets in apps extensions',
      'get list watch of replicationcontrollers in core',
      'get list watch of poddisruptionbudgets in policy',
      'get list watch of statefulsets in apps',
      'update of poddisruptionbudgets/status in policy',
      'patch update of pods/status in core',
      'get of */scale in *',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:endpoint-controller',
    rules: [
      'get list watch of pods services in core',
      'create delete get list update watch of endpoints in core',
      'create of endpoints/restricted in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:endpointslice-controller',
    rules: [
      'get list watch of nodes pods services in core',
      'update of services/finalizers in core',
      'create delete get list update watch of endpointslices in discovery.k8s.io',
      'create of endpointslices/restricted in discovery.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:endpointslicemirroring-controller',
    rules: [
      'get list watch of endpoints services in core',
      'update of services/finalizers in core',
      'update of endpoints/finalizers in core',
      'create delete get list update watch of endpointslices in discovery.k8s.io',
      'create of endpointslices/restricted in discovery.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:ephemeral-volume-controller',
    rules: [
      'get list watch of pods in core',
      'update of pods/finalizers in core',
      'create get list watch of persistentvolumeclaims in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:expand-controller',
    rules: [
      'get list patch update watch of persistentvolumes in core',
      'patch update of persistentvolumeclaims/status in core',
      'get list watch of persistentvolumeclaims in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:generic-garbage-collector',
    rules: [
      'delete get list patch update watch of * in *',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:horizontal-pod-autoscaler',
    rules: [
      'get list watch of horizontalpodautoscalers in autoscaling',
      'update of horizontalpodautoscalers/status in autoscaling',
      'get update of */scale in *',
      'list watch of pods in core',
      'list watch of pods in metrics.k8s.io',
      'get list watch of * in custom.metrics.k8s.io',
      'get list watch of * in external.metrics.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:job-controller',
    rules: [
      'get list patch update watch of jobs in batch',
      'update of jobs/status in batch',
      'update of jobs/finalizers in batch',
      'create delete list patch watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:legacy-service-account-token-cleaner',
    rules: [
      'get of configmaps in core named kube-apiserver-legacy-service-account-token-tracking',
      'delete patch of secrets in core',
    ],
  },
  {
    name: 'system:controller:namespace-controller',
    rules: [
      'delete get list watch of namespaces in core',
      'update of namespaces/finalize namespaces/status in core',
      'delete deletecollection get list watch of * in *',
    ],
  },
  {
    name: 'system:controller:node-controller',
    rules: [
      'delete get list patch update watch of nodes in core',
      'patch update of nodes/status in core',
      'patch update of pods/status in core',
      'delete get list watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:persistent-volume-binder',
    rules: [
      'create delete get list update watch of persistentvolumes in core',
      'update of persistentvolumes/status in core',
      'get list update watch of persistentvolumeclaims in core',
      'update of persistentvolumeclaims/status in core',
      'create delete get list watch of pods in core',
      'get list watch of storageclasses in storage.k8s.io',
      'list watch of nodes in core',
      'create patch update of events in core events.k8s.io',
      'watch of events in core',
    ],
  },
  {
    name: 'system:controller:pod-garbage-collector',
    rules: [
      'delete list watch of pods in core',
      'get list watch of nodes in core',
      'patch of pods/status in core',
    ],
  },
  {
    name: 'system:controller:pv-protection-controller',
    rules: [
      'get list update watch of persistentvolumes in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:pvc-protection-controller',
    rules: [
      'get list update watch of persistentvolumeclaims in core',
      'update of persistentvolumeclaims/status in core',
      'get list watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:replicaset-controller',
    rules: [
      'get list update watch of replicasets in apps extensions',
      'update of replicasets/status in apps extensions',
      'update of replicasets/finalizers in apps extensions',
      'create delete list patch watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:replication-controller',
    rules: [
      'get list update watch of replicationcontrollers in core',
      'update of replicationcontrollers/status in core',
      'update of replicationcontrollers/finalizers in core',
      'create delete list patch watch of pods in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:resource-claim-controller',
    rules: [
      'get list watch of pods in core',
      'update of pods/finalizers in core',
      'create delete get list watch of resourceclaims in resource.k8s.io',
      'patch update of resourceclaims resourceclaims/status in resource.k8s.io',
      'patch update of pods/status in core',
      'create patch update of events in core events.k8s.io',
      'patch update of resourceclaims/binding in resource.k8s.io',
    ],
  },
  {
    name: 'system:controller:resourcequota-controller',
    rules: [
      'list watch of * in *',
      'update of resourcequotas/status in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:root-ca-cert-publisher',
    rules: [
      'create update of configmaps in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:route-controller',
    rules: [
      'list watch of nodes in core',
      'patch of nodes/status in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:selinux-warning-controller',
    rules: [
      'create patch update of events in core events.k8s.io',
      'get list watch of persistentvolumes in core',
      'get list watch of persistentvolumeclaims in core',
      'get list watch of pods in core',
      'get list watch of csidrivers in storage.k8s.io',
    ],
  },
  {
    name: 'system:controller:service-account-controller',
    rules: [
      'create of serviceaccounts in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:service-cidrs-controller',
    rules: [
      'get list patch update watch of servicecidrs in networking.k8s.io',
      'patch update of servicecidrs/finalizers in networking.k8s.io',
      'patch update of servicecidrs/status in networking.k8s.io',
      'get list watch of ipaddresses in networking.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:service-controller',
    rules: [
      'get list watch of services in core',
      'patch update of services/status in core',
      'list watch of nodes in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:statefulset-controller',
    rules: [
      'list watch of pods in core',
      'get list watch of statefulsets in apps',
      'update of statefulsets/status in apps',
      'update of statefulsets/finalizers in apps',
      'create delete get patch update of pods in core',
      'create delete get list patch update watch of controllerrevisions in apps',
      'create get list watch of persistentvolumeclaims in core',
      'delete update of persistentvolumeclaims in core',
      'update of pods/finalizers in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:ttl-after-finished-controller',
    rules: [
      'delete get list watch of jobs in batch',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:ttl-controller',
    rules: [
      'list patch update watch of nodes in core',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:validatingadmissionpolicy-status-controller',
    rules: [
      'get list watch of validatingadmissionpolicies in admissionregistration.k8s.io',
      'get patch update of validatingadmissionpolicies/status in admissionregistration.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
  {
    name: 'system:controller:volumeattributesclass-protection-controller',
    rules: [
      'get list watch of persistentvolumeclaims in core',
      'get list watch of persistentvolumes in core',
      'get list update watch of volumeattributesclasses in storage.k8s.io',
      'create patch update of events in core events.k8s.io',
    ],
  },
]
