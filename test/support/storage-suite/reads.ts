import assert from 'node:assert/strict'
import { FutureRevisionError } from '../../../src/storage/storage.ts'
import { recordWatch } from '../storage-recorder.ts'
import { bytes, remove, type Scenario, textOf, write } from './scenario.ts'

/** Reads of any revision. */
export function reads(scenario: Scenario): void {
  scenario('a read at a revision sees the state of that moment', async (storage) => {
    const before = storage.revision()
    const first = await write(storage, '/a', '1')
    const second = await write(storage, '/a', '2')
    const deleted = await remove(storage, '/a')
    const third = await write(storage, '/a', '3')
    const at = async (revision: number) => textOf(await storage.get('/a', { revision }))
    assert.equal(await at(before), undefined)
    assert.equal(await at(first), '1')
    assert.equal(await at(second), '2')
    assert.equal(await at(deleted), undefined)
    assert.equal(await at(third), '3')
  })

  scenario('a read of the future is refused', async (storage) => {
    const revision = (await write(storage, '/a')) + 1
    await assert.rejects(storage.get('/a', { revision }), FutureRevisionError)
    await assert.rejects(storage.list('/', { revision }), FutureRevisionError)
    await assert.rejects(storage.count('/', { revision }), FutureRevisionError)
  })
}

/** What is not acknowledged is not seen; told only of engines in this process. */
export function visibility(scenario: Scenario): void {
  scenario('a write that is under way cannot be seen', async (storage) => {
    const revision = await write(storage, '/a', 'old')
    const seen = recordWatch(storage, '/', revision)
    let isAcknowledged = false
    const pending = storage.put('/b', bytes('new')).then(() => {
      isAcknowledged = true
    })
    while (!isAcknowledged) {
      const isVisible = storage.revision() > revision
      assert.equal((await storage.get('/b')) !== undefined, isVisible)
      if (!isVisible) assert.equal(seen.events.length, 0)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await pending
    assert.equal(seen.events.length, 1)
  })
}
