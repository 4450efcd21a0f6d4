import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../../base/logger.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { MemoryStorage } from '../../../storage/memory/memory-storage.ts'
import type { Storage, WatchEvent } from '../../../storage/storage.ts'
import { type Converter, renamingConverter } from './converter.ts'
import { ConvertingStorage } from './converting-storage.ts'

const KEY = '/registry/wherry.example/boats/default/a'
const PREFIX = '/registry/wherry.example/boats/'
const bytes = (object: object) => new TextEncoder().encode(JSON.stringify(object))
// biome-ignore lint/suspicious/noExplicitAny: whatever is stored
const read = (value: Uint8Array | undefined): any => JSON.parse(new TextDecoder().decode(value))

const boat = (apiVersion: string, spec: object) => ({
  apiVersion: `wherry.example/${apiVersion}`,
  kind: 'Boat',
  metadata: { name: 'a', namespace: 'default' },
  spec,
})

/** Waits a turn for each object, as a webhook would. */
const slowConverter: Converter = {
  async convertAll(objects, apiVersion) {
    await Promise.resolve()
    return renamingConverter.convertAll(objects, apiVersion)
  },
}

/** Says in an object's spec by which version it was completed and into which it was fitted. */
const schemas = {
  complete: (object: KubeObject) => marked(object, 'completed'),
  fit: (object: KubeObject) => marked(object, 'fitted'),
}

function marked(object: KubeObject, how: string): KubeObject {
  const { spec } = object as unknown as { readonly spec: object }
  return { ...object, spec: { ...spec, [how]: object.apiVersion.slice(-2) } } as KubeObject
}

function storages(converter: Converter) {
  const clock = new VirtualClock()
  const plain = MemoryStorage.create({ clock, logger: silentLogger })
  const of = (version: string): Storage =>
    new ConvertingStorage({
      ...{ storage: plain, converter, kind: 'Boat', schemas },
      servedVersion: `wherry.example/${version}`,
      storedVersion: 'wherry.example/v1',
    })
  return { plain, v1: of('v1'), v2: of('v2') }
}

for (const [name, converter] of [
  ['at once', renamingConverter],
  ['by somebody who is slow', slowConverter],
] as const) {
  test(`what is stored is completed by its version and fitted into the other, ${name}`, async () => {
    const { plain, v1, v2 } = storages(converter)
    await plain.put(KEY, bytes(boat('v1', {})))
    assert.deepEqual(read((await v1.get(KEY))?.value).spec, { completed: 'v1' })
    const other = read((await v2.get(KEY))?.value)
    assert.equal(other.apiVersion, 'wherry.example/v2')
    assert.deepEqual(other.spec, { completed: 'v1', fitted: 'v2' })
    const { items } = await v2.list(PREFIX)
    assert.deepEqual(read(items[0]?.value), other)
  })

  test(`what is written is stored in one version, and its writer told what remains, ${name}`, async () => {
    const { plain, v2 } = storages(converter)
    const result = await v2.put(KEY, bytes(boat('v2', {})))
    assert.equal(result.code, 'Done')
    const stored = read((await plain.get(KEY))?.value)
    assert.deepEqual([stored.apiVersion, stored.spec], ['wherry.example/v1', { fitted: 'v1' }])
    assert.deepEqual(read(result.code === 'Done' ? result.keyValue.value : undefined).spec, {
      fitted: 'v2',
      completed: 'v1',
    })
  })

  test(`watches have their version, in the order of the writes, ${name}`, async () => {
    const { plain, v2 } = storages(converter)
    const seen: WatchEvent[] = []
    using watch = v2.watch(PREFIX, plain.revision(), {
      onEvents: (events) => seen.push(...events),
      onError: (error) => assert.fail(error as Error),
    })
    await plain.put(KEY, bytes(boat('v1', { n: 1 })))
    await plain.put(KEY, bytes(boat('v1', { n: 2 })))
    await plain.delete(KEY)
    await watch.reached(plain.revision())
    assert.deepEqual(
      seen.map(({ type, value }) => [type, type === 'DELETE' ? undefined : read(value).spec.n]),
      [
        ['PUT', 1],
        ['PUT', 2],
        ['DELETE', undefined],
      ],
    )
  })
}

test('what comes while a webhook is asked is converted together, once it has answered', async () => {
  const asked: number[] = []
  const answers: (() => void)[] = []
  const { plain, v2 } = storages({
    async convertAll(objects, apiVersion) {
      asked.push(objects.length)
      await new Promise<void>((resolve) => answers.push(resolve))
      return renamingConverter.convertAll(objects, apiVersion)
    },
  })
  const seen: WatchEvent[] = []
  using watch = v2.watch(PREFIX, plain.revision(), {
    onEvents: (events) => seen.push(...events),
    onError: (error) => assert.fail(error as Error),
  })
  for (let n = 0; n < 700; n++) await plain.put(KEY, bytes(boat('v1', { n })))
  await plain.delete(KEY)
  assert.deepEqual(asked, [1])
  const numbers: number[] = []
  while (watch.revision < plain.revision()) {
    answers.shift()?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.deepEqual(asked, [1, 500, 199])
  for (const { type, value } of seen) if (type === 'PUT') numbers.push(read(value).spec.n)
  assert.deepEqual(numbers, [...Array(700).keys()])
  assert.equal(seen.at(-1)?.type, 'DELETE')
})

test('a conversion that fails ends the watch', async () => {
  const failure = new Error('no wind')
  const { plain, v2 } = storages({ convertAll: () => Promise.reject(failure) })
  const errors: unknown[] = []
  using _watch = v2.watch(PREFIX, plain.revision(), {
    onEvents: () => assert.fail('nothing can be converted'),
    onError: (error) => errors.push(error),
  })
  await plain.put(KEY, bytes(boat('v1', {})))
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(errors, [failure])
})

test('stale is what would be stored in another form today', async () => {
  const plain = MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
  const of = (served: string, stored: string, below: Storage = plain) =>
    new ConvertingStorage({
      ...{ storage: below, converter: renamingConverter, kind: 'Boat' },
      servedVersion: `wherry.example/${served}`,
      storedVersion: `wherry.example/${stored}`,
      schemas: {
        complete: (object) => ('spec' in object ? object : ({ ...object, spec: {} } as KubeObject)),
        fit: (object) => object,
      },
    })
  const isStale = async (storage: ConvertingStorage) => {
    const found = await storage.get(KEY)
    assert.ok(found !== undefined)
    return storage.isStale(found.value)
  }
  const { spec: _, ...bare } = boat('v1', {})
  await plain.put(KEY, bytes(bare))
  assert.equal(await isStale(of('v1', 'v1')), true, 'a default is missing')
  await plain.put(KEY, bytes(boat('v1', {})))
  for (const served of ['v1', 'v2']) {
    assert.equal(await isStale(of(served, 'v1')), false, served)
    assert.equal(await isStale(of(served, 'v2')), true, served)
  }
  class OldKey extends ConvertingStorage {
    override isStale(): boolean {
      return true
    }
  }
  const schemas = { complete: (object: KubeObject) => object, fit: (object: KubeObject) => object }
  const names = { servedVersion: 'wherry.example/v1', storedVersion: 'wherry.example/v1' }
  const old = new OldKey({
    ...{ storage: plain, converter: renamingConverter, kind: 'Boat', schemas, ...names },
  })
  for (const served of ['v1', 'v2']) assert.equal(await isStale(of(served, 'v1', old)), true)
})
