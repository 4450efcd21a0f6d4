import type {
  FlowSchema,
  NonResourcePolicyRule,
  ResourcePolicyRule,
  Subject,
} from '../../kinds/flowcontrol/v1/flow-schema.ts'
import type { UserInfo } from '../request.ts'
import type { RequestInfo } from '../request-info.ts'

const ANY = '*'

/** Whether any rule of a schema is about this user: the rest depends on the request. */
export function concernsUser({ spec }: FlowSchema, user: UserInfo): boolean {
  return (spec.rules ?? []).some(({ subjects }) => subjects.some((one) => isSubject(one, user)))
}

/** Whether a request belongs to a schema. */
export function matchesSchema({ spec }: FlowSchema, user: UserInfo, info: RequestInfo): boolean {
  for (const { subjects, resourceRules = [], nonResourceRules = [] } of spec.rules ?? []) {
    if (!subjects.some((one) => isSubject(one, user))) continue
    const isMatch = info.isResourceRequest
      ? resourceRules.some((rule) => matchesResource(rule, info))
      : nonResourceRules.some((rule) => matchesPath(rule, info))
    if (isMatch) return true
  }
  return false
}

function isSubject(subject: Subject, { name, groups }: UserInfo): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === ANY || subject.user?.name === name
    case 'Group':
      return subject.group?.name === ANY || groups.includes(subject.group?.name ?? '')
    case 'ServiceAccount': {
      if (subject.serviceAccount === undefined) return false
      const { namespace, name: account } = subject.serviceAccount
      const prefix = `system:serviceaccount:${namespace}:`
      return account === ANY ? name.startsWith(prefix) : name === `${prefix}${account}`
    }
    default:
      return false
  }
}

function matchesResource(rule: ResourcePolicyRule, info: RequestInfo): boolean {
  const { resource, subresource, namespace } = info
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  if (!names(rule.verbs, info.verb) || !names(rule.resources, combined)) return false
  if (!names(rule.apiGroups, info.group)) return false
  return namespace === '' ? rule.clusterScope === true : names(rule.namespaces ?? [], namespace)
}

/** A path stands for all below it too. */
function matchesPath(rule: NonResourcePolicyRule, info: RequestInfo): boolean {
  if (!names(rule.verbs, info.verb)) return false
  return rule.nonResourceURLs.some((url) => {
    if (url === ANY || url === info.path) return true
    const prefix = url.replace(/\*+$/, '')
    return info.path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
  })
}

/** The wildcard counts only where it stands alone. */
function names(list: readonly string[], value: string): boolean {
  return (list.length === 1 && list[0] === ANY) || list.includes(value)
}
