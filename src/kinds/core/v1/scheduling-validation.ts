import {
  duplicate,
  type FieldError,
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
import { notedOf, validateQualifiedName } from './field-rules.ts'
import type { PodSchedulingGate } from './pod-spec.ts'
import type { Toleration } from './toleration.ts'

export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
const ACTIONS = ['DoNotSchedule', 'ScheduleAnyway']
const POLICIES = ['Honor', 'Ignore']

export function validateTolerations(
  errors: FieldError[],
  tolerations: readonly Toleration[],
  path: FieldPath,
): void {
  for (const [index, toleration] of tolerations.entries()) {
    validateToleration(errors, toleration, path.index(index))
  }
}

function validateToleration(errors: FieldError[], toleration: Toleration, path: FieldPath): void {
  const { key = '', operator = '', value = '', effect = '' } = toleration
  if (key !== '') errors.push(...validateLabelName(key, path.child('key')))
  else if (operator !== 'Exists') {
    const meaning = 'which means "match all values and all keys"'
    const why = `operator must be Exists when \`key\` is empty, ${meaning}`
    errors.push(invalid(path.child('operator'), operator, why))
  }
  if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
    const why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
    errors.push(invalid(path.child('effect'), effect, why))
  }
  if (operator === 'Equal' || operator === '') {
    const reasons = labelValueErrors(value)
    if (reasons.length > 0) errors.push(invalid(path.child('operator'), value, reasons.join(';')))
  } else if (operator === 'Exists') {
    const why = "value must be empty when `operator` is 'Exists'"
    if (value !== '') errors.push(invalid(path.child('operator'), value, why))
  } else {
    const isComparison = operator === 'Lt' || operator === 'Gt'
    const known = ['Equal', 'Exists', ...(isComparison ? ['Lt', 'Gt'] : [])]
    errors.push(notSupported(path.child('operator'), operator, known))
  }
  if (effect !== '' && !TAINT_EFFECTS.includes(effect)) {
    errors.push(notSupported(path.child('effect'), effect, TAINT_EFFECTS))
  }
}

export function validateSchedulingGates(
  errors: FieldError[],
  gates: readonly PodSchedulingGate[],
  path: FieldPath,
): void {
  const seen = notedOf(gates)
  for (const [index, { name }] of gates.entries()) {
    errors.push(...validateQualifiedName(name, path.index(index)))
    if (seen?.has(name)) errors.push(duplicate(path.index(index), name))
    seen?.add(name)
  }
}

export function validateTopologySpread(
  errors: FieldError[],
  constraints: readonly TopologySpreadConstraint[],
  path: FieldPath,
): void {
  for (const [index, constraint] of constraints.entries()) {
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint
    const itemPath = path.index(index)
    if (maxSkew <= 0)
      errors.push(invalid(itemPath.child('maxSkew'), maxSkew, 'must be greater than zero'))
    if (topologyKey === '') errors.push(required(itemPath.child('topologyKey'), 'can not be empty'))
    if (!ACTIONS.includes(action)) {
      errors.push(notSupported(itemPath.child('whenUnsatisfiable'), action, ACTIONS))
    }
    const isRepeated = constraints
      .slice(index + 1)
      .some((one) => one.topologyKey === topologyKey && one.whenUnsatisfiable === action)
    if (isRepeated) {
      const pathOfBoth = itemPath.child('{topologyKey, whenUnsatisfiable}')
      errors.push(duplicate(pathOfBoth, `{${topologyKey}, ${action}}`))
    }
    if (minDomains !== undefined) {
      validateMinDomains(errors, minDomains, action, itemPath.child('minDomains'))
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy = constraint[name]
      if (policy !== undefined && !POLICIES.includes(policy)) {
        errors.push(notSupported(itemPath.child(name), policy, POLICIES))
      }
    }
    validateMatchLabelKeys(errors, constraint, itemPath)
    validateLabelSelector(errors, constraint.labelSelector, itemPath.child('labelSelector'))
  }
}

function validateMinDomains(
  errors: FieldError[],
  minDomains: number,
  action: string,
  path: FieldPath,
): void {
  if (minDomains <= 0) errors.push(invalid(path, minDomains, 'must be greater than zero'))
  if (action !== 'DoNotSchedule') {
    const why = `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`
    errors.push(invalid(path, minDomains, why))
  }
}
