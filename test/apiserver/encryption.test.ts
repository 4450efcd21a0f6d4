import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EncryptingStorage } from '../../src/apiserver/encryption/encrypting-storage.ts'
import { Encryption } from '../../src/apiserver/encryption/encryption.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { Secret } from '../../src/kinds/core/v1/secret.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import type {
  KeyValue,
  ListOptions,
  Storage,
  WatchHandler,
  WriteOptions,
} from '../../src/storage/storage.ts'
import { ConvertedWatch } from '../../src/storage/wrapping/converted-watch.ts'
import { PrefixedStorage } from '../../src/storage/wrapping/prefixed-storage.ts'
import { WrappingStorage } from '../../src/storage/wrapping/wrapping-storage.ts'
import { createTestServer } from '../support/api-server.ts'
import { TurnCounter } from '../support/turn-counter.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const SECRETS = '/api/v1/namespaces/default/secrets'
const CREDENTIALS = 'cGFzc3dvcmQxMjM='

function encryptionOf(...keys: readonly string[]): Encryption {
  const secretOf = (name: string) => Buffer.alloc(32, name).toString('base64')
  const box = { keys: keys.map((name) => ({ name, secret: secretOf(name) })) }
  const providers = [...(keys.length === 0 ? [] : [{ secretbox: box }]), { identity: {} }]
  return new Encryption({ resources: [{ resources: ['secrets'], providers }] }, seededRandom(5))
}

function newStorage(): Storage {
  return MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
}

/** A storage that another process writes to as well: events come when `arrive` has resolved. */
class DistantStorage extends WrappingStorage {
  arrive: Promise<void> = Promise.resolve()

  override get isShared(): boolean {
    return true
  }

  /** Nothing has been seen of what others wrote. */
  override revision(): number {
    return 1
  }

  list(prefix: string, options?: ListOptions) {
    return this.inner.list(prefix, options)
  }

  put(key: string, value: Uint8Array, options?: WriteOptions) {
    return this.inner.put(key, value, options)
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler) {
    const watch = new ConvertedWatch(handler, (event) => this.arrive.then(() => event))
    return watch.follow(this.inner, prefixOrKey, afterRevision)
  }

  protected async readOne(keyValue: KeyValue): Promise<KeyValue> {
    return keyValue
  }
}

/** A server over a storage that outlives it, as a restart would leave it. */
async function serverWith(storage: Storage, encryption?: Encryption) {
  const server = await createTestServer({ storage, ...(encryption && { encryption }) })
  const namespace = { body: { metadata: { name: 'default' } } }
  await server.send('POST', '/api/v1/namespaces', namespace)
  return server
}

const objectOf = <T>({ text }: { readonly text: string }) => JSON.parse(text) as T

const newSecret = (name: string) => ({ metadata: { name }, data: { key: CREDENTIALS } })

async function rawOf(storage: Storage, name: string, namespace = 'default'): Promise<string> {
  const found = await storage.get(`/registry/secrets/${namespace}/${name}`)
  return Buffer.from(found?.value ?? []).toString('latin1')
}

