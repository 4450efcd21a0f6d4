import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type SecuredApi, startSecuredApi } from '../../../test/support/secured-api.ts'
import { settle } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ClusterRole } from '../../kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../kinds/rbac/v1/cluster-role-binding.ts'
import { Role } from '../../kinds/rbac/v1/role.ts'
import { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'
import type { StatusError } from '../../machinery/status-error.ts'
import { reconcileBootstrapPolicy } from './bootstrap/reconcile-bootstrap.ts'
import { uncoveredRules } from './rule-covering.ts'

const GROUP = 'rbac.authorization.k8s.io'

describe('RBAC', () => {
  let api: SecuredApi

  before(async () => {
    api = await startSecuredApi()
    for (const name of ['default', 'other'])
      await api.admin.create(Namespace, { metadata: { name } })
  })
  after(() => api[Symbol.dispose]())

  async function refusal(call: Promise<unknown>): Promise<StatusError> {
    return call.then(
      () => assert.fail('it was allowed'),
      (error) => error as StatusError,
    )
  }

  test('what no role allows is refused in the words that clients know', async () => {
    const error = await refusal(api.as('eve').list(Pod, { namespace: 'default' }))
    assert.deepEqual(error.toStatus(), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message:
        'pods is forbidden: User "eve" cannot list resource "pods" in API group "" in the ' +
        'namespace "default"',
      reason: 'Forbidden',
      details: { kind: 'pods' },
      code: 403,
    })
    const named = await refusal(api.as('eve').get(ClusterRole, { name: 'x<y' }))
    assert.equal(
      named.message,
      'clusterroles.rbac.authorization.k8s.io "x<y" is forbidden: User "eve" cannot get resource ' +
        '"clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    )
    const path = await refusal(api.as('eve').raw('GET', '/metrics'))
    assert.equal(path.message, 'forbidden: User "eve" cannot get path "/metrics"')
  })

  test('a role applies in the namespace of its binding, as soon as it is written', async () => {
    await api.admin.create(Role, {
      metadata: { name: 'reader', namespace: 'default' },
      rules: [{ verbs: ['get', 'list'], apiGroups: [''], resources: ['configmaps'] }],
    })
    const binding = await api.admin.create(RoleBinding, {
      metadata: { name: 'bob-reads', namespace: 'default' },
      roleRef: { apiGroup: GROUP, kind: 'Role', name: 'reader' },
      subjects: [
        { kind: 'User', apiGroup: GROUP, name: 'bob' },
        { kind: 'ServiceAccount', name: 'robot' },
      ],
    })
    const bob = api.as('bob')
    await bob.list(ConfigMap, { namespace: 'default' })
    await api.as('system:serviceaccount:default:robot').list(ConfigMap, { namespace: 'default' })
    await refusal(
      api.as('system:serviceaccount:other:robot').list(ConfigMap, { namespace: 'default' }),
    )
    await refusal(bob.list(ConfigMap, { namespace: 'other' }))
    await refusal(bob.list(ConfigMap))
    await refusal(bob.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } }))
    await api.admin.delete(RoleBinding, binding.metadata)
    await refusal(bob.list(ConfigMap, { namespace: 'default' }))
  })

  test('the reason names the binding; a missing role is told', async () => {
    await api.admin.create(ClusterRoleBinding, {
      metadata: { name: 'ghost' },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'gone' },
      subjects: [{ kind: 'Group', apiGroup: GROUP, name: 'ghosts' }],
    })
    const error = await refusal(api.as('g', 'ghosts').list(Pod, { namespace: 'default' }))
    assert.equal(
      error.message,
      'pods is forbidden: User "g" cannot list resource "pods" in API group "" in the namespace ' +
        '"default": RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
    )
    const decision = api.rbac.authorize({
      user: { name: 'system:kube-scheduler', groups: [] },
      verb: 'create',
      isResourceRequest: true,
      namespace: 'default',
      group: '',
      version: 'v1',
      resource: 'pods',
      subresource: 'binding',
      name: 'x',
      path: '',
      fieldSelector: '',
    })
    assert.deepEqual(decision, {
      verdict: 'Allow',
      reason:
        'RBAC: allowed by ClusterRoleBinding "system:kube-scheduler" of ClusterRole ' +
        '"system:kube-scheduler" to User "system:kube-scheduler"',
    })
  })

  test('nobody gives rights that they do not have', async () => {
    await api.admin.create(Role, {
      metadata: { name: 'role-maker', namespace: 'default' },
      rules: [
        { verbs: ['create'], apiGroups: [GROUP], resources: ['roles', 'rolebindings'] },
        { verbs: ['get'], apiGroups: [''], resources: ['pods'] },
      ],
    })
    await api.admin.create(RoleBinding, {
      metadata: { name: 'mallory-makes', namespace: 'default' },
      roleRef: { apiGroup: GROUP, kind: 'Role', name: 'role-maker' },
      subjects: [{ kind: 'User', apiGroup: GROUP, name: 'mallory' }],
    })
    const mallory = api.as('mallory')
    const metadata = { name: 'wish', namespace: 'default' }
    await mallory.create(Role, {
      metadata,
      rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
    })
    const error = await refusal(
      mallory.create(Role, {
        metadata: { ...metadata, name: 'more' },
        rules: [
          { verbs: ['get', 'delete'], apiGroups: [''], resources: ['pods', 'secrets'] },
          { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] },
        ],
      }),
    )
    assert.equal(
      error.message,
      'roles.rbac.authorization.k8s.io "more" is forbidden: user "mallory" ' +
        '(groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently ' +
        'held:\n{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}\n' +
        '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "delete"]}',
    )
    const binding = await refusal(
      mallory.create(RoleBinding, {
        metadata,
        roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [{ kind: 'User', apiGroup: GROUP, name: 'mallory' }],
      }),
    )
    assert.match(binding.message, /is attempting to grant RBAC permissions not currently held/)
    const unknown = await refusal(
      mallory.create(RoleBinding, {
        metadata,
        roleRef: { apiGroup: GROUP, kind: 'Role', name: 'none' },
      }),
    )
    assert.equal(unknown.message, 'rolebindings.rbac.authorization.k8s.io "none" not found')
  })

  test('escalate and bind are rights that can be given', async () => {
    await api.admin.create(ClusterRole, {
      metadata: { name: 'trusted' },
      rules: [
        { verbs: ['create', 'escalate'], apiGroups: [GROUP], resources: ['clusterroles'] },
        { verbs: ['create'], apiGroups: [GROUP], resources: ['clusterrolebindings'] },
        {
          verbs: ['bind'],
          apiGroups: [GROUP],
          resources: ['clusterroles'],
          resourceNames: ['view'],
        },
      ],
    })
    await api.admin.create(ClusterRoleBinding, {
      metadata: { name: 'trusted' },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'trusted' },
      subjects: [{ kind: 'User', apiGroup: GROUP, name: 'trent' }],
    })
    const trent = api.as('trent')
    await trent.create(ClusterRole, {
      metadata: { name: 'big' },
      rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    })
    const bind = (role: string) =>
      trent.create(ClusterRoleBinding, {
        metadata: { name: `trent-${role}` },
        roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'User', apiGroup: GROUP, name: 'x' }],
      })
    await bind('view')
    await refusal(bind('cluster-admin'))
  })

  test('a new start brings bootstrap roles back to what they must hold', async () => {
    const role = await api.admin.get(ClusterRole, { name: 'system:kube-dns' })
    const extra = { verbs: ['get'], apiGroups: ['x'], resources: ['y'] }
    await api.admin.update(ClusterRole, {
      ...role,
      rules: [...(role.rules ?? []).slice(1), extra],
    })
    const owned = await api.admin.get(ClusterRole, { name: 'system:monitoring' })
    const metadata = {
      ...owned.metadata,
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'false' },
    }
    await api.admin.update(ClusterRole, { ...owned, metadata, rules: [] })
    const binding = await api.admin.get(ClusterRoleBinding, { name: 'system:kube-dns' })
    await api.admin.delete(ClusterRoleBinding, binding.metadata)
    await api.admin.create(ClusterRoleBinding, {
      metadata: { name: 'system:kube-dns' },
      roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'view' },
    })
    await reconcileBootstrapPolicy(api.admin, silentLogger)
    await settle()
    const found = await api.admin.get(ClusterRole, { name: 'system:kube-dns' })
    const rules = found.rules ?? []
    assert.ok(rules.some(({ resources }) => resources?.includes('y')))
    assert.deepEqual(uncoveredRules(rules, role.rules ?? []), [])
    const again = await api.admin.get(ClusterRole, { name: 'system:monitoring' })
    assert.deepEqual(again.rules ?? [], [])
    const rebound = await api.admin.get(ClusterRoleBinding, { name: 'system:kube-dns' })
    assert.equal(rebound.roleRef.name, 'system:kube-dns')
    assert.equal(rebound.subjects?.[0]?.name, 'kube-dns')
  })

  test('what an administrator has left of an older cluster is what its successors get', async () => {
    const { admin } = api
    const discovery = await admin.get(ClusterRoleBinding, { name: 'system:discovery' })
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false', mine: 'kept' }
    const subjects = [{ kind: 'User', apiGroup: GROUP, name: 'only-me' }]
    const metadata = { ...discovery.metadata, annotations }
    await admin.update(ClusterRoleBinding, { ...discovery, metadata, subjects })
    await admin.delete(ClusterRoleBinding, { name: 'system:public-info-viewer' })
    const view = await admin.get(ClusterRole, { name: 'view' })
    const rules = [{ verbs: ['get'], apiGroups: ['own.example'], resources: ['things'] }]
    await admin.update(ClusterRole, { ...view, aggregationRule: undefined, rules })
    await admin.delete(ClusterRole, { name: 'system:aggregate-to-view' })
    const edit = await admin.get(ClusterRole, { name: 'system:aggregate-to-edit' })
    await admin.delete(ClusterRole, { name: 'system:aggregate-to-edit' })
    await reconcileBootstrapPolicy(admin, silentLogger)
    const viewer = await admin.get(ClusterRoleBinding, { name: 'system:public-info-viewer' })
    assert.deepEqual(viewer.subjects, subjects)
    assert.equal(viewer.roleRef.name, 'system:public-info-viewer')
    assert.deepEqual(viewer.metadata.annotations, annotations)
    const primed = await admin.get(ClusterRole, { name: 'system:aggregate-to-view' })
    assert.deepEqual(primed.rules?.[0], rules[0])
    assert.ok((primed.rules?.length ?? 0) > 1, 'and what the new role must hold')
    assert.equal(primed.metadata.labels?.[`${GROUP}/aggregate-to-view`], 'true')
    const remade = await admin.get(ClusterRole, { name: 'system:aggregate-to-edit' })
    assert.deepEqual(remade.rules, edit.rules, 'the old one aggregates already')
  })
})
