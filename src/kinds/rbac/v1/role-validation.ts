import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { matcherOf } from '../../core/v1/workload-rules.ts'
import type { ClusterRole } from './cluster-role.ts'
import type { PolicyRule } from './policy-rule.ts'
import type { Role } from './role.ts'

export function* validateRole({ rules }: Role, path: FieldPath): FieldErrors {
  yield* validateRules(rules ?? [], true, path.child('rules'))
}

export function* validateClusterRole(role: ClusterRole, path: FieldPath): FieldErrors {
  const { rules, aggregationRule } = role
  yield* validateRules(rules ?? [], false, path.child('rules'))
  if (aggregationRule === undefined) return
  const { clusterRoleSelectors: selectors = [] } = aggregationRule
  const selectorsPath = path.child('aggregationRule', 'clusterRoleSelectors')
  if (selectors.length === 0) {
    const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    yield required(selectorsPath, why)
  }
  for (const [index, selector] of selectors.entries()) {
    yield* collected(validateLabelSelector, selector, selectorsPath.index(index))
    if (matcherOf(selector) !== undefined) continue
    yield invalid(selectorsPath.index(index), undefined, 'invalid label selector.')
  }
}

function* validateRules(
  rules: readonly PolicyRule[],
  isNamespaced: boolean,
  path: FieldPath,
): FieldErrors {
  for (const [index, rule] of rules.entries()) {
    yield* validateRule(rule, isNamespaced, path.index(index))
  }
}

/** A rule is for resources or for paths, never for both. */
function* validateRule(rule: PolicyRule, isNamespaced: boolean, path: FieldPath): FieldErrors {
  const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  if (verbs.length === 0)
    yield required(path.child('verbs'), 'verbs must contain at least one value')
  if (nonResourceURLs.length > 0) {
    const urlsPath = path.child('nonResourceURLs')
    if (isNamespaced) {
      const why = 'namespaced rules cannot apply to non-resource URLs'
      yield invalid(urlsPath, nonResourceURLs, why)
    }
    if (apiGroups.length + resources.length + resourceNames.length > 0) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs'
      yield invalid(urlsPath, nonResourceURLs, why)
    }
    return
  }
  if (apiGroups.length === 0) {
    yield required(path.child('apiGroups'), 'resource rules must supply at least one api group')
  }
  if (resources.length === 0) {
    yield required(path.child('resources'), 'resource rules must supply at least one resource')
  }
}
