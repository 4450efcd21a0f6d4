import { FieldSelectorError, parseFieldSelector } from '../../machinery/field-selector.ts'
import { SelectorError } from '../../machinery/label-requirement.ts'
import { parseRequirements } from '../../machinery/label-selector-parser.ts'
import type { Attributes } from './authorizer.ts'

/** What a webhook is asked: the `spec` of a SubjectAccessReview, without what says nothing. */
export function reviewSpec(attributes: Attributes): object {
  const { user, verb, isResourceRequest, path } = attributes
  const { name, uid = '', groups, extra } = user
  const what = isResourceRequest
    ? { resourceAttributes: resourceAttributes(attributes) }
    : { nonResourceAttributes: { path, verb } }
  return {
    ...what,
    ...(name !== '' && { user: name }),
    ...(groups.length > 0 && { groups }),
    ...(extra !== undefined && { extra }),
    ...(uid !== '' && { uid }),
  }
}

/** The same as conditions see it: texts are there even when they are empty. */
export function completeReviewSpec(attributes: Attributes): object {
  const { user, verb, isResourceRequest, path } = attributes
  const { name, uid = '', groups, extra = {} } = user
  const what = isResourceRequest
    ? { resourceAttributes: { ...resourceNames(attributes), ...selectors(attributes) } }
    : { nonResourceAttributes: { path, verb } }
  return { ...what, user: name, uid, groups, extra }
}

function resourceAttributes(attributes: Attributes): object {
  const filled = Object.entries(resourceNames(attributes)).filter(([, text]) => text !== '')
  return { ...Object.fromEntries(filled), ...selectors(attributes, withoutEmpty) }
}

function resourceNames(attributes: Attributes) {
  const { namespace, verb, group, version, resource, subresource, name } = attributes
  return { namespace, verb, group, version, resource, subresource, name }
}

function selectors(
  { fieldSelector, labelSelector = '' }: Attributes,
  shown = (requirement: Requirement): object => requirement,
): object {
  const fields = fieldRequirements(fieldSelector).map(shown)
  const labels = labelRequirements(labelSelector).map(shown)
  return {
    ...(fields.length > 0 && { fieldSelector: { requirements: fields } }),
    ...(labels.length > 0 && { labelSelector: { requirements: labels } }),
  }
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
}

function withoutEmpty({ values, ...rest }: Requirement): object {
  return values.length === 0 ? rest : { ...rest, values }
}

/** What cannot be read is left out: that asks for more, so it allows no more than it should. */
function fieldRequirements(selector: string): readonly Requirement[] {
  try {
    return parseFieldSelector(selector).requirements.map(({ field, operator, value }) => ({
      key: field,
      operator: operator === '=' ? 'In' : 'NotIn',
      values: [value],
    }))
  } catch (error) {
    if (error instanceof FieldSelectorError) return []
    throw error
  }
}

const LABEL_OPERATORS: Readonly<Record<string, string>> = {
  '=': 'In',
  '==': 'In',
  in: 'In',
  '!=': 'NotIn',
  notin: 'NotIn',
  exists: 'Exists',
  '!': 'DoesNotExist',
}

function labelRequirements(selector: string): readonly Requirement[] {
  try {
    return parseRequirements(selector).flatMap(({ key, operator, values }) => {
      const name = LABEL_OPERATORS[operator]
      return name === undefined ? [] : [{ key, operator: name, values }]
    })
  } catch (error) {
    if (error instanceof SelectorError) return []
    throw error
  }
}
