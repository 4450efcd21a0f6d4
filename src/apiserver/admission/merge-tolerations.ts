import type { Toleration } from '../../kinds/core/v1/toleration.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'

/** Both lists without those that another one includes; of equal ones the first stays. */
export function mergeTolerations(
  first: readonly Toleration[],
  second: readonly Toleration[],
): readonly Toleration[] {
  const all = [...first, ...second]
  const merged: Toleration[] = []
  for (const [index, one] of all.entries()) {
    if (merged.some((other) => includes(other, one))) continue
    const later = all.slice(index + 1)
    if (later.some((other) => !deepEqual(one, other) && includes(other, one))) continue
    merged.push(one)
  }
  return merged
}

/** True where `wide` tolerates all that `narrow` does. */
function includes(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true
  const { key = '', operator = 'Equal', value = '', effect, tolerationSeconds } = wide
  const isForAll = key === '' && operator === 'Exists'
  if (key !== (narrow.key ?? '') && !isForAll) return false
  if (effect !== undefined && effect !== narrow.effect) return false
  if (effect === 'NoExecute' && tolerationSeconds !== undefined) {
    const { tolerationSeconds: seconds } = narrow
    if (seconds === undefined || seconds > tolerationSeconds) return false
  }
  if (operator === 'Exists') return true
  return operator === 'Equal' && narrow.operator === 'Equal' && (narrow.value ?? '') === value
}
