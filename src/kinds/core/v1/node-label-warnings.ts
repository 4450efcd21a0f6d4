import type { FieldPath } from '../../../machinery/field-error.ts'
import { labelValueErrors } from '../../../machinery/names.ts'
import type { NodeSelectorTerm } from './node-selector.ts'

const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['beta.kubernetes.io/arch', 'deprecated since v1.14; use "kubernetes.io/arch" instead'],
  ['beta.kubernetes.io/os', 'deprecated since v1.14; use "kubernetes.io/os" instead'],
  [
    'failure-domain.beta.kubernetes.io/region',
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  ],
  [
    'failure-domain.beta.kubernetes.io/zone',
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  ],
  [
    'beta.kubernetes.io/instance-type',
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  ],
  ['app.kubernetes.io/created-by', 'deprecated since v1.9'],
  [
    'scheduler.alpha.kubernetes.io/preferAvoidPods',
    'deprecated since v1.22; use Taints and Tolerations instead',
  ],
  ['node-role.kubernetes.io/master', 'use "node-role.kubernetes.io/control-plane" instead'],
])

/** What to use in the place of a node's label; undefined where there is nothing to say. */
export function nodeLabelWarning(key: string): string | undefined {
  return DEPRECATED.get(key)
}

/** Old labels in a term; for preferences, values that no label can have too. */
export function nodeSelectorTermWarnings(
  term: NodeSelectorTerm,
  isPreference: boolean,
  path: FieldPath,
): readonly string[] {
  const warnings: string[] = []
  for (const [index, { key, values = [] }] of (term.matchExpressions ?? []).entries()) {
    const at = path.child('matchExpressions').index(index)
    const warning = nodeLabelWarning(key)
    if (warning !== undefined) warnings.push(`${at.child('key')}: ${key} is ${warning}`)
    if (!isPreference) continue
    for (const [place, value] of values.entries()) {
      for (const reason of labelValueErrors(value)) {
        warnings.push(`${at.child('values').index(place)}: ${value} is invalid, ${reason}`)
      }
    }
  }
  return warnings
}
