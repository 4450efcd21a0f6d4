import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InProcessTransport } from '../../src/apiserver/in-process-transport.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { IDENTITIES } from '../../src/cluster/api-identity.ts'
import { CustomResourceDefinition } from '../../src/kinds/apiextensions/v1/custom-resource-definition.ts'
import { ClusterRoleBinding } from '../../src/kinds/rbac/v1/cluster-role-binding.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { openTestControlPlane } from '../support/control-plane.ts'
import { createTlsIdentities } from '../support/tls-identities.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const GROUP = 'rbac.authorization.k8s.io'

test('a server that is started again knows its users, roles and kinds before it listens', async () => {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const before = openTestControlPlane(storage, clock)
  await before.start({ address: '192.0.2.1', port: 6443 })
  const admin = before.clientFor(IDENTITIES.apiServer)
  await admin.create(ClusterRoleBinding, {
    metadata: { name: 'reader' },
    roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: GROUP, kind: 'User', name: 'reader' }],
  })
  await admin.create(CustomResourceDefinition, {
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'widgets', kind: 'Widget' },
      scope: 'Namespaced',
      versions: [
        {
          ...{ name: 'v1', served: true, storage: true },
          schema: { openAPIV3Schema: { type: 'object' } },
        },
      ],
    },
  })
  await clock.advance(10_000)
  await before.close()

  const { authority: clientAuthority, server } = await createTlsIdentities()
  const after = openTestControlPlane(storage, clock)
  await after.listen('127.0.0.1', 0, { ...server, clientAuthority })
  const reader = new InProcessTransport((request) => after.server.handle(request), {
    name: 'reader',
    groups: ['system:authenticated'],
  })
  for (const path of ['/api/v1/nodes', '/apis/example.com/v1/widgets']) {
    const list = (await reader.request({ method: 'GET', path })) as { items: unknown[] }
    assert.deepEqual(list.items, [], path)
  }
  await after.close()
  await storage.close()
})
