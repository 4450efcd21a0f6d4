import type { KubeObject } from '../../machinery/kind.ts'
import type { ResourceQuota, ScopedResourceSelectorRequirement } from '../core/v1/resource-quota.ts'
import type { QuotaEvaluator } from './evaluator.ts'

/** Whether all scopes of a quota hold for an object; without scopes it is for all objects. */
export function isInScopes(
  { spec }: ResourceQuota,
  evaluator: QuotaEvaluator,
  object: KubeObject,
): boolean {
  const { scopes = [], scopeSelector } = spec
  const requirements: readonly ScopedResourceSelectorRequirement[] = [
    ...scopes.map((scopeName) => ({ scopeName, operator: 'Exists' as const })),
    ...(scopeSelector?.matchExpressions ?? []),
  ]
  return requirements.every((scope) => evaluator.isInScope(scope, object))
}

/** Whether a requirement with values holds for the only value that there is, or for none. */
export function matchesValue(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    default:
      return false
  }
}
