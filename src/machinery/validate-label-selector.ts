import { type FieldErrors, type FieldPath, forbidden, invalid, required } from './field-error.ts'
import type { LabelSelectorSpec } from './label-selector.ts'
import { labelValueErrors } from './names.ts'
import { invalids, validateLabelName, validateLabels } from './validate-object-meta.ts'

/** What is wrong with the selector of an object's field. */
export function* validateLabelSelector(
  selector: LabelSelectorSpec | undefined,
  path: FieldPath,
): FieldErrors {
  if (selector === undefined) return
  yield* validateLabels(selector.matchLabels, path.child('matchLabels'))
  for (const [index, expression] of (selector.matchExpressions ?? []).entries()) {
    const { key, operator, values = [] } = expression
    const itemPath = path.child('matchExpressions').index(index)
    const valuesPath = itemPath.child('values')
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) {
        yield required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'")
      }
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) {
        const why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield forbidden(valuesPath, why)
      }
    } else yield invalid(itemPath.child('operator'), operator, 'not a valid selector operator')
    yield* validateLabelName(key, itemPath.child('key'))
    for (const [place, value] of values.entries()) {
      yield* invalids(valuesPath.index(place), value, labelValueErrors(value))
    }
  }
}
