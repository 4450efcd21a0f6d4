import type { Node } from '../../kinds/core/v1/node.ts'
import type {
  NodeSelectorRequirement,
  NodeSelectorTerm,
} from '../../kinds/core/v1/node-selector.ts'
import type { PodSpec } from '../../kinds/core/v1/pod-spec.ts'
import type { LabelOperator } from '../../machinery/label-requirement.ts'
import { type Labels, Selector } from '../../machinery/label-selector.ts'

const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}

/** Whether a node has the labels and fields that a pod insists on. */
export function matchesNodeAffinity({ nodeSelector, affinity }: PodSpec, node: Node): boolean {
  if (!Selector.fromLabels(nodeSelector).matches(node.metadata.labels)) return false
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  if (required === undefined) return true
  return required.nodeSelectorTerms.some((term) => matchesTerm(term, node))
}

/** A term without any condition matches nothing, and so does one that is not valid. */
function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: Node) {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name }
  return areMet(matchExpressions, node.metadata.labels) && areMet(matchFields, fields)
}

function areMet(
  requirements: readonly NodeSelectorRequirement[],
  values: Labels | undefined,
): boolean {
  try {
    const list = requirements.map(({ key, operator, values: wanted = [] }) => ({
      key,
      operator: OPERATORS[operator] ?? 'in',
      values: wanted,
    }))
    return Selector.of(list).matches(values)
  } catch {
    return false
  }
}
