import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../../base/logger.ts'
import { CustomResourceDefinition } from '../../../kinds/apiextensions/v1/custom-resource-definition.ts'
import type { APIService } from '../../../kinds/apiregistration/v1/api-service.ts'
import { MemoryStorage } from '../../../storage/memory/memory-storage.ts'
import { ResourceTable } from '../../registry/resource-table.ts'
import { ApiServiceTable } from './api-service-table.ts'
import { RegistrationController } from './registration-controller.ts'

const pool = { send: () => Promise.reject(new Error('nobody')), [Symbol.dispose]: () => {} }
const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' }
const definition = {
  ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' },
  metadata: { name: 'boats.a.b', uid: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {
    ...{ group: 'a.b', scope: 'Namespaced', names, conversion: { strategy: 'None' } },
    versions: [{ name: 'v1', served: true, storage: true }],
  },
  status: {
    acceptedNames: names,
    conditions: [{ type: 'Established', status: 'True' }],
    storedVersions: ['v1'],
  },
}

test('the last definition may have gone while nobody told of it: so does its APIService', async () => {
  const clock = new VirtualClock()
  const ports = { clock, logger: silentLogger }
  const plain = MemoryStorage.create(ports)
  const ends: (() => void)[] = []
  const storage = new Proxy(plain, {
    get(target, name) {
      if (name === 'watch') {
        return (...[prefix, revision, handler]: Parameters<typeof plain.watch>) => {
          const watch = target.watch(prefix, revision, handler)
          ends.push(() => {
            watch[Symbol.dispose]()
            ends.push(() => handler.onError(new Error('compacted')))
          })
          return watch
        }
      }
      const found = Reflect.get(target, name, target) as unknown
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
  const resources = new ResourceTable({ kinds: [CustomResourceDefinition], storage, ...ports })
  const store = resources.store(CustomResourceDefinition)
  await store.create(definition as never)
  const table = new ApiServiceTable(() => pool, undefined)
  const controller = new RegistrationController({ ...ports, resources, kinds: [], table })
  const deleted: string[] = []
  const client = {
    create: async (_kind: unknown, { metadata, spec }: APIService) => {
      table.set({ metadata: { ...metadata, uid: '2' }, spec, status: {} } as never)
    },
    delete: async (_kind: unknown, { name }: { readonly name: string }) => deleted.push(name),
  }
  const stop = new AbortController()
  const running = controller.run(client as never, stop.signal)
  await settle()
  await settle()
  assert.equal(table.get('v1.a.b')?.metadata.name, 'v1.a.b')
  for (const end of ends.splice(0)) end()
  await plain.delete(store.keyOf('', 'boats.a.b'))
  for (const end of ends.splice(0)) end()
  await clock.advance(2000)
  assert.deepEqual(deleted, ['v1.a.b'])
  stop.abort()
  await running
  resources.close()
})
