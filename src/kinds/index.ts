import type { Kind } from '../machinery/kind.ts'
import { MutatingAdmissionPolicy } from './admissionregistration/v1/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding } from './admissionregistration/v1/mutating-admission-policy-binding.ts'
import { MutatingWebhookConfiguration } from './admissionregistration/v1/mutating-webhook-configuration.ts'
import { ValidatingAdmissionPolicy } from './admissionregistration/v1/validating-admission-policy.ts'
import { ValidatingAdmissionPolicyBinding } from './admissionregistration/v1/validating-admission-policy-binding.ts'
import { ValidatingWebhookConfiguration } from './admissionregistration/v1/validating-webhook-configuration.ts'
import { MutatingAdmissionPolicy as MutatingAdmissionPolicyV1Alpha1 } from './admissionregistration/v1alpha1/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingV1Alpha1 } from './admissionregistration/v1alpha1/mutating-admission-policy-binding.ts'
import { MutatingAdmissionPolicy as MutatingAdmissionPolicyV1Beta1 } from './admissionregistration/v1beta1/mutating-admission-policy.ts'
import { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingV1Beta1 } from './admissionregistration/v1beta1/mutating-admission-policy-binding.ts'
import { CustomResourceDefinition } from './apiextensions/v1/custom-resource-definition.ts'
import { APIService } from './apiregistration/v1/api-service.ts'
import { StorageVersion } from './apiserverinternal/v1alpha1/storage-version.ts'
import { ControllerRevision } from './apps/v1/controller-revision.ts'
import { DaemonSet } from './apps/v1/daemon-set.ts'
import { Deployment } from './apps/v1/deployment.ts'
import { ReplicaSet } from './apps/v1/replica-set.ts'
import { StatefulSet } from './apps/v1/stateful-set.ts'
import { SelfSubjectReview } from './authentication/v1/self-subject-review.ts'
import { TokenRequest } from './authentication/v1/token-request.ts'
import { TokenReview } from './authentication/v1/token-review.ts'
import { LocalSubjectAccessReview } from './authorization/v1/local-subject-access-review.ts'
import { SelfSubjectAccessReview } from './authorization/v1/self-subject-access-review.ts'
import { SelfSubjectRulesReview } from './authorization/v1/self-subject-rules-review.ts'
import { SubjectAccessReview } from './authorization/v1/subject-access-review.ts'
import { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1 } from './autoscaling/v1/horizontal-pod-autoscaler.ts'
import { Scale } from './autoscaling/v1/scale.ts'
import { HorizontalPodAutoscaler } from './autoscaling/v2/horizontal-pod-autoscaler.ts'
import { CronJob } from './batch/v1/cron-job.ts'
import { Job } from './batch/v1/job.ts'
import { CertificateSigningRequest } from './certificates/v1/certificate-signing-request.ts'
import { ClusterTrustBundle as ClusterTrustBundleV1Alpha1 } from './certificates/v1alpha1/cluster-trust-bundle.ts'
import { ClusterTrustBundle } from './certificates/v1beta1/cluster-trust-bundle.ts'
import { PodCertificateRequest } from './certificates/v1beta1/pod-certificate-request.ts'
import { Lease } from './coordination/v1/lease.ts'
import { LeaseCandidate as LeaseCandidateV1Alpha2 } from './coordination/v1alpha2/lease-candidate.ts'
import { LeaseCandidate } from './coordination/v1beta1/lease-candidate.ts'
import { Binding } from './core/v1/binding.ts'
import { ComponentStatus } from './core/v1/component-status.ts'
import { ConfigMap } from './core/v1/config-map.ts'
import { Endpoints } from './core/v1/endpoints.ts'
import { Event } from './core/v1/event.ts'
import { LimitRange } from './core/v1/limit-range.ts'
import { Namespace } from './core/v1/namespace.ts'
import { Node } from './core/v1/node.ts'
import { PersistentVolume } from './core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from './core/v1/persistent-volume-claim.ts'
import { Pod } from './core/v1/pod.ts'
import { PodTemplate } from './core/v1/pod-template.ts'
import { ReplicationController } from './core/v1/replication-controller.ts'
import { ResourceQuota } from './core/v1/resource-quota.ts'
import { Secret } from './core/v1/secret.ts'
import { Service } from './core/v1/service.ts'
import { ServiceAccount } from './core/v1/service-account.ts'
import { EndpointSlice } from './discovery/v1/endpoint-slice.ts'
import { Event as EventsEvent } from './events/v1/event.ts'
import { FlowSchema } from './flowcontrol/v1/flow-schema.ts'
import { PriorityLevelConfiguration } from './flowcontrol/v1/priority-level-configuration.ts'
import { Ingress } from './networking/v1/ingress.ts'
import { IngressClass } from './networking/v1/ingress-class.ts'
import { IPAddress } from './networking/v1/ip-address.ts'
import { NetworkPolicy } from './networking/v1/network-policy.ts'
import { ServiceCIDR } from './networking/v1/service-cidr.ts'
import { IPAddress as IPAddressV1Beta1 } from './networking/v1beta1/ip-address.ts'
import { ServiceCIDR as ServiceCIDRV1Beta1 } from './networking/v1beta1/service-cidr.ts'
import { RuntimeClass } from './node/v1/runtime-class.ts'
import { Eviction } from './policy/v1/eviction.ts'
import { PodDisruptionBudget } from './policy/v1/pod-disruption-budget.ts'
import { ClusterRole } from './rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from './rbac/v1/cluster-role-binding.ts'
import { Role } from './rbac/v1/role.ts'
import { RoleBinding } from './rbac/v1/role-binding.ts'
import { DeviceClass } from './resource/v1/device-class.ts'
import { ResourceClaim } from './resource/v1/resource-claim.ts'
import { ResourceClaimTemplate } from './resource/v1/resource-claim-template.ts'
import { ResourceSlice } from './resource/v1/resource-slice.ts'
import { DeviceTaintRule as DeviceTaintRuleV1Alpha3 } from './resource/v1alpha3/device-taint-rule.ts'
import { ResourcePoolStatusRequest } from './resource/v1alpha3/resource-pool-status-request.ts'
import { DeviceClass as DeviceClassV1Beta1 } from './resource/v1beta1/device-class.ts'
import { ResourceClaim as ResourceClaimV1Beta1 } from './resource/v1beta1/resource-claim.ts'
import { ResourceClaimTemplate as ResourceClaimTemplateV1Beta1 } from './resource/v1beta1/resource-claim-template.ts'
import { ResourceSlice as ResourceSliceV1Beta1 } from './resource/v1beta1/resource-slice.ts'
import { DeviceClass as DeviceClassV1Beta2 } from './resource/v1beta2/device-class.ts'
import { DeviceTaintRule } from './resource/v1beta2/device-taint-rule.ts'
import { ResourceClaim as ResourceClaimV1Beta2 } from './resource/v1beta2/resource-claim.ts'
import { ResourceClaimTemplate as ResourceClaimTemplateV1Beta2 } from './resource/v1beta2/resource-claim-template.ts'
import { ResourceSlice as ResourceSliceV1Beta2 } from './resource/v1beta2/resource-slice.ts'
import { PriorityClass } from './scheduling/v1/priority-class.ts'
import { PodGroup } from './scheduling/v1alpha2/pod-group.ts'
import { Workload } from './scheduling/v1alpha2/workload.ts'
import { CSIDriver } from './storage/v1/csi-driver.ts'
import { CSINode } from './storage/v1/csi-node.ts'
import { CSIStorageCapacity } from './storage/v1/csi-storage-capacity.ts'
import { StorageClass } from './storage/v1/storage-class.ts'
import { VolumeAttachment } from './storage/v1/volume-attachment.ts'
import { VolumeAttributesClass } from './storage/v1/volume-attributes-class.ts'
import { VolumeAttributesClass as VolumeAttributesClassV1Beta1 } from './storage/v1beta1/volume-attributes-class.ts'
import { StorageVersionMigration } from './storagemigration/v1beta1/storage-version-migration.ts'

