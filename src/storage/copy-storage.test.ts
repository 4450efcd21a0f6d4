import assert from 'node:assert/strict'
import { test } from 'node:test'
import { write } from '../../test/support/storage-suite/scenario.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import { copyStorage } from './copy-storage.ts'
import { COMPACTION_KEY } from './etcd/etcd-compactor.ts'
import { MemoryStorage } from './memory/memory-storage.ts'

const clock = new VirtualClock()
const open = () => MemoryStorage.create({ clock, logger: silentLogger })
const contentOf = async (storage: MemoryStorage) =>
  (await storage.list('')).items.map(({ key, value }) => `${key}=${Buffer.from(value).toString()}`)

test('a copy has the keys and values of its source, in the order of their changes', async () => {
  const [from, to] = [open(), open()]
  for (let i = 0; i < 300; i++) await write(from, `/k/${i % 100}`, `${i}`)
  await write(from, '/k/7', 'newest')
  await write(from, COMPACTION_KEY, '250')
  const result = await copyStorage({ from, to, isForced: false })
  assert.deepEqual(result, { copied: 100, removed: 0 })
  const expected = (await contentOf(from)).filter((line) => !line.startsWith(COMPACTION_KEY))
  assert.deepEqual(await contentOf(to), expected)
  const newest = (await to.list('')).items.toSorted((a, b) => b.modRevision - a.modRevision)
  assert.equal(newest[0]?.key, '/k/7')
})

test('the target goes on after the source, and old revisions are told to be so', async () => {
  const [from, to] = [open(), open()]
  for (let i = 0; i < 700; i++) await write(from, '/a', `${i}`)
  await write(from, '/b')
  const told = from.revision()
  await copyStorage({ from, to, isForced: false })
  assert.ok(to.revision() > told)
  assert.deepEqual(await contentOf(to), ['/a=699', '/b=/b'])
  for (const revision of [1, told - 1, told]) {
    const ended = new Promise((_, reject) => {
      to.watch('', revision, { onEvents() {}, onError: reject })
    })
    await assert.rejects(ended, { name: 'CompactedError' })
    await assert.rejects(to.list('', { revision }), { name: 'CompactedError' })
  }
  // It is ahead already.
  const again = open()
  await write(again, '/a')
  const before = to.revision()
  await copyStorage({ from: again, to, isForced: true })
  assert.equal(to.revision(), before + 2)
  assert.equal(to.compactedRevision(), before + 2)
})

test('a source that is further ahead than can be written is refused before anything is', async () => {
  const [from, to] = [open(), open()]
  await write(from, '/a')
  const list = from.list.bind(from)
  from.list = async (prefix) => ({ ...(await list(prefix)), revision: 20_000_001 })
  await assert.rejects(
    copyStorage({ from, to, isForced: false }),
    /20000001 revisions behind the source: first use etcdutl .* --bump-revision 20000001 /,
  )
  assert.equal(to.revision(), 1)
})

test('a target with content is refused, or replaced when forced', async () => {
  const [from, to] = [open(), open()]
  await write(from, '/a', 'new')
  await write(from, '/b')
  await write(to, '/a', 'old')
  await write(to, '/other')
  await write(to, COMPACTION_KEY, '5')
  await assert.rejects(copyStorage({ from, to, isForced: false }), /holds 2 keys/)
  assert.equal((await contentOf(to)).length, 3)
  const result = await copyStorage({ from, to, isForced: true })
  assert.deepEqual(result, { copied: 2, removed: 1 })
  assert.deepEqual(await contentOf(to), ['/a=new', '/b=/b', `${COMPACTION_KEY}=5`])
})

test('a key that will go by itself goes in the copy, too', async () => {
  const [from, to] = [open(), open()]
  await from.put('/event', Buffer.from('x'), { ttlSeconds: 100 })
  await write(from, '/kept')
  await clock.advance(40_000)
  await copyStorage({ from, to, isForced: false })
  await clock.advance(55_000)
  assert.equal((await contentOf(to)).length, 2)
  await clock.advance(10_000)
  assert.deepEqual(await contentOf(to), ['/kept=/kept'])
})

test('a source that is written to meanwhile is told', async () => {
  const [from, to] = [open(), open()]
  await write(from, '/a')
  const put = to.put.bind(to)
  to.put = async (key, value, options) => {
    await write(from, '/late')
    return put(key, value, options)
  }
  await assert.rejects(
    copyStorage({ from, to, isForced: false }),
    /written to meanwhile \(\/late\)/,
  )
})

test('of several clusters in a store one is copied, the others stay as they are', async () => {
  const [from, to] = [open(), open()]
  for (const key of ['/registry/pods/a', '/wherry/authority']) await write(from, key, 'ours')
  const theirs = ['/team/a/pods/b', '/team/a/services/c/d', '/wherry/team/a/authority']
  for (const key of theirs) await write(from, key, 'theirs')
  await from.put('/team/a/events/e', Buffer.from('theirs'), { ttlSeconds: 50 })
  await write(to, '/elsewhere/pods/z', 'another')
  await write(to, '/b/pods/old', 'old')
  const teamA = [
    { here: '/registry/', below: '/team/a/' },
    { here: '/wherry/', below: '/wherry/team/a/', isShallow: true },
  ] as const
  const inB = [
    { here: '/registry/', below: '/b/' },
    { here: '/wherry/', below: '/wherry/b/', isShallow: true },
  ] as const
  const places = { from: teamA, to: inB }
  await assert.rejects(copyStorage({ from, to, isForced: false, places }), /holds 1 keys/)
  assert.deepEqual(await copyStorage({ from, to, isForced: true, places }), {
    copied: 4,
    removed: 1,
  })
  assert.deepEqual(await contentOf(to), [
    '/b/events/e=theirs',
    '/b/pods/b=theirs',
    '/b/services/c/d=theirs',
    '/elsewhere/pods/z=another',
    '/wherry/b/authority=theirs',
  ])
  const isBound = (value: Uint8Array) => Buffer.from(value).toString() === 'theirs'
  const moving = copyStorage({ from, to: open(), isForced: false, places, isBound })
  await assert.rejects(moving, /is encrypted for its key: before it gets another prefix, have/)
  const staying = { from: teamA, to: teamA }
  await copyStorage({ from, to: open(), isForced: false, places: staying, isBound })
  await clock.advance(51_000)
  assert.equal((await contentOf(to))[0], '/b/pods/b=theirs')
  const ours = [
    { here: '/registry/', below: '/registry/' },
    { here: '/wherry/', below: '/wherry/', isShallow: true },
  ] as const
  const alone = open()
  await copyStorage({ from, to: alone, isForced: false, places: { from: ours, to: ours } })
  assert.deepEqual(await contentOf(alone), ['/registry/pods/a=ours', '/wherry/authority=ours'])
})
