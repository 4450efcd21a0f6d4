import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSecuredApi } from '../../../test/support/secured-api.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { missingOnlyClient } from './missing-only-client.ts'
import { ensureSystemNamespaces } from './system-namespaces.ts'

test('what is there is not created again: nobody who refuses that is asked', async () => {
  let creations = 0
  using api = await startSecuredApi(() => ({
    admissionPlugins: [
      {
        name: 'Refusing',
        operations: ['CREATE'],
        validate() {
          creations++
        },
      },
    ],
  }))
  const careful = missingOnlyClient(api.admin)
  await ensureSystemNamespaces(careful)
  const made = (await api.admin.list(Namespace)).items.length
  assert.ok(made > 0)
  const before = creations
  await ensureSystemNamespaces(careful)
  assert.equal(creations, before)
  await assert.rejects(careful.create(Namespace, { metadata: { name: 'default' } }), {
    reason: 'AlreadyExists',
    message: 'namespaces "default" already exists',
  })
  await careful.create(Namespace, { metadata: { name: 'other' } })
  assert.equal((await api.admin.list(Namespace)).items.length, made + 1)
})
