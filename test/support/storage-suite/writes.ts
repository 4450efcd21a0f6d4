import assert from 'node:assert/strict'
import type { KeyValue } from '../../../src/storage/storage.ts'
import { bytes, remove, type Scenario, textOf, write } from './scenario.ts'

/** Revisions, versions and compare-and-swap. */
export function writes(scenario: Scenario): void {
  scenario('an empty store has revision 1, and each write one more', async (storage) => {
    const first = storage.revision()
    assert.equal(first, 1)
    assert.equal(await write(storage, '/a'), first + 1)
    assert.equal(await write(storage, '/b'), first + 2)
    assert.equal(await remove(storage, '/a'), first + 3)
    assert.equal(storage.revision(), first + 3)
    assert.equal(await storage.currentRevision(), first + 3)
  })

  scenario('create and version count from the last creation', async (storage) => {
    const created = await write(storage, '/a', '1')
    const updated = await write(storage, '/a', '2')
    const expected = { key: '/a', createRevision: created, modRevision: updated, version: 2 }
    const { value, ...found } = (await storage.get('/a')) as KeyValue
    assert.deepEqual(found, expected)
    assert.equal(textOf({ value }), '2')
    await remove(storage, '/a')
    assert.equal(await storage.get('/a'), undefined)
    const again = await write(storage, '/a', '3')
    const recreated = await storage.get('/a')
    assert.deepEqual([recreated?.createRevision, recreated?.version], [again, 1])
  })

  scenario('a failed compare returns what is there and takes no revision', async (storage) => {
    const revision = await write(storage, '/a', 'mine')
    const create = await storage.put('/a', bytes('other'), { expectedModRevision: 0 })
    assert.equal(create.code, 'Conflict')
    assert.equal(textOf(create.code === 'Conflict' ? create.current : undefined), 'mine')
    const update = await storage.put('/a', bytes('x'), { expectedModRevision: revision + 7 })
    assert.equal(update.code, 'Conflict')
    const removal = await storage.delete('/a', { expectedModRevision: revision - 1 })
    assert.equal(removal.code, 'Conflict')
    const missing = await storage.put('/no', bytes('x'), { expectedModRevision: revision })
    assert.deepEqual(missing, { code: 'Conflict', current: undefined })
    assert.deepEqual(await storage.delete('/no'), { code: 'NotFound' })
    assert.equal(storage.revision(), revision)
    const swap = await storage.put('/a', bytes('new'), { expectedModRevision: revision })
    assert.equal(swap.code, 'Done')
    const done = await storage.delete('/a', { expectedModRevision: revision + 1 })
    assert.deepEqual(done, { code: 'Done', revision: revision + 2 })
  })

  scenario('of many who swap at once one wins, and the others see its value', async (storage) => {
    const revision = await write(storage, '/a', 'old')
    const attempts = Array.from({ length: 20 }, (_, i) =>
      storage.put('/a', bytes(`by ${i}`), { expectedModRevision: revision }),
    )
    const results = await Promise.all(attempts)
    const winner = results.findIndex(({ code }) => code === 'Done')
    assert.equal(results.filter(({ code }) => code === 'Done').length, 1)
    assert.equal(storage.revision(), revision + 1)
    for (const result of results) {
      if (result.code !== 'Conflict') continue
      assert.equal(textOf(result.current), `by ${winner}`)
      assert.equal(result.current?.modRevision, revision + 1)
    }
  })

  scenario('any bytes and any well-formed key are kept', async (storage) => {
    const large = Buffer.alloc(1_500_000, 7)
    await storage.put('/large', large)
    await storage.put('/empty', new Uint8Array(0))
    await write(storage, '/__proto__/constructor', 'p')
    await write(storage, `/${'long'.repeat(2000)}`, 'l')
    assert.ok(large.equals((await storage.get('/large'))?.value ?? new Uint8Array(0)))
    assert.equal((await storage.get('/empty'))?.value.length, 0)
    assert.equal(textOf(await storage.get('/__proto__/constructor')), 'p')
    assert.equal(textOf(await storage.get(`/${'long'.repeat(2000)}`)), 'l')
    await assert.rejects(storage.put('/\ud800', bytes('x')), /well-formed/)
  })
}
