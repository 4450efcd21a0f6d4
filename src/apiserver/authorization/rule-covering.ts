import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import { pathCovers } from './rule-matching.ts'

const NONE: readonly string[] = []

/** What of the wanted rules the owned ones do not allow, split into rules of one verb each. */
export function uncoveredRules(
  owned: readonly PolicyRule[],
  wanted: readonly PolicyRule[],
): readonly PolicyRule[] {
  return wanted.flatMap(splitRule).filter((rule) => !owned.some((own) => covers(own, rule)))
}

/** One rule for each group, resource, verb and name, or path and verb: covered by one or none. */
function splitRule(rule: PolicyRule): readonly PolicyRule[] {
  const { verbs, apiGroups = NONE, resources = NONE, resourceNames = NONE } = rule
  const names = resourceNames.map((name) => ({ resourceNames: [name] }))
  const onResources = apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) =>
        (names.length === 0 ? [{}] : names).map((named) => ({
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          ...named,
        })),
      ),
    ),
  )
  const onPaths = (rule.nonResourceURLs ?? NONE).flatMap((path) =>
    verbs.map((verb) => ({ verbs: [verb], nonResourceURLs: [path] })),
  )
  return [...onResources, ...onPaths]
}

function covers(own: PolicyRule, wanted: PolicyRule): boolean {
  return (
    hasAllOrStar(own.verbs, wanted.verbs) &&
    hasAllOrStar(own.apiGroups ?? NONE, wanted.apiGroups ?? NONE) &&
    (wanted.resources ?? NONE).every((one) => coversResource(own.resources ?? NONE, one)) &&
    (wanted.nonResourceURLs ?? NONE).every((path) =>
      (own.nonResourceURLs ?? NONE).some((pattern) => pathCovers(pattern, path)),
    ) &&
    coversNames(own.resourceNames ?? NONE, wanted.resourceNames ?? NONE)
  )
}

function coversResource(own: readonly string[], wanted: string): boolean {
  if (own.includes('*') || own.includes(wanted)) return true
  const slash = wanted.indexOf('/')
  return slash >= 0 && own.includes(`*${wanted.slice(slash)}`)
}

function coversNames(own: readonly string[], wanted: readonly string[]): boolean {
  if (own.length === 0) return true
  return wanted.length > 0 && wanted.every((name) => own.includes(name))
}

function hasAllOrStar(own: readonly string[], wanted: readonly string[]): boolean {
  return own.includes('*') || wanted.every((one) => own.includes(one))
}

/** Joins the verbs of rules that differ in nothing else, so that a message stays short. */
export function joinVerbs(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  const onPaths = rules.filter(({ resources = NONE }) => resources.length === 0)
  const joined = new Map<string, PolicyRule>()
  for (const rule of rules) {
    const { apiGroups, resources, resourceNames, verbs } = rule
    if ((resources ?? NONE).length === 0) continue
    const key = JSON.stringify([apiGroups, resources, resourceNames])
    const before = joined.get(key)
    joined.set(key, before === undefined ? rule : { ...rule, verbs: [...before.verbs, ...verbs] })
  }
  return [...onPaths, ...joined.values()]
}

/** A rule as upstream writes it in messages: `{APIGroups:[""], Resources:["pods"], ...}`. */
export function formatRule(rule: PolicyRule): string {
  const parts = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ] as const
  const filled = parts.flatMap(([name, list = NONE]) =>
    list.length === 0 ? [] : [`${name}:${formatStrings(list)}`],
  )
  return `{${filled.join(', ')}}`
}

/** Strings as Go's %q writes them: `["a" "b"]`. */
export function formatStrings(list: readonly string[]): string {
  return `[${list.map((one) => JSON.stringify(one)).join(' ')}]`
}
