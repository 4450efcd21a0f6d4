import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONFIG_MAPS, patch, withServer } from '../../../test/support/json-server.ts'
import { StorageRefusedError } from '../../storage/storage.ts'

const LIMIT_BYTES = 6000

/** So many labels that the fields' owners need about as much room as they. */
const labels = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`a-label-${index}`, 'x']))

test('what is too large for the store with its managed fields is kept without them', () =>
  withServer(async (send, { storage }) => {
    const put = storage.put.bind(storage)
    storage.put = (key, value, options) => {
      if (value.length <= LIMIT_BYTES) return put(key, value, options)
      const why = 'etcdserver: request is too large'
      return Promise.reject(new StorageRefusedError(why, new Error(why), true))
    }
    const large = { metadata: { name: 'a', labels: labels(200) } }
    const created = await send('POST', CONFIG_MAPS, large)
    assert.equal(created.code, 201)
    assert.equal(created.body.metadata['managedFields'], undefined)

    const url = `${CONFIG_MAPS}/b`
    const small = await send('POST', CONFIG_MAPS, { metadata: { name: 'b' }, data: { k: 'v' } })
    assert.notEqual(small.body.metadata['managedFields'], undefined)
    const updated = await send('PUT', url, { metadata: { ...large.metadata, name: 'b' } })
    assert.deepEqual([updated.code, updated.body.metadata['managedFields']], [200, undefined])

    await send('POST', CONFIG_MAPS, { metadata: { name: 'c' } })
    const patched = await patch(send, `${CONFIG_MAPS}/c`, { metadata: { labels: labels(201) } })
    assert.deepEqual([patched.code, patched.body.metadata['managedFields']], [200, undefined])

    const applied = await send(
      'PATCH',
      `${CONFIG_MAPS}/d?fieldManager=me`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...large.metadata, name: 'd' } },
      'application/apply-patch+yaml',
    )
    assert.equal(applied.code, 500, 'an apply without its owners would not be one')

    const huge = await send('POST', CONFIG_MAPS, { metadata: { name: 'e', labels: labels(900) } })
    assert.equal(huge.code, 500)
  }))
