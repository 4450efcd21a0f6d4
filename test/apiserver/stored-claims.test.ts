import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLogger } from '../../src/base/logger.ts'
import type { PersistentVolumeClaim } from '../../src/kinds/core/v1/persistent-volume-claim.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { createTestServer } from '../support/api-server.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'

test('claims of old servers are shown with what claims have today, and can be changed', async () => {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const resources = { requests: { storage: '1Gi' } }
  const common = { accessModes: ['ReadWriteOnce'], resources }
  const dataSource = { kind: 'PersistentVolumeClaim', name: 'b' }
  const specs = {
    plain: common,
    older: { ...common, dataSource },
    newer: { ...common, volumeMode: 'Block', dataSourceRef: dataSource },
  }
  for (const [name, spec] of Object.entries(specs)) {
    const metadata = { name, namespace: 'default', uid: `of-${name}` }
    const names = { kind: 'PersistentVolumeClaim', apiVersion: 'v1' }
    const stored = { ...names, metadata, spec, status: { phase: 'Pending' } }
    const key = `/registry/persistentvolumeclaims/default/${name}`
    await storage.put(key, new TextEncoder().encode(JSON.stringify(stored)))
  }
  const server = await createTestServer({ clock, storage })
  await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default' } } })
  const { items } = JSON.parse((await server.send('GET', CLAIMS)).text) as {
    readonly items: readonly PersistentVolumeClaim[]
  }
  const shown = items.map(({ metadata, spec: { volumeMode, dataSource, dataSourceRef } }) => [
    ...[metadata.name, volumeMode, dataSource, dataSourceRef],
  ])
  const source = { ...dataSource, apiGroup: null }
  assert.deepEqual(shown, [
    ['newer', 'Block', source, source],
    ['older', 'Filesystem', source, source],
    ['plain', 'Filesystem', undefined, undefined],
  ])
  for (const claim of items) {
    const labelled = { ...claim, metadata: { ...claim.metadata, labels: { a: 'b' } } }
    const url = `${CLAIMS}/${claim.metadata.name}`
    const { code, text } = await server.send('PUT', url, { body: labelled })
    assert.equal(code, 200, text)
  }
  server.close()
  await storage.close()
})
