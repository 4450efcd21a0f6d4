import type { ClusterRole } from '../../kinds/rbac/v1/cluster-role.ts'
import type { ClusterRoleBinding } from '../../kinds/rbac/v1/cluster-role-binding.ts'
import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import type { Role } from '../../kinds/rbac/v1/role.ts'
import type { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'
import type { RoleRef, Subject } from '../../kinds/rbac/v1/subject.ts'
import type { UserInfo } from '../request.ts'
import type { ObjectFollower } from './follow-objects.ts'

/** A binding that applies to a user, and the subject by which it does. */
export interface Grant {
  readonly kind: 'ClusterRoleBinding' | 'RoleBinding'
  readonly name: string
  /** Of the binding; '' for a ClusterRoleBinding. */
  readonly namespace: string
  readonly roleRef: RoleRef
  readonly subject: Subject
}

type Binding = ClusterRoleBinding | RoleBinding

const NO_RULES: readonly PolicyRule[] = []
/** Users whose grants are remembered; beyond it all are forgotten, and found again when needed. */
const MOST_REMEMBERED = 10_000

/**
 * All roles and bindings, found by who they are for:
 *
 *     subject key                              bindings
 *     Group system:masters                  →  cluster-admin
 *     User system:kube-scheduler            →  system:kube-scheduler, kube-system/...
 *     User system:serviceaccount:ns:name    →  (service accounts are found by their user name)
 */
export class RoleIndex {
  readonly #clusterRoles = new Map<string, ClusterRole>()
  readonly #roles = new Map<string, Role>()
  /** By binding namespace ('' for ClusterRoleBindings), subject key and binding name. */
  readonly #bindings = new Map<string, Map<string, Map<string, Binding>>>()
  /** What was found, by user and namespace: both caches are void after a change. */
  readonly #remembered = new Map<string, readonly Grant[]>()
  #rememberedByUser = new WeakMap<UserInfo, Map<string, readonly Grant[]>>()

  readonly clusterRoles: ObjectFollower = {
    clear: () => this.#clusterRoles.clear(),
    set: (object) => this.#clusterRoles.set(object.metadata.name, object as ClusterRole),
    delete: (object) => this.#clusterRoles.delete(object.metadata.name),
  }
  readonly roles: ObjectFollower = {
    clear: () => this.#roles.clear(),
    set: (object) => this.#roles.set(keyOf(object as Role), object as Role),
    delete: (object) => this.#roles.delete(keyOf(object as Role)),
  }
  readonly clusterRoleBindings: ObjectFollower = this.#bindingFollower(false)
  readonly roleBindings: ObjectFollower = this.#bindingFollower(true)
  /** By `namespace/name`: what is filed, so that a change can be unfiled first. */
  readonly #filed = new Map<string, Binding>()

  /** The bindings that apply to a user: everywhere, and in the namespace if there is one. */
  grantsOf(user: UserInfo, namespace: string): readonly Grant[] {
    // Clients ask for namespaces that do not exist, too: what they invent is not remembered.
    const home = this.#bindings.has(namespace) ? namespace : ''
    let byNamespace = this.#rememberedByUser.get(user)
    if (byNamespace === undefined) {
      byNamespace = new Map()
      this.#rememberedByUser.set(user, byNamespace)
    }
    let grants = byNamespace.get(home)
    if (grants === undefined) {
      grants = this.#grantsByName(user, home)
      byNamespace.set(home, grants)
    }
    return grants
  }

  /** Users are made anew with each token: their names and groups are what counts. */
  #grantsByName(user: UserInfo, namespace: string): readonly Grant[] {
    const key = `${namespace}\0${user.name}\0${user.groups.join('\0')}`
    const known = this.#remembered.get(key)
    if (known !== undefined) return known
    const everywhere = this.#find(user, '')
    const grants = namespace === '' ? everywhere : [...everywhere, ...this.#find(user, namespace)]
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(key, grants)
    return grants
  }

  #forget(): void {
    this.#remembered.clear()
    this.#rememberedByUser = new WeakMap()
  }

  /** The rules of a role; a text that says what is missing where there is no such role. */
  rulesOf({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | string {
    if (kind === 'ClusterRole') {
      const role = this.#clusterRoles.get(name)
      return role === undefined ? missing('clusterrole', name) : (role.rules ?? NO_RULES)
    }
    if (kind === 'Role') {
      const role = this.#roles.get(`${namespace}/${name}`)
      return role === undefined ? missing('role', name) : (role.rules ?? NO_RULES)
    }
    return `unsupported role reference kind: ${JSON.stringify(kind)}`
  }

  #find(user: UserInfo, namespace: string): readonly Grant[] {
    const bySubject = this.#bindings.get(namespace)
    if (bySubject === undefined) return []
    const found = new Map<string, Binding>()
    const keys = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)]
    for (const key of keys) {
      for (const [name, binding] of bySubject.get(key) ?? []) found.set(name, binding)
    }
    const wanted = new Set(keys)
    return [...found.values()]
      .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
      .flatMap((binding) => {
        const { name } = binding.metadata
        const subject = binding.subjects?.find((one) => wanted.has(subjectKey(one, namespace)))
        if (subject === undefined) return []
        const kind = namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding'
        return [{ kind, name, namespace, roleRef: binding.roleRef, subject } as const]
      })
  }

  #bindingFollower(isNamespaced: boolean): ObjectFollower {
    const namespaceOf = (binding: Binding) =>
      isNamespaced ? (binding.metadata.namespace ?? '') : ''
    return {
      clear: () => {
        for (const binding of [...this.#filed.values()]) {
          if ((namespaceOf(binding) !== '') === isNamespaced) this.#unfile(binding, isNamespaced)
        }
      },
      set: (object) => this.#file(object as Binding, namespaceOf(object as Binding)),
      delete: (object) => this.#unfile(object as Binding, isNamespaced),
    }
  }

  #file(binding: Binding, namespace: string): void {
    const { name } = binding.metadata
    this.#unfile(binding, namespace !== '')
    this.#filed.set(`${namespace}/${name}`, binding)
    const bySubject = getOrAdd(this.#bindings, namespace, () => new Map())
    for (const subject of binding.subjects ?? []) {
      getOrAdd(bySubject, subjectKey(subject, namespace), () => new Map()).set(name, binding)
    }
    this.#forget()
  }

  #unfile({ metadata }: Binding, isNamespaced: boolean): void {
    const namespace = isNamespaced ? (metadata.namespace ?? '') : ''
    const key = `${namespace}/${metadata.name}`
    const filed = this.#filed.get(key)
    if (filed === undefined) return
    this.#filed.delete(key)
    const bySubject = this.#bindings.get(namespace)
    for (const subject of filed.subjects ?? []) {
      const id = subjectKey(subject, namespace)
      const byName = bySubject?.get(id)
      byName?.delete(metadata.name)
      if (byName?.size === 0) bySubject?.delete(id)
    }
    if (bySubject?.size === 0) this.#bindings.delete(namespace)
    this.#forget()
  }
}

/** A service account without a namespace is meant in that of its binding. */
function subjectKey({ kind, name, namespace = '' }: Subject, bindingNamespace: string): string {
  if (kind !== 'ServiceAccount') return `${kind} ${name}`
  const home = namespace === '' ? bindingNamespace : namespace
  return home === '' ? '' : `User system:serviceaccount:${home}:${name}`
}

function missing(resource: string, name: string): string {
  return `${resource}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`
}

function keyOf({ metadata }: Role): string {
  return `${metadata.namespace}/${metadata.name}`
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = create()
    map.set(key, value)
  }
  return value
}
