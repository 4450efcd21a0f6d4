import { assert } from '../../../base/assert.ts'
import type { ClusterRole } from '../../../kinds/rbac/v1/cluster-role.ts'
import type { ClusterRoleBinding } from '../../../kinds/rbac/v1/cluster-role-binding.ts'
import type { PolicyRule } from '../../../kinds/rbac/v1/policy-rule.ts'
import type { Role } from '../../../kinds/rbac/v1/role.ts'
import type { RoleBinding } from '../../../kinds/rbac/v1/role-binding.ts'
import type { Subject } from '../../../kinds/rbac/v1/subject.ts'
import { CLUSTER_ROLE_BINDINGS, NAMESPACE_ROLE_BINDINGS } from './bindings.data.ts'
import { CLUSTER_ROLES } from './cluster-roles.data.ts'
import { CONTROLLER_ROLES } from './controller-roles.data.ts'
import { NAMESPACE_ROLES } from './namespace-roles.data.ts'

/** A role in the short form of this folder's tables. */
export interface BootstrapRole {
  readonly name: string
  /** Absent for a ClusterRole. */
  readonly namespace?: string
  /** The word after `aggregate-to-` in the label of roles that this one takes over. */
  readonly aggregates?: string
  /** The word in this role's own label. */
  readonly aggregatesTo?: string
  /**
   * `get list of pods pods/log in core`, `update of configmaps in core named cluster-info`, or
   * `get at /healthz /livez`; `core` is the group without a name.
   */
  readonly rules?: readonly string[]
}

/** A binding in the short form; its role has its own name unless `role` says another. */
export interface BootstrapBinding {
  readonly name: string
  readonly namespace?: string
  readonly role?: string
  /** `User NAME`, `Group NAME` or `ServiceAccount NAMESPACE/NAME`. */
  readonly subjects: readonly string[]
}

type Wanted<T> = Omit<T, 'metadata'> & {
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
  }
}

/** What the reconciler sees to at each start. */
export interface BootstrapPolicy {
  readonly clusterRoles: readonly Wanted<ClusterRole>[]
  readonly clusterRoleBindings: readonly Wanted<ClusterRoleBinding>[]
  readonly roles: readonly Wanted<Role>[]
  readonly roleBindings: readonly Wanted<RoleBinding>[]
}

export const AUTOUPDATE_ANNOTATION = 'rbac.authorization.kubernetes.io/autoupdate'
const GROUP = 'rbac.authorization.k8s.io'
const API_VERSION = `${GROUP}/v1`
const AGGREGATE_LABEL = `${GROUP}/aggregate-to-`

/** The roles and bindings that every cluster begins with, as upstream v1.36 has them. */
export function bootstrapPolicy(): BootstrapPolicy {
  return {
    clusterRoles: [...CLUSTER_ROLES, ...CONTROLLER_ROLES].map(toClusterRole),
    clusterRoleBindings: [
      ...CLUSTER_ROLE_BINDINGS,
      ...CONTROLLER_ROLES.map(({ name }) => ({ name, subjects: [controllerOf(name)] })),
    ].map((binding) => ({
      ...bindingBase(binding, 'ClusterRole'),
      kind: 'ClusterRoleBinding',
    })),
    roles: NAMESPACE_ROLES.map((role) => ({
      apiVersion: API_VERSION,
      kind: 'Role',
      metadata: metadataOf(role) as Wanted<Role>['metadata'] & { readonly namespace: string },
      rules: (role.rules ?? []).map(parseRule),
    })) as unknown as readonly Wanted<Role>[],
    roleBindings: NAMESPACE_ROLE_BINDINGS.map((binding) => ({
      ...bindingBase(binding, 'Role'),
      kind: 'RoleBinding',
    })),
  }
}

function toClusterRole(role: BootstrapRole): Wanted<ClusterRole> {
  const { aggregates, rules } = role
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: metadataOf(role),
    ...(aggregates !== undefined && {
      aggregationRule: {
        clusterRoleSelectors: [{ matchLabels: { [`${AGGREGATE_LABEL}${aggregates}`]: 'true' } }],
      },
    }),
    ...(rules !== undefined && { rules: rules.map(parseRule) }),
  }
}

function bindingBase(binding: BootstrapBinding, kind: 'Role' | 'ClusterRole') {
  const { name, role = name, subjects } = binding
  return {
    apiVersion: API_VERSION,
    metadata: metadataOf(binding),
    roleRef: { apiGroup: GROUP, kind, name: role },
    ...(subjects.length > 0 && { subjects: subjects.map(parseSubject) }),
  }
}

function metadataOf({ name, namespace, aggregatesTo }: Partial<BootstrapRole> & { name: string }) {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: {
      'kubernetes.io/bootstrapping': 'rbac-defaults',
      ...(aggregatesTo !== undefined && { [`${AGGREGATE_LABEL}${aggregatesTo}`]: 'true' }),
    },
    annotations: { [AUTOUPDATE_ANNOTATION]: 'true' },
  }
}

/** `system:controller:NAME` is for the service account NAME of kube-system. */
function controllerOf(role: string): string {
  return `ServiceAccount kube-system/${role.slice('system:controller:'.length)}`
}

const PATH_RULE = /^(?<verbs>.+?) at (?<urls>\/.*|\*)$/
const RESOURCE_RULE =
  /^(?<verbs>.+?) of (?<resources>.+) in (?<groups>.+?)(?: named (?<names>.+))?$/

/** Reads the short form of a rule; see `BootstrapRole.rules`. */
export function parseRule(text: string): PolicyRule {
  const { verbs = '', urls, resources, groups, names } = matchRule(text)
  assert(verbs !== '', `no rule: ${text}`)
  if (urls !== undefined) return { nonResourceURLs: urls.split(' '), verbs: verbs.split(' ') }
  return {
    apiGroups: (groups ?? '').split(' ').map((group) => (group === 'core' ? '' : group)),
    ...(names !== undefined && { resourceNames: names.split(' ') }),
    resources: (resources ?? '').split(' '),
    verbs: verbs.split(' '),
  }
}

function matchRule(text: string): Readonly<Record<string, string | undefined>> {
  return PATH_RULE.exec(text)?.groups ?? RESOURCE_RULE.exec(text)?.groups ?? {}
}

function parseSubject(text: string): Subject {
  const space = text.indexOf(' ')
  const kind = text.slice(0, space)
  const name = text.slice(space + 1)
  if (kind !== 'ServiceAccount') return { apiGroup: GROUP, kind, name }
  const slash = name.indexOf('/')
  return { kind, name: name.slice(slash + 1), namespace: name.slice(0, slash) }
}
