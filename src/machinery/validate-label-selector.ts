import { type FieldError, type FieldPath, forbidden, invalid, required } from './field-error.ts'
import type { LabelSelectorSpec } from './label-selector.ts'
import { labelValueErrors } from './names.ts'
import { invalids, validateLabelName, validateLabels } from './validate-object-meta.ts'

/** What is wrong with the selector of an object's field. */
export function validateLabelSelector(
  errors: FieldError[],
  selector: LabelSelectorSpec | undefined,
  path: FieldPath,
): void {
  if (selector === undefined) return
  const { matchLabels } = selector
  if (matchLabels) validateLabels(errors, matchLabels, path.child('matchLabels'))
  for (const [index, expression] of (selector.matchExpressions ?? []).entries()) {
    const { key, operator, values = [] } = expression
    const itemPath = path.child('matchExpressions').index(index)
    const valuesPath = itemPath.child('values')
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        errors.push(required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'"))
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        errors.push(forbidden(valuesPath, why))
      }
    } else
      errors.push(invalid(itemPath.child('operator'), operator, 'not a valid selector operator'))
    errors.push(...validateLabelName(key, itemPath.child('key')))
    for (const [place, value] of values.entries()) {
      errors.push(...invalids(valuesPath.index(place), value, labelValueErrors(value)))
    }
  }
}
