import type { ResourceAttributes } from '../../kinds/authorization/v1/access-review-attributes.ts'
import {
  escapeFieldValue,
  FieldSelectorError,
  parseFieldSelector,
} from '../../machinery/field-selector.ts'
import { parseLabelSelector, SelectorError } from '../../machinery/label-selector.ts'

type FieldRequirement = NonNullable<
  NonNullable<ResourceAttributes['fieldSelector']>['requirements']
>[number]
type LabelRequirement = NonNullable<
  NonNullable<ResourceAttributes['labelSelector']>['requirements']
>[number]

/** What authorizers see of a review's selector. */
export function fieldSelectorOf({ fieldSelector }: ResourceAttributes = {}): string {
  if (fieldSelector === undefined) return ''
  const { rawSelector = '', requirements = [] } = fieldSelector
  if (rawSelector !== '') return canParse(parseFieldSelector, rawSelector) ? rawSelector : ''
  return requirements.flatMap(fieldRequirement).join(',')
}

/** As `fieldSelectorOf`, of labels. */
export function labelSelectorOf({ labelSelector }: ResourceAttributes = {}): string {
  if (labelSelector === undefined) return ''
  const { rawSelector = '', requirements = [] } = labelSelector
  if (rawSelector !== '') return canParse(parseLabelSelector, rawSelector) ? rawSelector : ''
  return requirements.flatMap(labelRequirement).join(',')
}

/** That a selector, or a part of it, cannot be understood: it asks for more without. */
export function selectorFaults(spec: {
  readonly resourceAttributes?: ResourceAttributes | undefined
}): readonly string[] {
  const { fieldSelector, labelSelector } = spec.resourceAttributes ?? {}
  const fields = fieldSelector?.requirements ?? []
  const labels = labelSelector?.requirements ?? []
  return [
    ...faultOf('fieldSelector', fieldSelector?.rawSelector, parseFieldSelector, [
      fields.length,
      fields.flatMap(fieldRequirement).length,
    ]),
    ...faultOf('labelSelector', labelSelector?.rawSelector, parseLabelSelector, [
      labels.length,
      labels.flatMap(labelRequirement).length,
    ]),
  ]
}

function faultOf(
  name: string,
  raw: string | undefined,
  parse: (text: string) => unknown,
  [given, understood]: readonly [number, number],
): string[] {
  const isRawFaulty = given === 0 && raw !== undefined && !canParse(parse, raw)
  if (!isRawFaulty && understood === given) return []
  const part = understood > 0 ? 'partially ' : ''
  return [`spec.resourceAttributes.${name} ${part}ignored due to parse error`]
}

/** What cannot be said is left out: that asks for more, so it allows no more than it should. */
function fieldRequirement({ key, operator, values = [] }: FieldRequirement): string[] {
  const [value, ...others] = values
  if (value === undefined || others.length > 0 || !/^(Not)?In$/.test(operator)) return []
  return [`${key}${operator === 'In' ? '=' : '!='}${escapeFieldValue(value)}`]
}

function labelRequirement({ key, operator, values = [] }: LabelRequirement): string[] {
  const list = `(${values.join(',')})`
  if (operator === 'Exists') return [key]
  if (operator === 'DoesNotExist') return [`!${key}`]
  if (values.length === 0) return []
  if (operator === 'In') return [`${key} in ${list}`]
  return operator === 'NotIn' ? [`${key} notin ${list}`] : []
}

function canParse(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text)
    return true
  } catch (error) {
    if (error instanceof SelectorError || error instanceof FieldSelectorError) return false
    throw error
  }
}
