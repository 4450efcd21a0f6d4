import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { labelNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { NonResourcePolicyRule, ResourcePolicyRule } from './flow-schema.ts'

const VERBS = [
  ...['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'],
]
const NAMESPACE = "each member of this list must be '*' or a DNS-1123 label; "

/** Requests for resources: in all namespaces, in some, or outside of any. */
export function* validateResourceRule(rule: ResourcePolicyRule, path: FieldPath): FieldErrors {
  const { verbs, apiGroups, resources, namespaces = [], clusterScope = false } = rule
  yield* validateVerbs(verbs, path.child('verbs'))
  const groupsPath = path.child('apiGroups')
  if (apiGroups.length === 0) {
    yield required(groupsPath, 'resource rules must supply at least one api group')
  }
  yield* validateAlone(apiGroups, 'api groups', groupsPath)
  const resourcesPath = path.child('resources')
  if (resources.length === 0) {
    yield required(resourcesPath, 'resource rules must supply at least one resource')
  }
  yield* validateAlone(resources, 'resources', resourcesPath)
  const namespacesPath = path.child('namespaces')
  if (namespaces.length === 0 && !clusterScope) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace'
    yield required(namespacesPath, why)
  }
  yield* validateAlone(namespaces, 'namespaces', namespacesPath)
  if (namespaces.includes('*')) return
  for (const [index, namespace] of namespaces.entries()) {
    const reasons = labelNameErrors(namespace, false).map((reason) => NAMESPACE + reason)
    yield* invalids(namespacesPath.index(index), namespace, reasons)
  }
}

/** Requests for paths; a wildcard only at the end. */
export function* validateNonResourceRule(
  { verbs, nonResourceURLs }: NonResourcePolicyRule,
  path: FieldPath,
): FieldErrors {
  yield* validateVerbs(verbs, path.child('verbs'))
  const urlsPath = path.child('nonResourceURLs')
  if (nonResourceURLs.length === 0) {
    yield required(urlsPath, 'nonResourceURLs must contain at least one value')
  }
  yield* validateAlone(nonResourceURLs, 'non-resource URLs', urlsPath)
  if (nonResourceURLs.includes('*')) return
  for (const [index, url] of nonResourceURLs.entries()) {
    const reason = errorOfPath(url)
    if (reason !== undefined) yield invalid(urlsPath.index(index), url, reason)
  }
}

function* validateVerbs(verbs: readonly string[], path: FieldPath): FieldErrors {
  if (verbs.length === 0) yield required(path, 'verbs must contain at least one value')
  yield* validateAlone(verbs, 'verbs', path)
  if (verbs.length > 0 && !verbs.includes('*') && !verbs.every((verb) => VERBS.includes(verb))) {
    yield notSupported(path, verbs, VERBS)
  }
}

function* validateAlone(values: readonly string[], what: string, path: FieldPath): FieldErrors {
  if (values.length > 1 && values.includes('*')) {
    yield invalid(path, values, `if '*' is present, must not specify other ${what}`)
  }
}

function errorOfPath(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  return /^[^*]*(?:\/\*)?$/.test(url) ? undefined : 'wildcard can only do suffix matching'
}