describe('Secrets at rest', () => {
  test('nothing of them is readable in the storage, and all of it in the API', async () => {
    const storage = newStorage()
    const { send } = await serverWith(storage, encryptionOf('key1'))
    const made = await send('POST', SECRETS, { body: newSecret('a') })
    assert.equal(made.code, 201)
    const { items } = await storage.list('')
    const all = items.map(({ value }) => Buffer.from(value).toString('latin1')).join()
    assert.equal(all.includes(CREDENTIALS), false)
    assert.equal(all.includes('"Secret"'), false)
    assert.match(await rawOf(storage, 'a'), /^k8s:enc:secretbox:v1:key1:/)
    const got = await send('GET', `${SECRETS}/a`)
    assert.equal(objectOf<Secret>(got).data?.['key'], CREDENTIALS)
    const pod = await storage.get('/registry/namespaces/default')
    assert.match(Buffer.from(pod?.value ?? []).toString(), /^{"kind":"Namespace"/)
  })

  test('a server that starts again reads them, old pages and watches included', async () => {
    const storage = newStorage()
    const before = await serverWith(storage, encryptionOf('key1'))
    const first = await before.send('POST', SECRETS, { body: newSecret('a') })
    const revision = objectOf<Secret>(first).metadata.resourceVersion
    await before.send('POST', SECRETS, { body: newSecret('b') })
    const { send, client } = await serverWith(storage, encryptionOf('key1'))
    const page = await send('GET', `${SECRETS}?limit=1`)
    const token = objectOf<{ metadata: { continue: string } }>(page).metadata.continue
    const rest = await send('GET', `${SECRETS}?limit=1&continue=${encodeURIComponent(token)}`)
    assert.equal(objectOf<{ items: Secret[] }>(rest).items[0]?.data?.['key'], CREDENTIALS)
    const exact = `resourceVersion=${revision}&resourceVersionMatch=Exact`
    const old = await send('GET', `${SECRETS}?${exact}`)
    assert.deepEqual(
      objectOf<{ items: Secret[] }>(old).items.map(({ metadata }) => metadata.name),
      ['a'],
    )
    const stop = new AbortController()
    const events = client.watch(Secret, {
      namespace: 'default',
      resourceVersion: revision ?? '',
      signal: stop.signal,
    })
    for await (const event of events) {
      assert.equal((event.object as Secret).metadata.name, 'b')
      assert.equal((event.object as Secret).data?.['key'], CREDENTIALS)
      break
    }
    stop.abort()
  })

  test('a new key in front: the same object written again has the new key', async () => {
    const storage = newStorage()
    const before = await serverWith(storage, encryptionOf('old'))
    await before.send('POST', SECRETS, { body: newSecret('a') })
    const { send } = await serverWith(storage, encryptionOf('new', 'old'))
    const object = objectOf<Secret>(await send('GET', `${SECRETS}/a`))
    assert.match(await rawOf(storage, 'a'), /^k8s:enc:secretbox:v1:old:/)
    const rewritten = await send('PUT', `${SECRETS}/a`, { body: object })
    assert.equal(rewritten.code, 200)
    assert.match(await rawOf(storage, 'a'), /^k8s:enc:secretbox:v1:new:/)
    const versionOf = (one: Secret) => one.metadata.resourceVersion
    assert.notEqual(versionOf(objectOf<Secret>(rewritten)), versionOf(object))
    const again = await send('PUT', `${SECRETS}/a`, { body: objectOf<Secret>(rewritten) })
    assert.equal(
      versionOf(objectOf<Secret>(again)),
      versionOf(objectOf<Secret>(rewritten)),
      'fresh ones are left alone',
    )
    const after = await serverWith(storage, encryptionOf('new'))
    assert.equal((await after.send('GET', `${SECRETS}/a`)).code, 200)
  })

  test('what was stored in plain stays readable, and is encrypted with its next write', async () => {
    const storage = newStorage()
    const before = await serverWith(storage)
    await before.send('POST', SECRETS, { body: newSecret('a') })
    assert.match(await rawOf(storage, 'a'), /^{"kind":"Secret"/)
    const { send } = await serverWith(storage, encryptionOf('key1'))
    const object = objectOf<Secret>(await send('GET', `${SECRETS}/a`))
    await send('PUT', `${SECRETS}/a`, { body: object })
    assert.match(await rawOf(storage, 'a'), /^k8s:enc:/)
  })

  test('what another server has written is read, however late its events come', async () => {
    const storage = newStorage()
    const distant = new DistantStorage(storage)
    const one = await serverWith(storage, encryptionOf('key1'))
    await one.send('POST', SECRETS, { body: newSecret('a') })
    const other = await serverWith(distant, encryptionOf('key1'))
    const object = objectOf<Secret>(await other.send('GET', `${SECRETS}/a`))
    let arrive = () => {}
    distant.arrive = new Promise((resolve) => {
      arrive = resolve
    })
    await one.send('PUT', `${SECRETS}/a`, { body: { ...object, data: { key: 'bmV3' } } })
    const reading = other.send('GET', `${SECRETS}/a`)
    arrive()
    assert.equal(objectOf<Secret>(await reading).data?.['key'], 'bmV3')
  })

  test('what a server with a newer key writes ends the watches of one that lacks it', async () => {
    const storage = newStorage()
    const behind = await serverWith(storage, encryptionOf('old'))
    await behind.send('POST', SECRETS, { body: newSecret('a') })
    const watch = await behind.watch(`${SECRETS}?watch=true`)
    assert.match((await watch.take(1)).join(), /^ADDED a@/)
    const ahead = await serverWith(storage, encryptionOf('new', 'old'))
    const object = objectOf<Secret>(await ahead.send('GET', `${SECRETS}/a`))
    await ahead.send('PUT', `${SECRETS}/a`, { body: object })
    assert.deepEqual(await watch.take(1), ['END'], 'and it was not DELETED')
    const list = await behind.send('GET', SECRETS)
    assert.equal(list.code, 500)
    assert.match(list.text, /no matching key was found/)
    assert.equal((await ahead.send('GET', SECRETS)).code, 200)
  })

  for (const [what, encryption, why] of [
    ['a lost key', encryptionOf('other'), 'no matching key was found for the provided Secretbox'],
    ['no configuration', undefined, 'identity transformer tried to read encrypted data'],
  ] as const) {
    test(`${what}: the object and its lists say so, all others are answered`, async () => {
      const storage = newStorage()
      const before = await serverWith(storage, encryptionOf('key1'))
      await before.send('POST', SECRETS, { body: newSecret('lost') })
      const { send } = await serverWith(storage, encryption)
      await send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'other' } } })
      assert.equal((await send('POST', SECRETS, { body: newSecret('kept') })).code, 201)
      const otherSecrets = '/api/v1/namespaces/other/secrets'
      assert.equal((await send('POST', otherSecrets, { body: newSecret('a') })).code, 201)
      const requests: readonly (readonly [string, string])[] = [
        ['GET', `${SECRETS}/lost`],
        ['GET', SECRETS],
        ['GET', '/api/v1/secrets?limit=1'],
        ['GET', '/api/v1/secrets?watch=true&timeoutSeconds=1'],
        ['DELETE', `${SECRETS}/lost`],
        ['DELETE', SECRETS],
      ]
      for (const [method, url] of requests) {
        const answer = await send(method, url)
        assert.equal(answer.code, 500, `${method} ${url}`)
        const { message } = objectOf<{ message: string }>(answer)
        // The key is told where somebody does not know it: in answers of lists.
        const key = 'unable to transform key "/registry/secrets/default/lost": '
        const start = `Internal error occurred: ${url.endsWith('/lost') ? '' : key}${why}`
        assert.ok(message.startsWith(start), `${method} ${url}: ${message}`)
      }
      assert.equal((await send('POST', SECRETS, { body: newSecret('lost') })).code, 409)
      assert.equal((await send('GET', `${SECRETS}/kept`)).code, 200)
      const list = await send('GET', otherSecrets)
      assert.equal(objectOf<{ items: unknown[] }>(list).items.length, 1)
      assert.equal((await send('GET', '/api/v1/configmaps')).code, 200)
      assert.match(await rawOf(storage, 'lost'), /^k8s:enc:secretbox:v1:key1:/, 'nothing is lost')
    })
  }
})

