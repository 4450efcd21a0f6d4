import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'policy.v1.Eviction': {metadata: 1, deleteOptions: 2},
  'policy.v1.PodDisruptionBudget': {metadata: 1, spec: 2, status: 3},
  'policy.v1.PodDisruptionBudgetSpec': {minAvailable: 1, selector: 2, maxUnavailable: 3, unhealthyPodEvictionPolicy: 4},
  'policy.v1.PodDisruptionBudgetStatus': {observedGeneration: 1, disruptedPods: 2, disruptionsAllowed: 3, currentHealthy: 4, desiredHealthy: 5, expectedPods: 6, conditions: 7},
}
