import { type Selector, selectorOf } from '../../../machinery/label-selector.ts'
import type { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import type { MatchedNames } from '../dynamic/admission-request.ts'
import { type AdmissionTarget, equivalentsOf } from '../dynamic/admission-target.ts'
import { matchesObjects, type NamespaceSelection } from '../dynamic/namespaces.ts'
import { matchesRule, type OperationRule } from '../dynamic/rule-matching.ts'

/** Which writes a policy or its binding is about; of any version of the policies. */
export interface Constraints {
  readonly namespaceSelector?: LabelSelector | undefined
  readonly objectSelector?: LabelSelector | undefined
  readonly resourceRules?: readonly NamedRule[] | undefined
  readonly excludeResourceRules?: readonly NamedRule[] | undefined
  readonly matchPolicy?: string | undefined
}

interface NamedRule extends OperationRule {
  readonly resourceNames?: readonly string[] | undefined
}

/** The names by which a write was matched, and the version that is evaluated. */
export interface PolicyMatch extends MatchedNames {
  readonly served: ServedResource | undefined
}

interface Selectors {
  readonly namespaces: Selector
  readonly objects: Selector
}

/** Constraints are immutable: their selectors are made once. */
const prepared = new WeakMap<Constraints, Selectors>()

/** How constraints match a write; undefined where they do not. Rejects as upstream. */
export async function matchConstraints(
  constraints: Constraints,
  target: AdmissionTarget,
  namespaces: NamespaceSelection,
): Promise<PolicyMatch | undefined> {
  const { resourceRules = [], excludeResourceRules = [], matchPolicy } = constraints
  const selectors = selectorsOf(constraints)
  if (!matchesObjects(selectors.objects, target)) return undefined
  if (matchRules(excludeResourceRules, matchPolicy, target) !== undefined) return undefined
  const match = resourceRules.length === 0 ? target : matchRules(resourceRules, matchPolicy, target)
  if (match === undefined) return undefined
  return (await namespaces.matches(selectors.namespaces, target)) ? match : undefined
}

/** Whether any write of a resource could match, for a look-up that is made once. */
export function mayMatch(
  { resourceRules = [], matchPolicy }: Constraints,
  target: AdmissionTarget,
): boolean {
  if (resourceRules.length === 0) return true
  const rules = resourceRules.map((rule) => ({ ...rule, resourceNames: [] }))
  return matchRules(rules, matchPolicy, target) !== undefined
}

function selectorsOf(constraints: Constraints): Selectors {
  let selectors = prepared.get(constraints)
  if (selectors === undefined) {
    const { namespaceSelector = {}, objectSelector = {} } = constraints
    const namespaces = selectorOf(namespaceSelector)
    selectors = { namespaces, objects: selectorOf(objectSelector) }
    prepared.set(constraints, selectors)
  }
  return selectors
}

function matchRules(
  rules: readonly NamedRule[],
  matchPolicy: string | undefined,
  target: AdmissionTarget,
): PolicyMatch | undefined {
  const names = (rule: NamedRule) =>
    (rule.resourceNames ?? []).length === 0 || rule.resourceNames?.includes(target.name) === true
  if (rules.some((rule) => matchesRule(rule, target, target.resource) && names(rule))) return target
  if (matchPolicy !== 'Equivalent') return undefined
  const equivalents = equivalentsOf(target)
  for (const rule of rules) {
    const found = equivalents.find(({ resource }) => matchesRule(rule, target, resource))
    if (found !== undefined && names(rule)) return found
  }
  return undefined
}
