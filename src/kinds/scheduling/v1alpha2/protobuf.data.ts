import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'scheduling.v1alpha2.BasicSchedulingPolicy': {},
  'scheduling.v1alpha2.GangSchedulingPolicy': {minCount: 1},
  'scheduling.v1alpha2.PodGroup': {metadata: 1, spec: 2, status: 3},
  'scheduling.v1alpha2.PodGroupResourceClaim': {name: 1, resourceClaimName: 2, resourceClaimTemplateName: 3},
  'scheduling.v1alpha2.PodGroupResourceClaimStatus': {name: 1, resourceClaimName: 2},
  'scheduling.v1alpha2.PodGroupSchedulingConstraints': {topology: 1},
  'scheduling.v1alpha2.PodGroupSchedulingPolicy': {basic: 1, gang: 2},
  'scheduling.v1alpha2.PodGroupSpec': {podGroupTemplateRef: 1, schedulingPolicy: 2, schedulingConstraints: 3, resourceClaims: 4, disruptionMode: 5, priorityClassName: 6, priority: 7},
  'scheduling.v1alpha2.PodGroupStatus': {conditions: 1, resourceClaimStatuses: 2},
  'scheduling.v1alpha2.PodGroupTemplate': {name: 1, schedulingPolicy: 2, schedulingConstraints: 3, resourceClaims: 4, disruptionMode: 5, priorityClassName: 6, priority: 7},
  'scheduling.v1alpha2.PodGroupTemplateReference': {workload: 1},
  'scheduling.v1alpha2.TopologyConstraint': {key: 1},
  'scheduling.v1alpha2.TypedLocalObjectReference': {apiGroup: 1, kind: 2, name: 3},
  'scheduling.v1alpha2.Workload': {metadata: 1, spec: 2},
  'scheduling.v1alpha2.WorkloadPodGroupTemplateReference': {workloadName: 1, podGroupTemplateName: 2},
  'scheduling.v1alpha2.WorkloadSpec': {controllerRef: 1, podGroupTemplates: 2},
}
