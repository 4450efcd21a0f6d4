import type { Taint, Toleration } from '../../kinds/core/v1/toleration.ts'

/** Whether a toleration covers a taint; an empty effect or key covers all. */
export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false
  if (key !== undefined && key !== '' && key !== taint.key) return false
  switch (operator ?? 'Equal') {
    case 'Exists':
      return true
    case 'Equal':
      return (value ?? '') === (taint.value ?? '')
    case 'Gt':
      return compare(taint.value, value) > 0
    case 'Lt':
      return compare(taint.value, value) < 0
    default:
      return false
  }
}

/** The first taint of an effect of interest that no toleration covers. */
export function firstUntolerated(
  taints: readonly Taint[] | undefined,
  tolerations: readonly Toleration[] | undefined,
  isOfInterest: (taint: Taint) => boolean,
): Taint | undefined {
  return taints?.find(
    (taint) => isOfInterest(taint) && tolerations?.some((one) => tolerates(one, taint)) !== true,
  )
}

/** NaN, which no comparison accepts, unless both are whole numbers. */
function compare(taint: string | undefined, toleration: string | undefined): number {
  const isWhole = (text: string | undefined) => /^[+-]?\d+$/.test(text ?? '')
  if (!isWhole(taint) || !isWhole(toleration)) return Number.NaN
  const [a, b] = [BigInt(taint ?? ''), BigInt(toleration ?? '')]
  return a < b ? -1 : a > b ? 1 : 0
}
