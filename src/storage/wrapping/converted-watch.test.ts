import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { MemoryStorage } from '../memory/memory-storage.ts'
import type { Storage, WatchEvent, WatchHandler } from '../storage.ts'
import { ConvertedWatch, eachAlone } from './converted-watch.ts'

const newStorage = (): Storage =>
  MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })

/** Notes keys, and `failed`. */
function recorder(): WatchHandler & { readonly seen: string[] } {
  const seen: string[] = []
  return {
    seen,
    onEvents: (events) => void seen.push(...events.map(({ key }) => key)),
    onError: () => void seen.push('failed'),
  }
}

test('events keep their order, however long each conversion takes', async () => {
  const storage = newStorage()
  const handler = recorder()
  const release = new Map<string, () => void>()
  const convert = (event: WatchEvent) =>
    event.key === '/quick'
      ? event
      : new Promise<WatchEvent>((resolve) => release.set(event.key, () => resolve(event)))
  const watch = new ConvertedWatch(handler, eachAlone(convert)).follow(
    storage,
    '/',
    storage.revision(),
  )
  const keys = ['/quick', '/one', '/two', '/three', '/quick']
  for (const key of keys) await storage.put(key, new Uint8Array(1))
  assert.deepEqual(handler.seen, ['/quick'], 'what is converted at once comes at once')
  assert.equal(watch.revision, 2, 'the rest has not been delivered')
  assert.deepEqual([...release.keys()], ['/one'], 'what comes meanwhile gathers')
  release.get('/one')?.()
  await setImmediate()
  assert.equal(watch.revision, 3, 'one of three has been')
  assert.deepEqual([...release.keys()], ['/one', '/two', '/three'], 'and is converted together')
  release.get('/three')?.()
  await setImmediate()
  assert.deepEqual(handler.seen, ['/quick', '/one'])
  release.get('/two')?.()
  await watch.reached(storage.revision())
  assert.deepEqual(handler.seen, keys)
  assert.equal(watch.revision, storage.revision())
})

test('a conversion that fails ends the watch, after what came before it', async () => {
  const storage = newStorage()
  const handler = recorder()
  const convert = async (event: WatchEvent) => {
    if (event.key === '/bad') throw new Error('not to be converted')
    return event
  }
  new ConvertedWatch(handler, eachAlone(convert)).follow(storage, '/', storage.revision())
  for (const key of ['/good', '/bad', '/late']) await storage.put(key, new Uint8Array(1))
  for (let turn = 0; turn < 5; turn++) await setImmediate()
  assert.deepEqual(handler.seen, ['/good', 'failed'])
})

test('a disposed watch hears no more, not even of what was being converted', async () => {
  const storage = newStorage()
  const handler = recorder()
  const watch = new ConvertedWatch(handler, async (events) => {
    await setImmediate()
    return events
  })
  watch.follow(storage, '/', storage.revision())
  await storage.put('/a', new Uint8Array(1))
  watch[Symbol.dispose]()
  await storage.put('/b', new Uint8Array(1))
  for (let turn = 0; turn < 5; turn++) await setImmediate()
  assert.deepEqual(handler.seen, [])
  await assert.rejects(watch.reached(storage.revision()))
})

test('what was there before is asked for only by those who want it', () => {
  const asked: (true | undefined)[] = []
  const storage = {
    watch: (_prefix: string, _revision: number, { wantsPrevious }: WatchHandler) => {
      asked.push(wantsPrevious)
    },
  } as never
  new ConvertedWatch(recorder(), (events) => events).follow(storage, '/', 1)
  const eager: WatchHandler = { ...recorder(), wantsPrevious: true }
  new ConvertedWatch(eager, (events) => events).follow(storage, '/', 1)
  assert.deepEqual(asked, [undefined, true])
})
