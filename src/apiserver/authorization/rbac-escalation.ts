import type { ClusterRole } from '../../kinds/rbac/v1/cluster-role.ts'
import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import type { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { joinErrors } from '../../machinery/join-errors.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { forbiddenError, notFound } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from '../admission/admission.ts'
import type { UserInfo } from '../request.ts'
import { type Authorizer, isPrivileged } from './authorizer.ts'
import type { RbacAuthorizer } from './rbac-authorizer.ts'
import { formatRule, formatStrings, joinVerbs, uncoveredRules } from './rule-covering.ts'

const RBAC_GROUP = 'rbac.authorization.k8s.io'
const FULL_AUTHORITY: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/**
 * Nobody gives rights that they do not have: a role may hold, and a binding may give, only what its
 * author may do, unless they are explicitly allowed to `escalate` the role or to `bind` it.
 */
export class RbacEscalationCheck implements AdmissionPlugin {
  readonly name = 'RBACEscalationCheck'
  readonly operations: readonly Operation[] = ['CREATE', 'UPDATE']
  readonly #authorizer: Authorizer
  readonly #rbac: RbacAuthorizer

  constructor(authorizer: Authorizer, rbac: RbacAuthorizer) {
    this.#authorizer = authorizer
    this.#rbac = rbac
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { kind, object, oldObject, user } = attributes
    if (kind.group !== RBAC_GROUP || object === undefined || isPrivileged(user)) return
    if (oldObject !== undefined && isOnlyCollectorsWork(object, oldObject)) return
    switch (kind.kind) {
      case 'Role':
      case 'ClusterRole':
        return this.#checkRole(attributes, object as ClusterRole)
      case 'RoleBinding':
      case 'ClusterRoleBinding':
        return this.#checkBinding(attributes, object as RoleBinding)
    }
  }

  async #checkRole(attributes: AdmissionAttributes, role: ClusterRole): Promise<void> {
    const { kind, namespace, user, oldObject, request } = attributes
    const target = { resource: kind.plural, name: request.info.name, namespace }
    if (await this.#may(user, 'escalate', target)) return
    this.#confirmHeld(attributes, role.metadata.name, role.rules ?? [])
    if (!isAggregated(role) && !isAggregated(oldObject as ClusterRole | undefined)) return
    if (this.#missingText(user, namespace, FULL_AUTHORITY) === undefined) return
    const why = 'must have cluster-admin privileges to use the aggregationRule'
    throw forbiddenError(kind, role.metadata.name, why)
  }

  async #checkBinding(attributes: AdmissionAttributes, binding: RoleBinding): Promise<void> {
    const { kind, namespace, user } = attributes
    const { roleRef } = binding
    const resource = RESOURCE_BY_KIND[roleRef.kind]
    const target = { resource: resource ?? '', name: roleRef.name, namespace }
    if (resource !== undefined && (await this.#may(user, 'bind', target))) return
    const rules = this.#rbac.index.rulesOf(roleRef, namespace)
    // As upstream's store says it, which takes what is written for what is missing.
    if (typeof rules === 'string') throw notFound(kind, roleRef.name)
    this.#confirmHeld(attributes, binding.metadata.name, rules)
  }

  #confirmHeld(
    { kind, namespace, user }: AdmissionAttributes,
    name: string,
    rules: readonly PolicyRule[],
  ): void {
    const missing = this.#missingText(user, namespace, rules)
    if (missing !== undefined) throw forbiddenError(kind, name, missing)
  }

  #missingText(
    user: UserInfo,
    namespace: string,
    wanted: readonly PolicyRule[],
  ): string | undefined {
    const { rules, errors } = this.#rbac.rulesFor(user, namespace)
    const missing = uncoveredRules(rules, wanted)
    if (missing.length === 0) return undefined
    const lines = [...new Set(joinVerbs(missing).map(formatRule))].toSorted()
    const who = `user ${JSON.stringify(user.name)} (groups=${formatStrings(user.groups)})`
    const what = 'is attempting to grant RBAC permissions not currently held'
    const why = errors.length === 0 ? '' : `; resolution errors: ${formatErrors(errors)}`
    return `${who} ${what}:\n${lines.join('\n')}${why}`
  }

  async #may(
    user: UserInfo,
    verb: string,
    target: { readonly resource: string; readonly name: string; readonly namespace: string },
  ): Promise<boolean> {
    const { verdict } = await this.#authorizer.authorize({
      user,
      verb,
      isResourceRequest: true,
      group: RBAC_GROUP,
      version: '*',
      subresource: '',
      path: '',
      fieldSelector: '',
      ...target,
    })
    return verdict === 'Allow'
  }
}

const RESOURCE_BY_KIND: Readonly<Record<string, string>> = {
  ClusterRole: 'clusterroles',
  Role: 'roles',
}

function formatErrors(errors: readonly string[]): string {
  return `[${joinErrors(errors)}]`
}

function isAggregated(role: ClusterRole | undefined): boolean {
  return (role?.aggregationRule?.clusterRoleSelectors ?? []).length > 0
}

/** The garbage collector changes owners and finalizers of what it must delete. */
function isOnlyCollectorsWork(object: KubeObject, old: KubeObject): boolean {
  return deepEqual(withoutCollectorsFields(object), withoutCollectorsFields(old))
}

function withoutCollectorsFields(object: KubeObject): unknown {
  const {
    ownerReferences: _owners,
    finalizers: _finalizers,
    managedFields: _managedFields,
    selfLink: _selfLink,
    resourceVersion: _resourceVersion,
    generation: _generation,
    ...metadata
  } = object.metadata
  return { ...object, metadata }
}
