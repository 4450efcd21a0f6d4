import type { HorizontalPodAutoscaler, HPAScalingRules } from './horizontal-pod-autoscaler.ts'
import type { MetricSpec } from './metric-spec.ts'

const PERIOD_SECONDS = 15

/** At once, and fast: four pods or twice as many, whichever is more, every 15 seconds. */
const UP: HPAScalingRules = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: PERIOD_SECONDS },
    { type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS },
  ],
}

/** The window for scaling down is the controller's to choose. */
const DOWN: HPAScalingRules = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: PERIOD_SECONDS }],
}

/** What is scaled by where nothing is said, or an empty list. */
export const USUAL_METRICS: readonly MetricSpec[] = [
  {
    type: 'Resource',
    resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
  },
]

/** A behavior that is given in part is completed; none at all stays absent. */
export function setAutoscalerDefaults(given: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const autoscaler = withMetrics(given)
  const { behavior } = autoscaler.spec
  if (behavior === undefined) return autoscaler
  const scaleUp = completed(behavior.scaleUp, UP)
  const scaleDown = completed(behavior.scaleDown, DOWN)
  if (scaleUp === behavior.scaleUp && scaleDown === behavior.scaleDown) return autoscaler
  return { ...autoscaler, spec: { ...autoscaler.spec, behavior: { scaleUp, scaleDown } } }
}

function withMetrics(autoscaler: HorizontalPodAutoscaler): HorizontalPodAutoscaler {
  const { spec } = autoscaler
  if (spec.metrics.length > 0) return autoscaler
  return { ...autoscaler, spec: { ...spec, metrics: USUAL_METRICS } }
}

function completed(given: HPAScalingRules | undefined, usual: HPAScalingRules): HPAScalingRules {
  if (given === undefined) return usual
  const missing = Object.entries(usual).filter(([key]) => {
    return given[key as keyof HPAScalingRules] === undefined
  })
  return missing.length === 0 ? given : { ...Object.fromEntries(missing), ...given }
}