/** Every kind that the API server serves by itself, with those that only subresources use. */
export const builtInKinds: readonly Kind[] = [
  // core/v1
  Binding,
  ComponentStatus,
  ConfigMap,
  Endpoints,
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodTemplate,
  ReplicationController,
  ResourceQuota,
  Secret,
  Service,
  ServiceAccount,
  // apiregistration/v1
  APIService,
  // apps/v1
  ControllerRevision,
  DaemonSet,
  Deployment,
  ReplicaSet,
  StatefulSet,
  // events/v1
  EventsEvent,
  // authentication/v1
  SelfSubjectReview,
  TokenRequest,
  TokenReview,
  // authorization/v1
  LocalSubjectAccessReview,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  // autoscaling/v2
  HorizontalPodAutoscaler,
  // autoscaling/v1
  HorizontalPodAutoscalerV1,
  Scale,
  // batch/v1
  CronJob,
  Job,
  // certificates/v1
  CertificateSigningRequest,
  // certificates/v1beta1
  ClusterTrustBundle,
  PodCertificateRequest,
  // certificates/v1alpha1
  ClusterTrustBundleV1Alpha1,
  // networking/v1
  IPAddress,
  Ingress,
  IngressClass,
  NetworkPolicy,
  ServiceCIDR,
  // networking/v1beta1
  IPAddressV1Beta1,
  ServiceCIDRV1Beta1,
  // policy/v1
  Eviction,
  PodDisruptionBudget,
  // rbac/v1
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  // storage/v1
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
  // storage/v1beta1
  VolumeAttributesClassV1Beta1,
  // admissionregistration/v1
  MutatingAdmissionPolicy,
  MutatingAdmissionPolicyBinding,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
  ValidatingWebhookConfiguration,
  // admissionregistration/v1beta1
  MutatingAdmissionPolicyV1Beta1,
  MutatingAdmissionPolicyBindingV1Beta1,
  // admissionregistration/v1alpha1
  MutatingAdmissionPolicyV1Alpha1,
  MutatingAdmissionPolicyBindingV1Alpha1,
  // apiextensions/v1
  CustomResourceDefinition,
  // scheduling/v1
  PriorityClass,
  // scheduling/v1alpha2
  PodGroup,
  Workload,
  // coordination/v1
  Lease,
  // coordination/v1beta1
  LeaseCandidate,
  // coordination/v1alpha2
  LeaseCandidateV1Alpha2,
  // node/v1
  RuntimeClass,
  // discovery/v1
  EndpointSlice,
  // resource/v1
  DeviceClass,
  ResourceClaim,
  ResourceClaimTemplate,
  ResourceSlice,
  // resource/v1beta2
  DeviceClassV1Beta2,
  DeviceTaintRule,
  ResourceClaimV1Beta2,
  ResourceClaimTemplateV1Beta2,
  ResourceSliceV1Beta2,
  // resource/v1beta1
  DeviceClassV1Beta1,
  ResourceClaimV1Beta1,
  ResourceClaimTemplateV1Beta1,
  ResourceSliceV1Beta1,
  // resource/v1alpha3
  DeviceTaintRuleV1Alpha3,
  ResourcePoolStatusRequest,
  // flowcontrol/v1
  FlowSchema,
  PriorityLevelConfiguration,
  // apiserverinternal/v1alpha1
  StorageVersion,
  // storagemigration/v1beta1
  StorageVersionMigration,
]
