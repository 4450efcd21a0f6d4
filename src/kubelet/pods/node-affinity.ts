import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'

type NodeAffinity = NonNullable<NonNullable<Pod['spec']['affinity']>['nodeAffinity']>
type Required = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>
type Term = Required['nodeSelectorTerms'][number]
type Expression = NonNullable<Term['matchExpressions']>[number]

/** Whether a node is one of those that a pod asks for: its selector and its required affinity. */
export function matchesNode({ spec }: Pod, { metadata }: Node): boolean {
  const labels = metadata.labels ?? {}
  const selected = Object.entries(spec.nodeSelector ?? {})
  if (!selected.every(([key, value]) => labels[key] === value)) return false
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required === undefined) return true
  return required.nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false // Selects nothing.
    const fields = { 'metadata.name': metadata.name }
    return (
      matchExpressions.every((expression) => matches(expression, labels)) &&
      matchFields.every((expression) => matches(expression, fields))
    )
  })
}

function matches(
  { key, operator, values = [] }: Expression,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return isWhole(value) && Number(value) > Number(values[0])
    case 'Lt':
      return isWhole(value) && Number(value) < Number(values[0])
    default:
      return false
  }
}

function isWhole(value: string | undefined): boolean {
  return value !== undefined && /^-?[0-9]+$/.test(value)
}
