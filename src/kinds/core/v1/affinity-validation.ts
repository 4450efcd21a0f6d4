import {
  type FieldError,
  type FieldPath,
  forbidden,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import type { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { labelNameErrors, labelValueErrors, subdomainNameErrors } from '../../../machinery/names.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { invalids, validateLabelName } from '../../../machinery/validate-object-meta.ts'
import type { Affinity, PodAffinity, PodAffinityTerm } from './affinity.ts'
import type { NodeSelectorRequirement, NodeSelectorTerm } from './node-selector.ts'

const NOT_AN_OPERATOR = 'not a valid selector operator'
const BAD_WEIGHT = 'must be in the range 1-100'

export function validateAffinity(errors: FieldError[], affinity: Affinity, path: FieldPath): void {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity) {
    const nodePath = path.child('nodeAffinity')
    const must = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
    const should = nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (must) {
      const mustPath = nodePath.child('requiredDuringSchedulingIgnoredDuringExecution')
      validateNodeSelector(errors, must.nodeSelectorTerms, mustPath.child('nodeSelectorTerms'))
    }
    const shouldPath = nodePath.child('preferredDuringSchedulingIgnoredDuringExecution')
    for (const [index, { weight, preference }] of should.entries()) {
      const itemPath = shouldPath.index(index)
      if (weight < 1 || weight > 100)
        errors.push(invalid(itemPath.child('weight'), weight, BAD_WEIGHT))
      validateNodeTerm(errors, preference, itemPath.child('preference'), false)
    }
  }
  if (podAffinity) validatePodTerms(errors, podAffinity, path.child('podAffinity'))
  if (podAntiAffinity) validatePodTerms(errors, podAntiAffinity, path.child('podAntiAffinity'))
}

export function validateNodeSelector(
  errors: FieldError[],
  terms: readonly NodeSelectorTerm[],
  path: FieldPath,
): void {
  if (terms.length === 0) errors.push(required(path, 'must have at least one node selector term'))
  for (const [index, term] of terms.entries()) {
    validateNodeTerm(errors, term, path.index(index), true)
  }
}

function validateNodeTerm(
  errors: FieldError[],
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  path: FieldPath,
  checksValues: boolean,
): void {
  for (const [index, requirement] of matchExpressions.entries()) {
    const itemPath = path.child('matchExpressions').index(index)
    validateNodeRequirement(errors, requirement, itemPath, checksValues)
  }
  for (const [index, requirement] of matchFields.entries()) {
    validateNodeField(errors, requirement, path.child('matchFields').index(index))
  }
}

function validateNodeRequirement(
  errors: FieldError[],
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
  checksValues: boolean,
): void {
  const valuesPath = path.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) break
      errors.push(required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'"))
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) break
      errors.push(
        forbidden(valuesPath, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
      )
      break
    case 'Gt':
    case 'Lt':
      if (values.length === 1) break
      errors.push(
        required(valuesPath, "must be specified single value when `operator` is 'Lt' or 'Gt'"),
      )
      break
    default:
      errors.push(invalid(path.child('operator'), operator, NOT_AN_OPERATOR))
  }
  errors.push(...validateLabelName(key, path.child('key')))
  if (!checksValues) return
  for (const [index, value] of values.entries()) {
    errors.push(...invalids(valuesPath.index(index), value, labelValueErrors(value)))
  }
}

/** Nodes can be chosen by one field only: their name. */
function validateNodeField(
  errors: FieldError[],
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
): void {
  if (operator !== 'In' && operator !== 'NotIn') {
    errors.push(invalid(path.child('operator'), operator, NOT_AN_OPERATOR))
  } else if (values.length !== 1) {
    const when = "when `operator` is 'In' or 'NotIn' for node field selector"
    errors.push(required(path.child('values'), `must be only one value ${when}`))
  }
  if (key !== 'metadata.name') {
    errors.push(invalid(path.child('key'), key, 'not a valid field selector key'))
    return
  }
  for (const [index, value] of values.entries()) {
    const reasons = subdomainNameErrors(value, false)
    errors.push(...invalids(path.child('values').index(index), value, reasons))
  }
}

function validatePodTerms(errors: FieldError[], affinity: PodAffinity, path: FieldPath): void {
  const must = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const should = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const mustPath = path.child('requiredDuringSchedulingIgnoredDuringExecution')
  for (const [index, term] of must.entries()) {
    validatePodTerm(errors, term, mustPath.index(index))
  }
  const shouldPath = path.child('preferredDuringSchedulingIgnoredDuringExecution')
  for (const [index, { weight, podAffinityTerm }] of should.entries()) {
    const itemPath = shouldPath.index(index)
    if (weight < 1 || weight > 100)
      errors.push(invalid(itemPath.child('weight'), weight, BAD_WEIGHT))
    validatePodTerm(errors, podAffinityTerm, itemPath.child('podAffinityTerm'))
  }
}

function validatePodTerm(errors: FieldError[], term: PodAffinityTerm, path: FieldPath): void {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term
  validateLabelSelector(errors, labelSelector, path.child('labelSelector'))
  validateLabelSelector(errors, namespaceSelector, path.child('namespaceSelector'))
  for (const name of namespaces) {
    errors.push(...invalids(path.child('namespace'), name, labelNameErrors(name, false)))
  }
  validateMatchLabelKeys(errors, term, path)
  if (topologyKey === '') errors.push(required(path.child('topologyKey'), 'can not be empty'))
  errors.push(...validateLabelName(topologyKey, path.child('topologyKey')))
}

/** Keys whose values are taken from the pod itself; they may not be in the selector as well. */
export function validateMatchLabelKeys(
  errors: FieldError[],
  term: {
    readonly labelSelector?: LabelSelector | undefined
    readonly matchLabelKeys?: readonly string[] | undefined
    readonly mismatchLabelKeys?: readonly string[] | undefined
  },
  path: FieldPath,
): void {
  if (term.matchLabelKeys === undefined && term.mismatchLabelKeys === undefined) return
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length > 0 && labelSelector === undefined) {
      errors.push(
        forbidden(path.child(name), 'must not be specified when labelSelector is not set'),
      )
      continue
    }
    for (const [index, key] of keys.entries()) {
      errors.push(...validateLabelName(key, path.child(name).index(index)))
    }
  }
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}))
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const place = matchLabelKeys.lastIndexOf(key)
    if (place >= 0 && selected.has(key)) {
      errors.push(
        invalid(path.index(place), key, 'exists in both matchLabelKeys and labelSelector'),
      )
    }
    selected.add(key)
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue
    const why = 'exists in both matchLabelKeys and mismatchLabelKeys'
    errors.push(invalid(path.child('matchLabelKeys').index(index), key, why))
  }
}
