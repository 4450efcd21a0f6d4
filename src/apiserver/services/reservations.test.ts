import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { Storage } from '../../storage/storage.ts'
import { Reservations } from './reservations.ts'

function sharedStorage(clock = new VirtualClock()): Storage {
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  return Object.assign(storage, { isShared: true })
}

test('of two servers one has an item, until it gives it back', async () => {
  const storage = sharedStorage()
  const [one, two] = [new Reservations(storage), new Reservations(storage)]
  const held = await one.take(['addresses/10.96.0.7', 'ports/30001'])
  assert.notEqual(held, undefined)
  assert.equal(await two.take(['ports/30002', 'ports/30001']), undefined)
  assert.notEqual(await two.take(['ports/30002']), undefined, 'a failed try keeps nothing')
  await held?.release()
  assert.notEqual(await two.take(['ports/30001', 'addresses/10.96.0.7']), undefined)
})

test('what a dead server held is free after a minute', async () => {
  const clock = new VirtualClock()
  const storage = sharedStorage(clock)
  await new Reservations(storage).take(['ports/30001'])
  const other = new Reservations(storage)
  assert.equal(await other.take(['ports/30001']), undefined)
  await clock.advance(62_000)
  assert.notEqual(await other.take(['ports/30001']), undefined)
})

test('a store of one process is not written to', async () => {
  const storage = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  await (await new Reservations(storage).take(['ports/30001']))?.release()
  assert.equal(storage.revision(), 1)
})
