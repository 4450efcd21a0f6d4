import type { LabelSelector, LabelSelectorRequirement } from './meta-label-selector.ts'

const OPERATORS: Readonly<Record<string, string>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: '',
  DoesNotExist: '!',
}

/** A selector as in a query (`app=web,tier in (a,b),!old`); keys are in order, as upstream's. */
export function labelSelectorText(selector: LabelSelector | undefined): string {
  if (selector === undefined) return ''
  const { matchLabels = {}, matchExpressions = [] } = selector
  const equals = Object.entries(matchLabels).map(([key, value]) => ({
    key,
    text: `${key}=${value}`,
  }))
  const others = matchExpressions.map((one) => ({ key: one.key, text: requirementText(one) }))
  return [...equals, ...others]
    .toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ text }) => text)
    .join(',')
}

/** A set of labels as a query (`a=1,b=2`). */
export function labelSetText(labels: { readonly [key: string]: string } | undefined): string {
  return labelSelectorText({ matchLabels: labels ?? {} })
}

function requirementText({ key, operator, values = [] }: LabelSelectorRequirement): string {
  if (operator === 'Exists') return key
  if (operator === 'DoesNotExist') return `!${key}`
  return `${key} ${OPERATORS[operator] ?? operator} (${values.toSorted().join(',')})`
}
