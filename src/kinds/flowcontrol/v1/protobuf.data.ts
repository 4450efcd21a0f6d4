import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'flowcontrol.v1.ExemptPriorityLevelConfiguration': {nominalConcurrencyShares: 1, lendablePercent: 2},
  'flowcontrol.v1.FlowDistinguisherMethod': {type: 1},
  'flowcontrol.v1.FlowSchema': {metadata: 1, spec: 2, status: 3},
  'flowcontrol.v1.FlowSchemaCondition': {type: 1, status: 2, lastTransitionTime: 3, reason: 4, message: 5},
  'flowcontrol.v1.FlowSchemaSpec': {priorityLevelConfiguration: 1, matchingPrecedence: 2, distinguisherMethod: 3, rules: 4},
  'flowcontrol.v1.FlowSchemaStatus': {conditions: 1},
  'flowcontrol.v1.GroupSubject': {name: 1},
  'flowcontrol.v1.LimitResponse': {type: 1, queuing: 2},
  'flowcontrol.v1.LimitedPriorityLevelConfiguration': {nominalConcurrencyShares: 1, limitResponse: 2, lendablePercent: 3, borrowingLimitPercent: 4},
  'flowcontrol.v1.NonResourcePolicyRule': {verbs: 1, nonResourceURLs: 6},
  'flowcontrol.v1.PolicyRulesWithSubjects': {subjects: 1, resourceRules: 2, nonResourceRules: 3},
  'flowcontrol.v1.PriorityLevelConfiguration': {metadata: 1, spec: 2, status: 3},
  'flowcontrol.v1.PriorityLevelConfigurationCondition': {type: 1, status: 2, lastTransitionTime: 3, reason: 4, message: 5},
  'flowcontrol.v1.PriorityLevelConfigurationReference': {name: 1},
  'flowcontrol.v1.PriorityLevelConfigurationSpec': {type: 1, limited: 2, exempt: 3},
  'flowcontrol.v1.PriorityLevelConfigurationStatus': {conditions: 1},
  'flowcontrol.v1.QueuingConfiguration': {queues: 1, handSize: 2, queueLengthLimit: 3},
  'flowcontrol.v1.ResourcePolicyRule': {verbs: 1, apiGroups: 2, resources: 3, clusterScope: 4, namespaces: 5},
  'flowcontrol.v1.ServiceAccountSubject': {namespace: 1, name: 2},
  'flowcontrol.v1.Subject': {kind: 1, user: 2, group: 3, serviceAccount: 4},
  'flowcontrol.v1.UserSubject': {name: 1},
}
