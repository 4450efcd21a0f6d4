import assert from 'node:assert/strict'
import { recordWatch } from '../storage-recorder.ts'
import { bytes, type Scenario } from './scenario.ts'

/** Keys that live for a time. Under the virtual clock, so not with a remote engine. */
export function expiry(scenario: Scenario): void {
  scenario('a key with a time to live goes when it has passed', async (storage, clock) => {
    const put = (key: string, ttlSeconds?: number) => storage.put(key, bytes('x'), { ttlSeconds })
    await put('/soon', 60)
    await put('/renewed', 60)
    await put('/kept', 60)
    await put('/later', 120)
    await put('/for ever')
    const seen = recordWatch(storage, '/', storage.revision())
    const keys = async () => (await storage.list('/')).items.map(({ key }) => key)
    await clock.advance(50_000)
    await put('/renewed', 60)
    await put('/kept')
    await clock.advance(9000)
    assert.equal((await keys()).length, 5)
    await clock.advance(2000)
    await seen.watch.reached(9)
    assert.deepEqual(await keys(), ['/for ever', '/kept', '/later', '/renewed'])
    await clock.advance(50_000)
    await seen.watch.reached(10)
    await clock.advance(11_000)
    await seen.watch.reached(11)
    assert.deepEqual(await keys(), ['/for ever', '/kept'])
    const deleted = seen.events.filter(({ type }) => type === 'DELETE').map(({ key }) => key)
    assert.deepEqual(deleted, ['/soon', '/renewed', '/later'])
    await clock.advance(1000)
    assert.equal(clock.pendingTimers, 0)
  })

  scenario('closing lets go of the timer', async (storage, clock) => {
    await storage.put('/a', bytes('x'), { ttlSeconds: 60 })
    assert.equal(clock.pendingTimers, 1)
    await storage.close()
    assert.equal(clock.pendingTimers, 0)
  })
}
