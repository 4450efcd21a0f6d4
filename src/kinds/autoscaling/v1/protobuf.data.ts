import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'autoscaling.v1.CrossVersionObjectReference': {kind: 1, name: 2, apiVersion: 3},
  'autoscaling.v1.HorizontalPodAutoscaler': {metadata: 1, spec: 2, status: 3},
  'autoscaling.v1.HorizontalPodAutoscalerSpec': {scaleTargetRef: 1, minReplicas: 2, maxReplicas: 3, targetCPUUtilizationPercentage: 4},
  'autoscaling.v1.HorizontalPodAutoscalerStatus': {observedGeneration: 1, lastScaleTime: 2, currentReplicas: 3, desiredReplicas: 4, currentCPUUtilizationPercentage: 5},
  'autoscaling.v1.Scale': {metadata: 1, spec: 2, status: 3},
  'autoscaling.v1.ScaleSpec': {replicas: 1},
  'autoscaling.v1.ScaleStatus': {replicas: 1, selector: 2},
}
