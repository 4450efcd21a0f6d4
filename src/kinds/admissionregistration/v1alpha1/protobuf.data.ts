import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'admissionregistration.v1alpha1.ApplyConfiguration': {expression: 1},
  'admissionregistration.v1alpha1.JSONPatch': {expression: 1},
  'admissionregistration.v1alpha1.MatchCondition': {name: 1, expression: 2},
  'admissionregistration.v1alpha1.MatchResources': {namespaceSelector: 1, objectSelector: 2, resourceRules: 3, excludeResourceRules: 4, matchPolicy: 7},
  'admissionregistration.v1alpha1.MutatingAdmissionPolicy': {metadata: 1, spec: 2},
  'admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding': {metadata: 1, spec: 2},
  'admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec': {policyName: 1, paramRef: 2, matchResources: 3},
  'admissionregistration.v1alpha1.MutatingAdmissionPolicySpec': {paramKind: 1, matchConstraints: 2, variables: 3, mutations: 4, failurePolicy: 5, matchConditions: 6, reinvocationPolicy: 7},
  'admissionregistration.v1alpha1.Mutation': {patchType: 2, applyConfiguration: 3, jsonPatch: 4},
  'admissionregistration.v1alpha1.NamedRuleWithOperations': {resourceNames: 1, operations: [2, 1], apiGroups: [2, 2, 1], apiVersions: [2, 2, 2], resources: [2, 2, 3], scope: [2, 2, 4]},
  'admissionregistration.v1alpha1.ParamKind': {apiVersion: 1, kind: 2},
  'admissionregistration.v1alpha1.ParamRef': {name: 1, namespace: 2, selector: 3, parameterNotFoundAction: 4},
  'admissionregistration.v1alpha1.Variable': {name: 1, expression: 2},
}
