/**
 * Versions that are not served any more, in which servers of old releases may have left objects in
 * protobuf: those whose messages have the numbers of the present version's.
 */
export const FORMER_VERSIONS: readonly {
  readonly apiVersion: string
  readonly kinds: readonly string[]
  /** By whose numbers they are read. */
  readonly as: string
}[] = [
  {
    apiVersion: 'admissionregistration.k8s.io/v1beta1',
    kinds: [
      ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
      ...['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    ],
    as: 'admissionregistration.k8s.io/v1',
  },
  {
    apiVersion: 'admissionregistration.k8s.io/v1alpha1',
    kinds: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
    as: 'admissionregistration.k8s.io/v1',
  },
  {
    apiVersion: 'apps/v1beta1',
    kinds: ['ControllerRevision', 'StatefulSet'],
    as: 'apps/v1',
  },
  {
    apiVersion: 'apps/v1beta2',
    kinds: ['ControllerRevision', 'DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'],
    as: 'apps/v1',
  },
  { apiVersion: 'extensions/v1beta1', kinds: ['ReplicaSet'], as: 'apps/v1' },
  { apiVersion: 'batch/v1beta1', kinds: ['CronJob'], as: 'batch/v1' },
  {
    apiVersion: 'certificates.k8s.io/v1beta1',
    kinds: ['CertificateSigningRequest'],
    as: 'certificates.k8s.io/v1',
  },
  { apiVersion: 'coordination.k8s.io/v1beta1', kinds: ['Lease'], as: 'coordination.k8s.io/v1' },
  { apiVersion: 'events.k8s.io/v1beta1', kinds: ['Event'], as: 'events.k8s.io/v1' },
  ...['v1beta1', 'v1beta2', 'v1beta3'].map((version) => ({
    apiVersion: `flowcontrol.apiserver.k8s.io/${version}`,
    kinds: ['FlowSchema', 'PriorityLevelConfiguration'],
    as: 'flowcontrol.apiserver.k8s.io/v1',
  })),
  {
    apiVersion: 'networking.k8s.io/v1beta1',
    kinds: ['IngressClass'],
    as: 'networking.k8s.io/v1',
  },
  { apiVersion: 'extensions/v1beta1', kinds: ['NetworkPolicy'], as: 'networking.k8s.io/v1' },
  { apiVersion: 'node.k8s.io/v1beta1', kinds: ['RuntimeClass'], as: 'node.k8s.io/v1' },
  { apiVersion: 'policy/v1beta1', kinds: ['PodDisruptionBudget'], as: 'policy/v1' },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1beta1',
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
    as: 'rbac.authorization.k8s.io/v1',
  },
  {
    apiVersion: 'scheduling.k8s.io/v1beta1',
    kinds: ['PriorityClass'],
    as: 'scheduling.k8s.io/v1',
  },
  {
    apiVersion: 'storage.k8s.io/v1alpha1',
    kinds: ['CSIStorageCapacity', 'VolumeAttachment', 'VolumeAttributesClass'],
    as: 'storage.k8s.io/v1',
  },
  {
    apiVersion: 'storage.k8s.io/v1beta1',
    kinds: ['CSIDriver', 'CSINode', 'CSIStorageCapacity', 'StorageClass', 'VolumeAttachment'],
    as: 'storage.k8s.io/v1',
  },
]
