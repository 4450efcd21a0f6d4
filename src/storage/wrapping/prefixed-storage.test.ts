import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { MemoryStorage } from '../memory/memory-storage.ts'
import type { WatchEvent } from '../storage.ts'
import { PrefixedStorage } from './prefixed-storage.ts'

const bytes = (text: string) => Buffer.from(text)

function open() {
  const inner = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const part = (name: string) => new PrefixedStorage(inner, [['/registry/', `/${name}/`]])
  return { inner, one: part('one'), two: part('two') }
}

test('parts of a storage do not see each other', async () => {
  const { inner, one, two } = open()
  await one.put('/registry/pods/a', bytes('1'))
  await two.put('/registry/pods/a', bytes('2'))
  await two.put('/registry/pods/b', bytes('3'))
  assert.equal(`${(await one.get('/registry/pods/a'))?.value}`, '1')
  assert.equal((await inner.get('/two/pods/a'))?.key, '/two/pods/a')
  const { items, count } = await two.list('/registry/pods/', { startKey: '/registry/pods/a\0' })
  assert.deepEqual([items.map(({ key }) => key), count], [['/registry/pods/b'], 1])
  assert.equal(await one.count('/registry/pods/'), 1)
  assert.equal((await one.delete('/registry/pods/b')).code, 'NotFound')
  await inner.close()
})

test('what stands in no place is common to all', async () => {
  const { inner, one, two } = open()
  await one.put('turn', bytes('1'))
  const result = await two.put('turn', bytes('2'), { expectedModRevision: 0 })
  assert.equal(result.code === 'Conflict' && result.current?.key, 'turn')
  await assert.rejects(one.list(''))
  await inner.close()
})

test('a conflict and a watch name keys as their reader does', async () => {
  const { inner, one, two } = open()
  const seen: [WatchEvent['type'], string, string | undefined][] = []
  const handler = {
    wantsPrevious: true as const,
    onEvents(events: readonly WatchEvent[]) {
      for (const { type, key, previous } of events) seen.push([type, key, previous?.key])
    },
    onError: assert.fail,
  }
  using watch = one.watch('/registry/', one.revision(), handler)
  await two.put('/registry/pods/a', bytes('2'))
  await one.put('/registry/pods/a', bytes('1'))
  const conflict = await one.delete('/registry/pods/a', { expectedModRevision: 1 })
  assert.equal(conflict.code === 'Conflict' && conflict.current?.key, '/registry/pods/a')
  await one.delete('/registry/pods/a')
  await watch.reached(one.revision())
  assert.deepEqual(seen, [
    ['PUT', '/registry/pods/a', undefined],
    ['DELETE', '/registry/pods/a', '/registry/pods/a'],
  ])
  await inner.close()
})
