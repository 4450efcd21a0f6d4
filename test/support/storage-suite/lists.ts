import assert from 'node:assert/strict'
import { bytes, type Scenario, textOf, write, writeMany } from './scenario.ts'

/** Prefixes, order, pages and the moment that a list shows. */
export function lists(scenario: Scenario): void {
  scenario('a prefix never matches half a name', async (storage) => {
    for (const key of [
      '/r/pods/ab/x',
      '/r/pods/abc/x',
      '/r/pods/ab',
      '/r/pods/ab0',
      '/r/podsx/a',
    ]) {
      await write(storage, key)
    }
    const keys = async (prefix: string) => (await storage.list(prefix)).items.map(({ key }) => key)
    assert.deepEqual(await keys('/r/pods/ab/'), ['/r/pods/ab/x'])
    assert.deepEqual(await keys('/r/podsx/'), ['/r/podsx/a'])
    assert.equal((await keys('/r/pods/')).length, 4)
    assert.equal((await keys('')).length, 5)
    assert.equal(await storage.count('/r/pods/ab/'), 1)
    await assert.rejects(storage.list('/r/pods'), /does not end in/)
  })

  scenario('keys are ordered by their bytes', async (storage) => {
    const keys = ['/a', '/B', '/~', '/é', '/\uffff', '/😀', '/a/b', '/a0', '/a-']
    for (const key of keys) await write(storage, key)
    const listed = (await storage.list('')).items.map(({ key }) => key)
    const expected = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    assert.deepEqual(listed, expected)
  })

  scenario('pages of an old revision are consistent whatever is written', async (storage) => {
    const name = (i: number) => `/p/${String(i).padStart(3, '0')}`
    for (let i = 0; i < 250; i++) await write(storage, name(i), 'old')
    const first = await storage.list('/p/', { limit: 100 })
    assert.deepEqual([first.items.length, first.more, first.count], [100, true, 250])
    await Promise.all(
      Array.from({ length: 250 }, (_, i) =>
        i % 3 === 0 ? storage.delete(name(i)) : storage.put(name(i), bytes('new')),
      ),
    )
    await write(storage, '/p/0999')
    const { revision } = first
    const page = (from: number, limit: number) =>
      storage.list('/p/', { revision, limit, startKey: name(from) })
    const second = await page(100, 100)
    const third = await page(200, 100)
    assert.deepEqual([second.items.length, second.more, second.count], [100, true, 150])
    assert.deepEqual([third.items.length, third.more, third.count], [50, false, 50])
    const all = [...first.items, ...second.items, ...third.items]
    assert.deepEqual(
      all.map(({ key }) => key),
      Array.from({ length: 250 }, (_, i) => name(i)),
    )
    assert.ok(all.every((item) => textOf(item) === 'old'))
    assert.equal(await storage.count('/p/', { revision }), 250)
    assert.equal(await storage.count('/p/'), 250 - 84 + 1)
  })

  scenario(
    'a large list is one moment, though written to and compacted meanwhile',
    async (storage, _, { isRemote }) => {
      const puts = (text: string) => writeMany(storage, 3500, (i) => `/l/${i}`, text)
      const old = await puts('old')
      const listing = storage.list('/l/')
      const next = await puts('new')
      await storage.compact(storage.revision())
      const { items, revision } = await listing
      assert.equal(items.length, 3500)
      for (const item of items) {
        const number = Number(item.key.slice('/l/'.length))
        const isNew = (next[number] ?? 0) <= revision
        assert.equal(item.modRevision, isNew ? next[number] : old[number])
        assert.equal(textOf(item), isNew ? 'new' : 'old')
        assert.ok(isRemote || !isNew, 'the moment is that of the call')
      }
    },
  )
}
