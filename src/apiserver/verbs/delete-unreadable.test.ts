import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Role } from '../../kinds/rbac/v1/role.ts'
import { RoleBinding } from '../../kinds/rbac/v1/role-binding.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  try {
    await run(server)
  } finally {
    server.close()
  }
}

test('what cannot be read is deleted only by an option that does nothing else', () =>
  withServer(async (server) => {
    await server.send('POST', CONFIG_MAPS, { body: { metadata: { name: 'a' } } })
    await server.storage.put('/registry/configmaps/default/bad', Buffer.from('{"kind":'))
    const option = 'ignoreStoreReadErrorWithClusterBreakingPotential'
    const remove = async (name: string, body?: object) => {
      const { text } = await server.send('DELETE', `${CONFIG_MAPS}${name}`, body && { body })
      const { code, message, details } = JSON.parse(text)
      return [code, message ?? details]
    }
    assert.equal((await remove('/bad'))[0], 500)
    assert.deepEqual(await remove('/a', { [option]: true }), [
      422,
      `configmaps "a" is invalid: ${option}: Invalid value: true: is exclusively used to delete ` +
        'corrupt object(s), try again by removing this option',
    ])
    assert.deepEqual(await remove('', { [option]: true }), [
      422,
      `DeleteOptions.meta.k8s.io "" is invalid: ${option}: Invalid value: true: is not allowed ` +
        'with DELETECOLLECTION, try again after removing the option',
    ])
    assert.deepEqual(await remove('/bad', { [option]: true, gracePeriodSeconds: 1 }), [
      422,
      `DeleteOptions.meta.k8s.io "" is invalid: ${option}: Invalid value: true: cannot be set ` +
        'together with .gracePeriodSeconds',
    ])
    const gone = await remove('/bad', { [option]: true })
    assert.deepEqual(gone, [200, { name: 'bad', kind: 'ConfigMap' }])
    assert.equal((await server.send('GET', `${CONFIG_MAPS}/bad`)).code, 404)
    assert.equal((await server.send('GET', `${CONFIG_MAPS}/a`)).code, 200)
  }))

test('whoever may delete may not yet delete what cannot be read', async () => {
  using api = await startSecuredApi()
  const { storage } = api.resources.store(ConfigMap)
  const key = '/registry/configmaps/default/bad'
  await storage.put(key, Buffer.from('{"kind":'))
  const verbs = ['delete', 'get']
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs }]
  const metadata = { name: 'deleter', namespace: 'default' }
  await api.admin.create(Role, { metadata, rules })
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'deleter' }
  const subject = { apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'eve' }
  await api.admin.create(RoleBinding, { metadata, roleRef, subjects: [subject] })
  const option: object = { ignoreStoreReadErrorWithClusterBreakingPotential: true }
  const name = { namespace: 'default', name: 'bad' }
  await assert.rejects(api.as('eve').delete(ConfigMap, name, option), {
    reason: 'Forbidden',
    message:
      /^configmaps "bad" is forbidden: not permitted to do "unsafe-delete-ignore-read-errors"/,
  })
  await api.admin.delete(ConfigMap, name, option)
  assert.equal(await storage.get(key), undefined)
})
