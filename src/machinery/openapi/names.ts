/** What documents are of: the API of this release of Kubernetes. */
export const INFO = { title: 'Kubernetes', version: '1.36' }

/** Go packages that are not below `io.k8s.api`. */
const PACKAGES: Readonly<Record<string, string>> = {
  meta: 'io.k8s.apimachinery.pkg.apis',
  apiextensions: 'io.k8s.apiextensions-apiserver.pkg.apis',
  apiregistration: 'io.k8s.kube-aggregator.pkg.apis',
}

const BUILT_IN_NAME = /^[a-z]+\.v\d+[a-z0-9]*\.\w+$/

/**
 * The name of a struct in OpenAPI: `core.v1.Pod` is `io.k8s.api.core.v1.Pod`. Names of another
 * form are those of custom kinds (`com.example.v1.Widget`) and stay as they are.
 */
export function openApiName(struct: string): string {
  if (!BUILT_IN_NAME.test(struct)) return struct
  const group = struct.slice(0, struct.indexOf('.'))
  return `${PACKAGES[group] ?? 'io.k8s.api'}.${struct}`
}

/** `rbac.authorization.k8s.io`, `v1` is `RbacAuthorizationV1` in names of operations. */
export function operationPrefix(group: string, version: string): string {
  return `${groupWords(group).map(capitalized).join('')}${capitalized(version)}`
}

/** `rbac.authorization.k8s.io`, `v1` is `rbacAuthorization_v1`, the tag of its operations. */
export function operationTag(group: string, version: string | undefined): string {
  const [first = '', ...rest] = groupWords(group)
  const name = [first, ...rest.map(capitalized)].join('')
  return version === undefined ? name : `${name}_${version}`
}

/** What stands between signs that a name in a program cannot have, such as `-`. */
function groupWords(group: string): readonly string[] {
  return (group === '' ? 'core' : group.replace(/\.k8s\.io$/, '')).split(/[^\p{L}\d_]+/u)
}

/** A word with its first letter in upper case. */
export function capitalized(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1)
}
