import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'
import { RoleIndex } from './role-index.ts'

test('namespaces that clients invent are not remembered, one by one', () => {
  const index = new RoleIndex()
  const user = { name: 'eve', groups: [] }
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' }
  const subjects = [{ kind: 'User', name: 'eve' }]
  const metadata = { name: 'b', namespace: 'real' }
  index.roleBindings.set({ metadata, roleRef, subjects } as unknown as RoleBinding)
  assert.deepEqual(
    index.grantsOf(user, 'real').map(({ name, namespace }) => [namespace, name]),
    [['real', 'b']],
  )
  assert.deepEqual(index.grantsOf(user, 'invented'), [])
  assert.equal(index.grantsOf(user, 'invented'), index.grantsOf(user, 'another'))
})
