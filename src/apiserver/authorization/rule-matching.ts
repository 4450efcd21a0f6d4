import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import type { Attributes } from './authorizer.ts'

const NONE: readonly string[] = []

/** Whether one rule of a role allows a request. */
export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  const { verb, path } = attributes
  if (!hasOrAll(rule.verbs, verb)) return false
  if (!attributes.isResourceRequest) return allowsPath(rule.nonResourceURLs ?? NONE, path)
  const { group, resource, subresource, name } = attributes
  return (
    hasOrAll(rule.apiGroups ?? NONE, group) &&
    allowsResource(rule.resources ?? NONE, resource, subresource) &&
    allowsName(rule.resourceNames ?? NONE, name)
  )
}

/** `pods`, `pods/log`, `*` for everything, or a subresource of everything: `*` + `/log`. */
function allowsResource(
  resources: readonly string[],
  resource: string,
  subresource: string,
): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return resources.some(
    (one) => one === '*' || one === combined || (subresource !== '' && one === `*/${subresource}`),
  )
}

function allowsName(names: readonly string[], name: string): boolean {
  return names.length === 0 || names.includes(name)
}

function allowsPath(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => pathCovers(pattern, path))
}

/** A pattern is a path, or the beginning of one with a star after it. */
export function pathCovers(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

function hasOrAll(list: readonly string[], value: string): boolean {
  return list.includes(value) || list.includes('*')
}
