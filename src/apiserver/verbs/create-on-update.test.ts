import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { Lease } from '../../kinds/coordination/v1/lease.ts'
import { Role } from '../../kinds/rbac/v1/role.ts'
import { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'

test('whoever may replace and apply creates by neither without the right to create', async () => {
  using api = await startSecuredApi()
  const group = 'coordination.k8s.io'
  const grant = async (...verbs: readonly string[]) => {
    const metadata = { name: verbs.join('-'), namespace: 'default' }
    const rules = [{ apiGroups: [group], resources: ['leases'], verbs }]
    await api.admin.create(Role, { metadata, rules })
    const { apiGroup, name } = { apiGroup: 'rbac.authorization.k8s.io', name: metadata.name }
    const roleRef = { apiGroup, kind: 'Role', name }
    const subjects = [{ apiGroup, kind: 'User', name: 'eve' }]
    await api.admin.create(RoleBinding, { metadata, roleRef, subjects })
  }
  await grant('update', 'patch')
  const eve = api.as('eve')
  const [apiVersion, kind] = [`${group}/v1`, 'Lease']
  const lease = (name: string) => ({ apiVersion, kind, metadata: { name, namespace: 'default' } })
  const apply = () => {
    const [key, options] = [{ name: 'applied', namespace: 'default' }, { fieldManager: 'test' }]
    return eve.patch(Lease, key, 'application/apply-patch+yaml', lease('applied'), options)
  }
  const replace = () => eve.update(Lease, lease('put') as Lease)
  for (const [send, name] of [[apply, 'applied'] as const, [replace, 'put'] as const]) {
    await assert.rejects(send(), {
      reason: 'Forbidden',
      message:
        `leases.${group} "${name}" is forbidden: User "eve" cannot create resource "leases" ` +
        `in API group "${group}" in the namespace "default"`,
    })
  }
  await grant('create')
  assert.equal((await apply()).metadata.name, 'applied')
  assert.equal((await replace()).metadata.name, 'put')
})

test('a service comes to be by a write to its status, and has no address then', async () => {
  const { send, close } = await createTestServer()
  const body = { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } }
  const services = '/api/v1/namespaces/default/services'
  const { code, text } = await send('PUT', `${services}/a/status`, { body })
  assert.equal(code, 201, text)
  assert.equal(JSON.parse(text).spec.clusterIP, undefined)
  const { code: missing } = await send(
    'PUT',
    '/apis/apps/v1/namespaces/default/deployments/a/status',
    {
      body: { metadata: { name: 'a' } },
    },
  )
  assert.equal(missing, 404)
  close()
})

test('what a PUT creates may name any version, if it is one', async () => {
  const { send, close } = await createTestServer()
  const put = async (resourceVersion: string) => {
    const body = { metadata: { name: 'a', resourceVersion } }
    const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
    const { code, text } = await send('PUT', `${leases}/a`, { body })
    return `${code} ${JSON.parse(text).message ?? ''}`
  }
  assert.equal(await put('abc'), '500 strconv.ParseUint: parsing "abc": invalid syntax')
  assert.equal(await put('7'), '201 ')
  close()
})

test('marks of a deletion are taken from who creates by an apply, and not by a POST', async () => {
  const { send, close } = await createTestServer()
  const configMaps = '/api/v1/namespaces/default/configmaps'
  const marks = { deletionTimestamp: '2020-01-01T00:00:00Z', deletionGracePeriodSeconds: 3 }
  const bodyOf = (name: string) => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: { name, ...marks },
  })
  const posted = await send('POST', configMaps, { body: bodyOf('a') })
  const applied = await send('PATCH', `${configMaps}/b?fieldManager=x`, {
    body: bodyOf('b'),
    contentType: 'application/apply-patch+yaml',
  })
  const [a, b] = [posted, applied].map(({ text }) => JSON.parse(text).metadata)
  assert.deepEqual([a.deletionTimestamp, a.deletionGracePeriodSeconds], [undefined, undefined])
  assert.deepEqual(
    [b.deletionTimestamp, b.deletionGracePeriodSeconds],
    [marks.deletionTimestamp, marks.deletionGracePeriodSeconds],
  )
  close()
})
