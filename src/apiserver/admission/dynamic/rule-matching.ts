import type { Operation } from '../admission.ts'

/** A rule of a webhook or a policy, as it stands in their configurations. */
export interface OperationRule {
  readonly operations?: readonly string[] | undefined
  readonly apiGroups?: readonly string[] | undefined
  readonly apiVersions?: readonly string[] | undefined
  readonly resources?: readonly string[] | undefined
  readonly scope?: string | undefined
}

export interface GroupVersionResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** What of a request rules are about. */
export interface RuleTarget {
  readonly operation: Operation
  readonly resource: GroupVersionResource
  readonly subresource: string
  /** '' for cluster scope; the own name of a Namespace. */
  readonly namespace: string
}

/** Whether a rule covers a request; `resource` may be an equivalent one of another version. */
export function matchesRule(
  rule: OperationRule,
  { operation, subresource, namespace }: Omit<RuleTarget, 'resource'>,
  resource: GroupVersionResource,
): boolean {
  return (
    hasScope(rule.scope, resource, namespace) &&
    covers(rule.operations, operation) &&
    covers(rule.apiGroups, resource.group) &&
    covers(rule.apiVersions, resource.version) &&
    (rule.resources ?? []).some((one) => coversResource(one, resource.resource, subresource))
  )
}

function covers(items: readonly string[] | undefined, wanted: string): boolean {
  return items !== undefined && (items.includes('*') || items.includes(wanted))
}

/** `pods`, `pods/exec`, `pods/*`, `*`, or a star for both parts; without a slash no subresource. */
function coversResource(item: string, resource: string, subresource: string): boolean {
  const slash = item.indexOf('/')
  const name = slash < 0 ? item : item.slice(0, slash)
  const part = slash < 0 ? '' : item.slice(slash + 1)
  return (name === '*' || name === resource) && (part === '*' || part === subresource)
}

/** A Namespace has cluster scope, although its requests name a namespace. */
function hasScope(
  scope: string | undefined,
  { group, version, resource }: GroupVersionResource,
  namespace: string,
): boolean {
  if (scope === undefined || scope === '*') return true
  const isNamespace = group === '' && version === 'v1' && resource === 'namespaces'
  const isNamespaced = !isNamespace && namespace !== ''
  return scope === 'Namespaced' ? isNamespaced : scope === 'Cluster' && !isNamespaced
}
