import { excluding, type FieldFilter } from '../../machinery/apply/field-filter.ts'
import { FieldSet } from '../../machinery/apply/field-set.ts'
import type { Kind } from '../../machinery/kind.ts'
import { hasStatusSubresource } from '../registry/strategy.ts'
import { RESET_FIELDS } from './reset-fields.data.ts'

/** What a write cannot change, so that its writer does not own it; undefined where that is none. */
export function resetFilterOf(kind: Kind, subresource: string): FieldFilter | undefined {
  const id = `${kind.group}/${kind.plural}`
  const reset = RESET_FIELDS[id]?.[subresource] ?? usualFor(kind, subresource)
  return reset.length === 0 ? undefined : excluding(FieldSet.of(reset))
}

function usualFor(kind: Kind, subresource: string): readonly string[][] {
  if (!hasStatusSubresource(kind)) return []
  if (kind.custom !== undefined && subresource === 'status') return [['f:metadata'], ['f:spec']]
  if (subresource === '') return [['f:status']]
  return subresource === 'status' ? [['f:spec']] : []
}
