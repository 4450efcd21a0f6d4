import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import { MemoryStorage } from '../storage/memory/memory-storage.ts'
import { claimStore } from './claim-store.ts'

test('a store belongs to the first authority, and is not written to again', async () => {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  // Both at once: one of them is first.
  await Promise.all([claimStore(storage, 'mine', 'keys'), claimStore(storage, 'mine\n', 'keys')])
  const revision = storage.revision()
  storage.put = () => Promise.reject(new Error('database space exceeded'))
  await claimStore(storage, 'mine', 'keys')
  await assert.rejects(claimStore(storage, 'another', 'keys'), /another certificate authority/)
  assert.equal(storage.revision(), revision)
})
