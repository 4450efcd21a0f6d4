import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../../../base/logger.ts'
import { ConfigMap } from '../../../../kinds/core/v1/config-map.ts'
import { MemoryStorage } from '../../../../storage/memory/memory-storage.ts'
import { ObjectStore } from '../../../registry/object-store.ts'
import { deleteInstances, InstancesLeftError } from './delete-instances.ts'

/** Two objects, of which a finalizer keeps one; `endWatch` is what a store does that begins anew. */
async function storeOfTwo() {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const endings: (() => void)[] = []
  const watched = new Proxy(storage, {
    get(target, name) {
      if (name === 'watch') {
        return (...[prefix, revision, handler]: Parameters<typeof storage.watch>) => {
          endings.push(() => handler.onError(new Error('compacted')))
          return target.watch(prefix, revision, handler)
        }
      }
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const store = new ObjectStore({ kind: ConfigMap, storage: watched, clock, logger: silentLogger })
  const create = (name: string, finalizers?: readonly string[]) =>
    store.create({
      ...{ apiVersion: 'v1', kind: 'ConfigMap' },
      metadata: { name, namespace: 'default', uid: name, ...(finalizers && { finalizers }) },
    } as Parameters<ObjectStore['create']>[0])
  await create('free')
  await create('kept', ['wherry.example/haul-out'])
  const release = () => store.change('default', 'kept', () => ({ type: 'delete' }))
  const endWatch = () => {
    for (const end of endings) end()
  }
  return { clock, store, release, endWatch }
}

test('it is done when the last object has gone', async () => {
  const { clock, store, release } = await storeOfTwo()
  let isDone = false
  const deleting = deleteInstances(store, clock, new AbortController().signal).then(() => {
    isDone = true
  })
  await settle()
  assert.deepEqual([store.cache.count(''), isDone], [1, false])
  await release()
  await deleting
  assert.equal(store.cache.count(''), 0)
})

test('a watch that ends is no proof that all have gone', async () => {
  const { clock, store, endWatch } = await storeOfTwo()
  const deleting = deleteInstances(store, clock, new AbortController().signal)
  const judged = assert.rejects(deleting, (error) => {
    assert.ok(error instanceof InstancesLeftError)
    assert.match(error.message, /^could not confirm zero CustomResources remaining: their watch/)
    return true
  })
  await settle()
  endWatch()
  await judged
})

test('who ends the wait is told that it was the end, and not that all have gone', async () => {
  const { clock, store } = await storeOfTwo()
  const stop = new AbortController()
  const reason = new Error('the server stops')
  const isReason = (error: unknown) => error === reason
  const judged = assert.rejects(deleteInstances(store, clock, stop.signal), isReason)
  await settle()
  stop.abort(reason)
  await judged
  await assert.rejects(deleteInstances(store, clock, stop.signal), isReason)
})

test('objects whose finalizers stay are left', async () => {
  const { clock, store } = await storeOfTwo()
  const deleting = deleteInstances(store, clock, new AbortController().signal)
  const judged = assert.rejects(deleting, /remaining: context deadline exceeded$/)
  await clock.advance(60_000)
  await judged
})
