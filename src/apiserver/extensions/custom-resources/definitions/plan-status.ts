import { approvalConditionOf } from '../../../../kinds/apiextensions/v1/api-approval.ts'
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '../../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import {
  unsupportedBy,
  validateStructural,
} from '../../../../kinds/apiextensions/v1/structural-schema-validation.ts'
import { validateCaBundle } from '../../../../kinds/webhook-client-validation.ts'
import { findCondition } from '../../../../machinery/conditions.ts'
import { FieldPath, formatFieldError, invalid } from '../../../../machinery/field-error.ts'
import { isTrue, withCondition, withoutCondition } from './conditions.ts'
import { planNames } from './plan-names.ts'

type Definition = CustomResourceDefinition
type Condition = CustomResourceDefinitionCondition

/**
 * The definition with the status that it should have but for its establishment: its names, whether
 * its schemas are structural, whether its group's owners agree. The same where nothing changes.
 */
export function planStatus(
  definition: Definition,
  all: Iterable<Definition>,
  now: string,
): Definition {
  const named = planNames(definition, all, now)
  const judged = planNonStructural(named, now)
  const approval = approvalConditionOf(judged)
  return approval === undefined ? judged : withCondition(judged, approval, now)
}

/**
 * The definition as established, or with why it cannot be; the same where that is not its turn:
 * its names are not accepted yet, or it has been established.
 */
export function planEstablished(definition: Definition, now: string): Definition {
  if (!isTrue(definition, 'NamesAccepted') || isTrue(definition, 'Established')) return definition
  const bundle = definition.spec.conversion.webhook?.clientConfig?.caBundle ?? ''
  const [broken] = bundle === '' ? [] : validateCaBundle(bundle, FieldPath.root)
  const message =
    broken === undefined
      ? 'the initial names have been accepted'
      : 'The conversion webhook CABundle is invalid'
  const condition: Condition = {
    type: 'Established',
    status: broken === undefined ? 'True' : 'False',
    reason: broken === undefined ? 'InitialNamesAccepted' : 'InvalidCABundle',
    message,
  }
  return withCondition(definition, condition, now)
}

const NON_STRUCTURAL = 'NonStructuralSchema'

function planNonStructural(definition: Definition, now: string): Definition {
  const before = findCondition(definition.status.conditions ?? [], NON_STRUCTURAL)
  // Only definitions that came as v1beta1 can be such, and those said so of unknown fields, too.
  const isOld = definition.spec.preserveUnknownFields === true || before !== undefined
  const condition = isOld ? nonStructuralOf(definition) : undefined
  if (condition === undefined) {
    return before === undefined ? definition : withoutCondition(definition, NON_STRUCTURAL)
  }
  return withCondition(definition, condition, now)
}

/** What is wrong with the schemas of definitions from times when they were not checked. */
function nonStructuralOf({ spec }: Definition): Condition | undefined {
  const path = FieldPath.root.child('spec')
  const errors = spec.preserveUnknownFields
    ? [invalid(path.child('preserveUnknownFields'), true, 'must be false')]
    : []
  for (const [index, { name, schema }] of spec.versions.entries()) {
    const root = schema?.openAPIV3Schema
    if (root === undefined) continue
    const unsupported = unsupportedBy(root)
    if (unsupported !== undefined) {
      const message = `failed to check validation schema for version ${name}: ${unsupported}`
      return { type: NON_STRUCTURAL, status: 'Unknown', reason: 'StructuralError', message }
    }
    const at = path.child('versions').index(index).child('schema', 'openAPIV3Schema')
    errors.push(...validateStructural(root, at))
  }
  if (errors.length === 0) return undefined
  const texts = errors.map(formatFieldError)
  const message = texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`
  return { type: NON_STRUCTURAL, status: 'True', reason: 'Violations', message }
}
