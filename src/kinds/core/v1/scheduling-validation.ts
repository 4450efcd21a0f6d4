import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { labelValueErrors } from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { validateLabelName } from '../../../machinery/validate-object-meta.ts'
import type { TopologySpreadConstraint } from './affinity.ts'
import { validateMatchLabelKeys } from './affinity-validation.ts'
import { validateQualifiedName } from './field-rules.ts'
import type { PodSchedulingGate } from './pod-spec.ts'
import type { Toleration } from './toleration.ts'

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']
const POLICIES = ['Honor', 'Ignore']

export function* validateTolerations(
  tolerations: readonly Toleration[],
  path: FieldPath,
): FieldErrors {
  for (const [index, toleration] of tolerations.entries()) {
    yield* validateToleration(toleration, path.index(index))
  }
}

function* validateToleration(toleration: Toleration, path: FieldPath): FieldErrors {
  const { key = '', operator = '', value = '', effect = '' } = toleration
  const operatorPath = path.child('operator')
  if (key !== '') yield* validateLabelName(key, path.child('key'))
  else if (operator !== 'Exists') {
    const meaning = 'which means "match all values and all keys"'
    yield invalid(
      operatorPath,
      operator,
      `operator must be Exists when \`key\` is empty, ${meaning}`,
    )
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    yield invalid(path.child('effect'), effect, why)
  }
  if (operator === 'Equal' || operator === '') {
    const reasons = labelValueErrors(value)
    if (reasons.length > 0) yield invalid(operatorPath, value, reasons.join(';'))
  } else if (operator === 'Exists') {
    if (value !== '') {
      yield invalid(operatorPath, value, "value must be empty when `operator` is 'Exists'")
    }
  } else {
    const isComparison = operator === 'Lt' || operator === 'Gt'
    const known = ['Equal', 'Exists', ...(isComparison ? ['Lt', 'Gt'] : [])]
    yield notSupported(operatorPath, operator, known)
  }
  if (effect !== '' && !TAINT_EFFECTS.includes(effect)) {
    yield notSupported(path.child('effect'), effect, TAINT_EFFECTS)
  }
}

export function* validateSchedulingGates(
  gates: readonly PodSchedulingGate[],
  path: FieldPath,
): FieldErrors {
  const seen = new Set<string>()
  for (const [index, { name }] of gates.entries()) {
    yield* validateQualifiedName(name, path.index(index))
    if (seen.has(name)) yield duplicate(path.index(index), name)
    seen.add(name)
  }
}

export function* validateTopologySpread(
  constraints: readonly TopologySpreadConstraint[],
  path: FieldPath,
): FieldErrors {
  for (const [index, constraint] of constraints.entries()) {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint
    const itemPath = path.index(index)
    if (maxSkew <= 0) yield invalid(itemPath.child('maxSkew'), maxSkew, 'must be greater than zero')
    if (topologyKey === '') yield required(itemPath.child('topologyKey'), 'can not be empty')
    if (!ACTIONS.includes(action)) {
      yield notSupported(itemPath.child('whenUnsatisfiable'), action, ACTIONS)
    }
    const isRepeated = constraints
      .slice(index + 1)
      .some((one) => one.topologyKey === topologyKey && one.whenUnsatisfiable === action)
    if (isRepeated) {
      const pathOfBoth = itemPath.child('{topologyKey, whenUnsatisfiable}')
      yield duplicate(pathOfBoth, `{${topologyKey}, ${action}}`)
    }
    if (minDomains !== undefined) {
      yield* validateMinDomains(minDomains, action, itemPath.child('minDomains'))
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[name]
      if (policy !== undefined && !POLICIES.includes(policy)) {
        yield notSupported(itemPath.child(name), policy, POLICIES)
      }
    }
    yield* validateMatchLabelKeys(constraint, itemPath)
    yield* validateLabelSelector(constraint.labelSelector, itemPath.child('labelSelector'))
  }
}

function* validateMinDomains(minDomains: number, action: string, path: FieldPath): FieldErrors {
  if (minDomains <= 0) yield invalid(path, minDomains, 'must be greater than zero')
  if (action !== 'DoNotSchedule') {
    const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
    yield invalid(path, minDomains, why)
  }
}
