import {
  type FieldErrors,
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

export function* validateAffinity(affinity: Affinity, path: FieldPath): FieldErrors {
  const { nodeAffinity, podAffinity, podAntiAffinity } = affinity
  if (nodeAffinity) {
    const nodePath = path.child('nodeAffinity')
    const must = nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
    const should = nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
    if (must) {
      const mustPath = nodePath.child('requiredDuringSchedulingIgnoredDuringExecution')
      yield* validateNodeSelector(must.nodeSelectorTerms, mustPath.child('nodeSelectorTerms'))
    }
    const shouldPath = nodePath.child('preferredDuringSchedulingIgnoredDuringExecution')
    for (const [index, { weight, preference }] of should.entries()) {
      const itemPath = shouldPath.index(index)
      if (weight < 1 || weight > 100) yield invalid(itemPath.child('weight'), weight, BAD_WEIGHT)
      yield* validateNodeTerm(preference, itemPath.child('preference'), false)
    }
  }
  if (podAffinity) yield* validatePodTerms(podAffinity, path.child('podAffinity'))
  if (podAntiAffinity) yield* validatePodTerms(podAntiAffinity, path.child('podAntiAffinity'))
}

export function* validateNodeSelector(
  terms: readonly NodeSelectorTerm[],
  path: FieldPath,
): FieldErrors {
  if (terms.length === 0) yield required(path, 'must have at least one node selector term')
  for (const [index, term] of terms.entries()) {
    yield* validateNodeTerm(term, path.index(index), true)
  }
}

function* validateNodeTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  path: FieldPath,
  checksValues: boolean,
): FieldErrors {
  for (const [index, requirement] of matchExpressions.entries()) {
    const itemPath = path.child('matchExpressions').index(index)
    yield* validateNodeRequirement(requirement, itemPath, checksValues)
  }
  for (const [index, requirement] of matchFields.entries()) {
    yield* validateNodeField(requirement, path.child('matchFields').index(index))
  }
}

function* validateNodeRequirement(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
  checksValues: boolean,
): FieldErrors {
  const valuesPath = path.child('values')
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) break
      yield required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'")
      break
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) break
      yield forbidden(
        valuesPath,
        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      )
      break
    case 'Gt':
    case 'Lt':
      if (values.length === 1) break
      yield required(valuesPath, "must be specified single value when `operator` is 'Lt' or 'Gt'")
      break
    default:
      yield invalid(path.child('operator'), operator, NOT_AN_OPERATOR)
  }
  yield* validateLabelName(key, path.child('key'))
  if (!checksValues) return
  for (const [index, value] of values.entries()) {
    yield* invalids(valuesPath.index(index), value, labelValueErrors(value))
  }
}

/** Nodes can be chosen by one field only: their name. */
function* validateNodeField(
  { key, operator, values = [] }: NodeSelectorRequirement,
  path: FieldPath,
): FieldErrors {
  if (operator !== 'In' && operator !== 'NotIn') {
    yield invalid(path.child('operator'), operator, NOT_AN_OPERATOR)
  } else if (values.length !== 1) {
    const when = "when `operator` is 'In' or 'NotIn' for node field selector"
    yield required(path.child('values'), `must be only one value ${when}`)
  }
  if (key !== 'metadata.name') {
    yield invalid(path.child('key'), key, 'not a valid field selector key')
    return
  }
  for (const [index, value] of values.entries()) {
    const reasons = subdomainNameErrors(value, false)
    yield* invalids(path.child('values').index(index), value, reasons)
  }
}

function* validatePodTerms(affinity: PodAffinity, path: FieldPath): FieldErrors {
  const must = affinity.requiredDuringSchedulingIgnoredDuringExecution ?? []
  const should = affinity.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const mustPath = path.child('requiredDuringSchedulingIgnoredDuringExecution')
  for (const [index, term] of must.entries()) {
    yield* validatePodTerm(term, mustPath.index(index))
  }
  const shouldPath = path.child('preferredDuringSchedulingIgnoredDuringExecution')
  for (const [index, { weight, podAffinityTerm }] of should.entries()) {
    const itemPath = shouldPath.index(index)
    if (weight < 1 || weight > 100) yield invalid(itemPath.child('weight'), weight, BAD_WEIGHT)
    yield* validatePodTerm(podAffinityTerm, itemPath.child('podAffinityTerm'))
  }
}

function* validatePodTerm(term: PodAffinityTerm, path: FieldPath): FieldErrors {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term
  yield* validateLabelSelector(labelSelector, path.child('labelSelector'))
  yield* validateLabelSelector(namespaceSelector, path.child('namespaceSelector'))
  for (const name of namespaces) {
    yield* invalids(path.child('namespace'), name, labelNameErrors(name, false))
  }
  yield* validateMatchLabelKeys(term, path)
  if (topologyKey === '') yield required(path.child('topologyKey'), 'can not be empty')
  yield* validateLabelName(topologyKey, path.child('topologyKey'))
}

/** Keys whose values are taken from the pod itself; they may not be in the selector as well. */
export function* validateMatchLabelKeys(
  term: {
    readonly labelSelector?: LabelSelector | undefined
    readonly matchLabelKeys?: readonly string[] | undefined
    readonly mismatchLabelKeys?: readonly string[] | undefined
  },
  path: FieldPath,
): FieldErrors {
  const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } = term
  for (const [name, keys] of Object.entries({ matchLabelKeys, mismatchLabelKeys })) {
    if (keys.length > 0 && labelSelector === undefined) {
      yield forbidden(path.child(name), 'must not be specified when labelSelector is not set')
      continue
    }
    for (const [index, key] of keys.entries()) {
      yield* validateLabelName(key, path.child(name).index(index))
    }
  }
  const selected = new Set(Object.keys(labelSelector?.matchLabels ?? {}))
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const place = matchLabelKeys.lastIndexOf(key)
    if (place >= 0 && selected.has(key)) {
      yield invalid(path.index(place), key, 'exists in both matchLabelKeys and labelSelector')
    }
    selected.add(key)
  }
  for (const [index, key] of matchLabelKeys.entries()) {
    if (!mismatchLabelKeys.includes(key)) continue
    const why = 'exists in both matchLabelKeys and mismatchLabelKeys'
    yield invalid(path.child('matchLabelKeys').index(index), key, why)
  }
}
