import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import type { ListOptions } from '../../storage/storage.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const PREFIX = '/registry/configmaps/default/'
const OBJECTS = 3000

/** A server over many objects that were written before it began, and how they are read. */
async function withObjects(
  run: (server: TestServer, reads: { calls: number; items: number }) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  for (let at = 0; at < OBJECTS; at++) {
    const metadata = {
      name: `c${10_000 + at}`,
      namespace: 'default',
      labels: { even: `${at % 2}` },
    }
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata }
    await storage.put(`${PREFIX}${metadata.name}`, Buffer.from(JSON.stringify(object)))
  }
  const reads = { calls: 0, items: 0 }
  const read = storage.list.bind(storage)
  storage.list = async (prefix: string, options?: ListOptions) => {
    const found = await read(prefix, options)
    reads.calls++
    reads.items += found.items.length
    return found
  }
  const server = await createTestServer({ storage, clock })
  try {
    await run(server, reads)
  } finally {
    server.close()
    await storage.close()
  }
}

interface Page {
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number }
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

async function page(server: TestServer, query: string): Promise<Page> {
  const { code, text } = await server.send('GET', `${CONFIG_MAPS}?${query}`)
  assert.equal(code, 200, text)
  return JSON.parse(text) as Page
}

/** Makes the present state an old one, and says which it was. */
async function outdate({ storage }: TestServer, name: string): Promise<string> {
  const revision = storage.revision()
  await storage.delete(`${PREFIX}${name}`)
  return String(revision)
}

test('a page of an old state for a selector that nothing matches takes few reads, and turns', () =>
  withObjects(async (server, reads) => {
    await page(server, 'limit=1')
    const exact = `resourceVersionMatch=Exact&resourceVersion=${await outdate(server, 'c10000')}`
    reads.calls = 0
    reads.items = 0
    const turns = new TurnCounter()
    const none = await page(server, `${exact}&limit=1&labelSelector=even=2`)
    assert.ok(turns.stop() >= OBJECTS / 1000, 'others are served meanwhile')
    assert.deepEqual(none.items, [])
    assert.equal(none.metadata.continue, undefined)
    assert.equal(reads.items, OBJECTS, 'each is read once')
    assert.ok(reads.calls <= 4, `${reads.calls} reads: each is larger than the one before`)
  }))

test('objects of an old state that have to be decoded are so in many turns', () =>
  withObjects(async (server) => {
    await page(server, 'limit=1')
    const revision = String(server.storage.revision())
    for (let at = 0; at < OBJECTS; at++) await server.storage.delete(`${PREFIX}c${10_000 + at}`)
    const turns = new TurnCounter()
    const all = await page(server, `resourceVersionMatch=Exact&resourceVersion=${revision}`)
    assert.ok(turns.stop() >= OBJECTS / 100)
    assert.equal(all.items.length, OBJECTS)
  }))

test('pages go on in the cache as long as nothing has changed, and then in the storage', () =>
  withObjects(async (server, reads) => {
    const first = await page(server, 'limit=1000')
    assert.equal(first.metadata.remainingItemCount, 2000)
    reads.calls = 0
    const second = await page(server, `limit=1000&continue=${first.metadata.continue}`)
    assert.equal(reads.calls, 0)
    assert.equal(second.items[0]?.metadata.name, 'c11000')
    assert.equal(second.metadata.remainingItemCount, 1000)
    await outdate(server, 'c12500')
    const third = await page(server, `limit=1000&continue=${second.metadata.continue}`)
    assert.equal(reads.calls, 1)
    const { items } = third
    assert.deepEqual([items.length, items.at(500)?.metadata.name], [1000, 'c12500'])
    assert.equal(third.metadata.continue, undefined)
    await server.storage.compact(server.storage.revision())
    const late = await server.send(
      'GET',
      `${CONFIG_MAPS}?limit=1000&continue=${second.metadata.continue}`,
    )
    assert.equal(late.code, 410)
  }))

test('a compacted state is gone, though the cache still has it', () =>
  withObjects(async (server) => {
    const first = await page(server, 'limit=1000')
    await server.storage.put('/registry/other/a', Buffer.from('{}'))
    await server.storage.compact(server.storage.revision())
    const late = await server.send(
      'GET',
      `${CONFIG_MAPS}?limit=1000&continue=${first.metadata.continue}`,
    )
    assert.equal(late.code, 410)
  }))

test('a full page says where it goes on, behind what it has looked at', () =>
  withObjects(async (server) => {
    await page(server, 'limit=1')
    const exact = `resourceVersion=${await outdate(server, 'c10000')}`
    const odd = await page(server, `${exact}&limit=3&labelSelector=even=1`)
    const names = ({ items }: Page) => items.map(({ metadata }) => metadata.name)
    assert.deepEqual(names(odd), ['c10001', 'c10003', 'c10005'])
    assert.equal(odd.metadata.remainingItemCount, undefined)
    const token = odd.metadata.continue
    const next = await page(server, `limit=2&labelSelector=even=1&continue=${token}`)
    assert.deepEqual(names(next), ['c10007', 'c10009'])
    const asItWas = await page(server, `${exact}&limit=2`)
    assert.deepEqual(names(asItWas), ['c10000', 'c10001'], 'exactly this version, upstream says')
    assert.equal(asItWas.metadata.remainingItemCount, OBJECTS - 2)
  }))
