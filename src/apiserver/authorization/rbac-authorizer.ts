import { ClusterRole } from '../../kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../kinds/rbac/v1/cluster-role-binding.ts'
import type { PolicyRule } from '../../kinds/rbac/v1/policy-rule.ts'
import { Role } from '../../kinds/rbac/v1/role.ts'
import { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'
import type { Subject } from '../../kinds/rbac/v1/subject.ts'
import { joinErrors } from '../../machinery/join-errors.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import type { UserInfo } from '../request.ts'
import type { Attributes, Authorizer, Decision } from './authorizer.ts'
import { type FollowContext, followObjects } from './follow-objects.ts'
import { type Grant, RoleIndex } from './role-index.ts'
import { ruleAllows } from './rule-matching.ts'

/** All rules that somebody has in a namespace, and what kept others from being found. */
export interface RulesOfUser {
  readonly rules: readonly PolicyRule[]
  readonly errors: readonly string[]
}

/** Role-based access control: what no role allows is not allowed. */
export class RbacAuthorizer implements Authorizer {
  readonly index = new RoleIndex()

  /** Follows the roles and bindings in the store until the signal aborts; resolves once read. */
  async follow(resources: ResourceTable, context: FollowContext): Promise<void> {
    const { index } = this
    await Promise.all([
      followObjects(resources.store(ClusterRole), context, index.clusterRoles),
      followObjects(resources.store(Role), context, index.roles),
      followObjects(resources.store(ClusterRoleBinding), context, index.clusterRoleBindings),
      followObjects(resources.store(RoleBinding), context, index.roleBindings),
    ])
  }

  authorize(attributes: Attributes): Decision {
    const errors: string[] = []
    for (const grant of this.index.grantsOf(attributes.user, attributes.namespace)) {
      const rules = this.index.rulesOf(grant.roleRef, grant.namespace)
      if (typeof rules === 'string') errors.push(rules)
      else if (rules.some((rule) => ruleAllows(rule, attributes))) {
        return { verdict: 'Allow', reason: `RBAC: allowed by ${describe(grant)}` }
      }
    }
    return {
      verdict: 'NoOpinion',
      reason: errors.length === 0 ? '' : `RBAC: ${joinErrors(errors)}`,
    }
  }

  rulesFor(user: UserInfo, namespace: string): RulesOfUser {
    const rules: PolicyRule[] = []
    const errors: string[] = []
    for (const grant of this.index.grantsOf(user, namespace)) {
      const found = this.index.rulesOf(grant.roleRef, grant.namespace)
      if (typeof found === 'string') errors.push(found)
      else rules.push(...found)
    }
    return { rules, errors }
  }
}

function describe({ kind, name, namespace, roleRef, subject }: Grant): string {
  const binding = namespace === '' ? name : `${name}/${namespace}`
  const role = `${roleRef.kind} ${JSON.stringify(roleRef.name)}`
  const who = describeSubject(subject, namespace)
  return `${kind} ${JSON.stringify(binding)} of ${role} to ${who}`
}

function describeSubject(
  { kind, name, namespace = '' }: Subject,
  bindingNamespace: string,
): string {
  if (kind !== 'ServiceAccount') return `${kind} ${JSON.stringify(name)}`
  const home = namespace === '' ? bindingNamespace : namespace
  return `${kind} ${JSON.stringify(`${name}/${home}`)}`
}
