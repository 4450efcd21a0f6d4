import type { Node } from '../../kinds/core/v1/node.ts'
import type {
  NodeSelector,
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../../kinds/core/v1/node-selector.ts'

type Labels = Readonly<Record<string, string>>

/** Whether one of the terms matches; a selector without terms matches nothing. */
export function matchesNodeSelector({ nodeSelectorTerms }: NodeSelector, node: Node): boolean {
  return nodeSelectorTerms.some((term) => matchesTerm(term, node))
}

/** All requirements of a term together; an empty term matches nothing. */
export function matchesTerm(term: NodeSelectorTerm, node: Node): boolean {
  const { matchExpressions = [], matchFields = [] } = term
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  const labels: Labels = node.metadata.labels ?? {}
  const fields: Labels = { 'metadata.name': node.metadata.name }
  return (
    matchExpressions.every((one) => matches(one, labels)) &&
    matchFields.every((one) => matches(one, fields))
  )
}

function matches(requirement: NodeSelectorRequirement, labels: Labels): boolean {
  const { key, operator, values = [] } = requirement
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
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
    case 'Lt': {
      const [bound] = values
      if (value === undefined || bound === undefined) return false
      if (!/^[+-]?\d+$/.test(value) || !/^[+-]?\d+$/.test(bound)) return false
      return operator === 'Gt' ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound)
    }
    default:
      return false
  }
}

/** The names that all terms allow by `metadata.name in (...)`; undefined where one allows any. */
export function namedNodes({ nodeSelectorTerms }: NodeSelector): Set<string> | undefined {
  const names = new Set<string>()
  for (const { matchFields = [] } of nodeSelectorTerms) {
    const lists = matchFields
      .filter(({ key, operator }) => key === 'metadata.name' && operator === 'In')
      .map(({ values }) => values ?? [])
    const [first] = lists
    if (first === undefined) return undefined
    for (const name of first) {
      if (lists.every((list) => list.includes(name))) names.add(name)
    }
  }
  return names
}
