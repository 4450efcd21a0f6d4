import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingRules,
} from '../v2/horizontal-pod-autoscaler.ts'

/** A behavior as the annotation of autoscaling/v1 writes it: with the names that it has in Go. */
export function behaviorText({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): string {
  return JSON.stringify({ ScaleUp: rulesInGo(scaleUp), ScaleDown: rulesInGo(scaleDown) })
}

function rulesInGo(rules: HPAScalingRules | undefined) {
  if (rules === undefined) return null
  const { stabilizationWindowSeconds, selectPolicy, policies, tolerance } = rules
  return {
    StabilizationWindowSeconds: stabilizationWindowSeconds ?? null,
    SelectPolicy: selectPolicy ?? null,
    Policies:
      policies?.map(({ type, value, periodSeconds }) => {
        return { Type: type, Value: value, PeriodSeconds: periodSeconds }
      }) ?? null,
    Tolerance: tolerance ?? null,
  }
}

/** The behavior that an annotation holds; undefined for none, or a broken one. */
export function parsedBehavior(
  text: string | undefined,
): HorizontalPodAutoscalerBehavior | undefined {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text, inApi) as HorizontalPodAutoscalerBehavior
  } catch {
    return undefined
  }
}

/** What Go reads by any case of its first letter, as the API names it. */
function inApi(_key: string, value: unknown): unknown {
  if (value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) return value
  const entries = Object.entries(value).map(([name, part]) => {
    return [name.charAt(0).toLowerCase() + name.slice(1), part as unknown]
  })
  return Object.fromEntries(entries) as unknown
}
