import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'autoscaling.v2.ContainerResourceMetricSource': {name: 1, target: 2, container: 3},
  'autoscaling.v2.ContainerResourceMetricStatus': {name: 1, current: 2, container: 3},
  'autoscaling.v2.CrossVersionObjectReference': {kind: 1, name: 2, apiVersion: 3},
  'autoscaling.v2.ExternalMetricSource': {metric: 1, target: 2},
  'autoscaling.v2.ExternalMetricStatus': {metric: 1, current: 2},
  'autoscaling.v2.HPAScalingPolicy': {type: 1, value: 2, periodSeconds: 3},
  'autoscaling.v2.HPAScalingRules': {selectPolicy: 1, policies: 2, stabilizationWindowSeconds: 3, tolerance: 4},
  'autoscaling.v2.HorizontalPodAutoscaler': {metadata: 1, spec: 2, status: 3},
  'autoscaling.v2.HorizontalPodAutoscalerBehavior': {scaleUp: 1, scaleDown: 2},
  'autoscaling.v2.HorizontalPodAutoscalerCondition': {type: 1, status: 2, lastTransitionTime: 3, reason: 4, message: 5},
  'autoscaling.v2.HorizontalPodAutoscalerSpec': {scaleTargetRef: 1, minReplicas: 2, maxReplicas: 3, metrics: 4, behavior: 5},
  'autoscaling.v2.HorizontalPodAutoscalerStatus': {observedGeneration: 1, lastScaleTime: 2, currentReplicas: 3, desiredReplicas: 4, currentMetrics: 5, conditions: 6},
  'autoscaling.v2.MetricIdentifier': {name: 1, selector: 2},
  'autoscaling.v2.MetricSpec': {type: 1, object: 2, pods: 3, resource: 4, external: 5, containerResource: 7},
  'autoscaling.v2.MetricStatus': {type: 1, object: 2, pods: 3, resource: 4, external: 5, containerResource: 7},
  'autoscaling.v2.MetricTarget': {type: 1, value: 2, averageValue: 3, averageUtilization: 4},
  'autoscaling.v2.MetricValueStatus': {value: 1, averageValue: 2, averageUtilization: 3},
  'autoscaling.v2.ObjectMetricSource': {describedObject: 1, target: 2, metric: 3},
  'autoscaling.v2.ObjectMetricStatus': {metric: 1, current: 2, describedObject: 3},
  'autoscaling.v2.PodsMetricSource': {metric: 1, target: 2},
  'autoscaling.v2.PodsMetricStatus': {metric: 1, current: 2},
  'autoscaling.v2.ResourceMetricSource': {name: 1, target: 2},
  'autoscaling.v2.ResourceMetricStatus': {name: 1, current: 2},
}