test('what is bound to its key is bound to the one that the store has', async () => {
  const aesgcm = { keys: [{ name: 'key1', secret: Buffer.alloc(32, 'a').toString('base64') }] }
  const rule = { resources: ['secrets'], providers: [{ aesgcm }] }
  const encryption = new Encryption({ resources: [rule] }, seededRandom(5))
  const inner = newStorage()
  const storage = new PrefixedStorage(inner, [['/registry/', '/team/registry/']])
  const { send } = await serverWith(storage, encryption)
  await send('POST', SECRETS, { body: newSecret('a') })
  assert.equal((await send('GET', `${SECRETS}/a`)).code, 200)
  const key = '/team/registry/secrets/default/a'
  const stored = (await inner.get(key))?.value ?? new Uint8Array()
  const transformer = encryption.transformerOf(Secret)
  assert.match(`${transformer?.read(stored, key).value}`, /^{"kind":"Secret"/)
  await inner.put('/team/registry/secrets/default/b', stored)
  const { message } = objectOf<{ message: string }>(await send('GET', SECRETS))
  assert.match(message, /unable to transform key "\/team\/registry\/secrets\/default\/b": cipher: /)
})

test('many encrypted objects are decrypted in many turns', async () => {
  const count = 1000
  const inner = newStorage()
  const transformer = encryptionOf('first').transformerOf(Secret)
  assert.ok(transformer !== undefined)
  const storage = new EncryptingStorage(inner, transformer)
  for (let at = 0; at < count; at++)
    await storage.put(`/registry/secrets/s${at}`, Buffer.alloc(1000))
  const turns = new TurnCounter()
  const { items } = await storage.list('/registry/secrets/')
  assert.ok(turns.stop() >= 15)
  assert.equal(items.length, count)
  assert.ok(items.every(({ value }) => Buffer.alloc(1000).equals(value)))
  await inner.close()
})

test('events of the past are decrypted when they are asked for', async () => {
  const inner = newStorage()
  const transformer = encryptionOf('first').transformerOf(Secret)
  assert.ok(transformer !== undefined)
  await new EncryptingStorage(inner, transformer).put('/registry/secrets/a', Buffer.from('text'))
  let reads = 0
  const counting = {
    ...transformer,
    read: (stored: Uint8Array, key: string) => {
      reads++
      return transformer.read(stored, key)
    },
  }
  const values: string[] = []
  const watch = new EncryptingStorage(inner, counting).watch('/registry/secrets/', 1, {
    onEvents([event]) {
      assert.equal(reads, 0)
      for (const _ of [1, 2]) values.push(Buffer.from(event?.value ?? []).toString())
    },
    onError: assert.ifError,
  })
  await watch.reached(inner.revision())
  assert.deepEqual([values, reads], [['text', 'text'], 1])
  watch[Symbol.dispose]()
  await inner.close()
})
