import type { UserInfo } from '../request.ts'
import type { RequestInfo } from '../request-info.ts'
import type { AuditPolicy, GroupResources, Level, PolicyRule, Stage } from './audit-policy.ts'

/** What is logged of one request. */
export interface AuditDecision {
  readonly level: Level
  readonly omitStages: ReadonlySet<Stage>
  readonly omitManagedFields: boolean
}

/** Tells what is logged of a request. */
export type EvaluatePolicy = (info: RequestInfo, user: UserInfo | undefined) => AuditDecision

/** The first rule that matches decides; where none does, nothing is logged. */
export function policyEvaluator(policy: AuditPolicy): EvaluatePolicy {
  const decisions = policy.rules.map((rule): readonly [PolicyRule, AuditDecision] => [
    rule,
    {
      level: rule.level,
      omitStages: new Set([...policy.omitStages, ...rule.omitStages]),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
    },
  ])
  const none: AuditDecision = {
    level: 'None',
    omitStages: new Set(policy.omitStages),
    omitManagedFields: policy.omitManagedFields,
  }
  return (info, user) => {
    for (const [rule, decision] of decisions) if (matches(rule, info, user)) return decision
    return none
  }
}

function matches(rule: PolicyRule, info: RequestInfo, user: UserInfo | undefined): boolean {
  const { users, userGroups, verbs, namespaces, resources, nonResourceURLs } = rule
  if (verbs.length > 0 && !verbs.includes(info.verb)) return false
  if (users.length > 0 && (user === undefined || !users.includes(user.name))) return false
  if (userGroups.length > 0 && !hasAnyGroup(user, userGroups)) return false
  if (namespaces.length > 0 || resources.length > 0) {
    if (!info.isResourceRequest) return false
    if (namespaces.length > 0 && !namespaces.includes(info.namespace)) return false
    return resources.length === 0 || matchesAny(resources, info)
  }
  if (nonResourceURLs.length === 0) return true
  return !info.isResourceRequest && nonResourceURLs.some((url) => matchesPath(info.path, url))
}

function hasAnyGroup(user: UserInfo | undefined, wanted: readonly string[]): boolean {
  if (user === undefined) return false
  for (const group of user.groups) if (wanted.includes(group)) return true
  return false
}

function matchesAny(resources: readonly GroupResources[], info: RequestInfo): boolean {
  for (const one of resources) if (matchesResource(one, info)) return true
  return false
}

/** A `*` at the end stands for whatever follows. */
function matchesPath(path: string, url: string): boolean {
  return url === path || (url.endsWith('*') && path.startsWith(url.slice(0, -1)))
}

function matchesResource(rule: GroupResources, info: RequestInfo): boolean {
  if (rule.group !== '*' && rule.group !== info.group) return false
  if (rule.resources.length === 0) return true
  if (rule.resourceNames.length > 0 && !rule.resourceNames.includes(info.name)) return false
  const { resource, subresource } = info
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return rule.resources.some(
    (one) =>
      one === '*' ||
      one === combined ||
      one === `${resource}/*` ||
      (subresource !== '' && one === `*/${subresource}`),
  )
}
