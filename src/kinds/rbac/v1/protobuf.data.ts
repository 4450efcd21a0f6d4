import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'rbac.v1.AggregationRule': {clusterRoleSelectors: 1},
  'rbac.v1.ClusterRole': {metadata: 1, rules: 2, aggregationRule: 3},
  'rbac.v1.ClusterRoleBinding': {metadata: 1, subjects: 2, roleRef: 3},
  'rbac.v1.PolicyRule': {verbs: 1, apiGroups: 2, resources: 3, resourceNames: 4, nonResourceURLs: 5},
  'rbac.v1.Role': {metadata: 1, rules: 2},
  'rbac.v1.RoleBinding': {metadata: 1, subjects: 2, roleRef: 3},
  'rbac.v1.RoleRef': {apiGroup: 1, kind: 2, name: 3},
  'rbac.v1.Subject': {kind: 1, apiGroup: 2, name: 3, namespace: 4},
}
