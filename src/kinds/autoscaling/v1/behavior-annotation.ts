import { decodeValue } from '../../../machinery/decode.ts'
import {
  HorizontalPodAutoscalerBehavior,
  type HPAScalingRules,
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

/**
 * The behavior that an annotation holds; undefined for none, or a broken one. Its rules are judged
 * before they are completed: one without policies is refused, where the API completes it.
 */
export function parsedBehavior(
  text: string | undefined,
): HorizontalPodAutoscalerBehavior | undefined {
  if (text === undefined) return undefined
  try {
    const given = JSON.parse(text, inApi) as unknown
    const { value } = decodeValue(HorizontalPodAutoscalerBehavior.node, given)
    const { scaleUp, scaleDown } = value as HorizontalPodAutoscalerBehavior
    if (scaleUp === undefined && scaleDown === undefined) return undefined
    return {
      ...(scaleUp !== undefined && { scaleUp: { policies: [], ...scaleUp } }),
      ...(scaleDown !== undefined && { scaleDown: { policies: [], ...scaleDown } }),
    }
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
