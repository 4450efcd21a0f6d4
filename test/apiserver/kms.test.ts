import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { status } from '@grpc/grpc-js'
import { Registry } from 'prom-client'
import { EncryptingStorage } from '../../src/apiserver/encryption/encrypting-storage.ts'
import { Encryption } from '../../src/apiserver/encryption/encryption.ts'
import { GrpcKeyService } from '../../src/apiserver/encryption/kms/grpc-key-service.ts'
import { KmsMetrics } from '../../src/apiserver/encryption/kms/kms-metrics.ts'
import type { KmsPorts } from '../../src/apiserver/encryption/kms/kms-provider.ts'
import { ReloadableEncryption } from '../../src/apiserver/encryption/reloadable-encryption.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { Secret } from '../../src/kinds/core/v1/secret.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { createTestServer } from '../support/api-server.ts'
import { KmsPlugin } from '../support/kms-plugin.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const SECRETS = '/api/v1/namespaces/default/secrets'
/** What kube-apiserver v1.36.2 has written to etcd, with this plugin and its key `key-1`. */
const UPSTREAM_KEY = '/registry/secrets/p4/up'
const UPSTREAM_VALUE =
  'azhzOmVuYzprbXM6djI6bXkta21zOgraAxbM3L0zQ9IpbFPL8r6FswP3kmSECroqVtvt0tg/GK8+7duF86oQu3BQ' +
  '2YQDyJyERPehyEBCX4SVTEntSdeSy2a6d8BDgXeRpueXQVwknSmoBkxETY4Uaf35brpVc+3S/d8UDObI27T+epa6' +
  'WmqQpc6aauqFmOySyJHYXk5H5U6S1kUUfdqYvg62EZP8xm+qAnTnz8qzM2bygIXBqcpsC/OgYSANC0t5FgrRBgfS' +
  'SuegHfJypytVMCz4ijq2smdyUHhmxn2LbHN80BSUedOyujrsCTKk/E9P6FrxXtyMImevsZh9llgsVWAqYb1zLjuJ' +
  'UDfnPSvQ8h4n0pZMsW4uye0uU9a2hR/UN++mZLj4tNVpo/OVpzjPL+jjfmR8MHQFU3vaxrU68Kces+VCzeiu8fOp' +
  'yj6UiSQDJTUyjVMbzs4PY0jPoP0lDwJXJxxBjP8aFcuY4RYtDborwDQRzokBxS82u79btoqXjjm66q9otlitdhdr' +
  'Soh8S6fFv+C0DkMSX5EJk7QZztpB7PYOPUhKSKigqqGhtkdpC9/V+A0dDprW2PuRGpvTKx1jpGsFvF0OAuEo52EN' +
  'LWDF67yLBNJW2m+ukmIGKCEU29GT5jDFiwG31YHcjYBK/IB6cBIFa2V5LTEaPD7HGpyCMtpfuvxHn0GCwrtWALTz' +
  'nwQo4fcAihvw+tMSK5mqS7v0CMkbts3feDTmtKW6AGCpuNkUuiEUGSIYChN2ZXJzaW9uLmV4YW1wbGUuY29tEgEx' +
  'KAE='

const newSecret = (name: string) => ({ metadata: { name }, data: { key: 'cGFzc3dvcmQ=' } })

describe('key management services', { timeout: 30_000 }, () => {
  let folder: ReturnType<typeof temporaryDirectory>
  let plugin: KmsPlugin
  let endpoint: string
  let clock: VirtualClock
  let metrics: Registry
  let measured: KmsMetrics
  let storage: Storage
  const opened: GrpcKeyService[] = []

  before(async () => {
    folder = temporaryDirectory()
    endpoint = `unix://${join(folder.path, 'kms.sock')}`
    plugin = await KmsPlugin.start(join(folder.path, 'kms.sock'))
  })
  beforeEach(() => {
    clock = new VirtualClock()
    metrics = new Registry()
    measured = new KmsMetrics(metrics, clock, 'apiserver-a')
    storage = MemoryStorage.create({ clock, logger: silentLogger })
    Object.assign(plugin, { keyId: 'key-1', healthz: 'ok', decryptFailure: undefined })
    Object.assign(plugin.calls, { status: 0, encrypt: 0, decrypt: 0 })
  })
  afterEach(() => {
    for (const service of opened.splice(0)) service.close()
  })
  after(async () => {
    plugin.stop()
    folder[Symbol.dispose]()
  })

  function ports(): KmsPorts {
    return {
      ...{ clock, logger: silentLogger, metrics: measured },
      openService: (name, socket, timeoutMs) => {
        // The deadlines of calls are of the network, which knows no virtual time.
        const service = new GrpcKeyService({
          ...{ name, endpoint: socket, timeoutMs, clock: systemClock, metrics: measured },
        })
        opened.push(service)
        return service
      },
    }
  }

  function encryptionOf(kms: KmsPorts | undefined = ports(), first: object[] = []): Encryption {
    const service = { apiVersion: 'v2', name: 'my-kms', endpoint, timeout: '3s' }
    const providers = [...first, { kms: service }, { identity: {} }]
    const configuration = { resources: [{ resources: ['secrets'], providers }] }
    return new Encryption(configuration as never, seededRandom(7), kms)
  }

  async function serverWith(encryption: Encryption) {
    const server = await createTestServer({ storage, encryption })
    await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default' } } })
    return server
  }

  const rawOf = async (name: string) => {
    const found = await storage.get(`/registry/secrets/default/${name}`)
    return Buffer.from(found?.value ?? []).toString('latin1')
  }

  test('what upstream has written is read', async () => {
    const transformer = encryptionOf().transformerOf(Secret)
    const stored = Buffer.from(UPSTREAM_VALUE, 'base64')
    await transformer?.prepare?.(stored)
    const found = transformer?.read(stored, UPSTREAM_KEY)
    assert.match(
      Buffer.from(found?.value ?? []).toString(),
      /"data":{"a":"c2VjcmV0LW9mLXVwc3RyZWFt"}/,
    )
    assert.equal(found?.isStale, false)
    assert.throws(
      () => transformer?.read(stored, '/registry/secrets/p4/other'),
      /authentication failed/,
      'a value is bound to its place',
    )
  })

  test('a server needs one call to write, and one after a start to read all of it', async () => {
    const encryption = encryptionOf()
    await encryption.check()
    const { send } = await serverWith(encryption)
    for (const name of ['a', 'b', 'c']) {
      assert.equal((await send('POST', SECRETS, { body: newSecret(name) })).code, 201)
    }
    assert.deepEqual(plugin.calls, { status: 1, encrypt: 1, decrypt: 0 })
    assert.match(await rawOf('a'), /^k8s:enc:kms:v2:my-kms:/)
    assert.doesNotMatch(await rawOf('a'), /cGFzc3dvcmQ=/)

    const next = await serverWith(encryptionOf())
    const list = await next.send('GET', SECRETS)
    assert.equal(JSON.parse(list.text).items.length, 3)
    assert.deepEqual(plugin.calls, { status: 2, encrypt: 2, decrypt: 1 })
    const text = await metrics.metrics()
    assert.match(text, /key_id_hash_total\{transformation_type="to_storage".*\} 3/)
    assert.match(text, /dek_source_cache_size\{provider_name="my-kms"\} 1/)
  })

  test('the events of another server wait for its key, in their order', async () => {
    const [one, other] = [encryptionOf(), encryptionOf({ ...ports() } as KmsPorts)]
    await Promise.all([one.check(), other.check()])
    const watching = await serverWith(one)
    const watch = await watching.watch(`${SECRETS}?watch=true`)
    const writing = await serverWith(other)
    for (const name of ['a', 'b']) await writing.send('POST', SECRETS, { body: newSecret(name) })
    await writing.send('DELETE', `${SECRETS}/a`)
    const events = (await watch.take(3)).map((event) => event.split('@')[0])
    assert.deepEqual(events, ['ADDED a', 'ADDED b', 'DELETED a'])
    assert.equal(plugin.calls.decrypt, 1)
  })

  test('another key is used from the next look on; what has the old one is stale', async () => {
    const encryption = encryptionOf()
    await encryption.check()
    const { send } = await serverWith(encryption)
    await send('POST', SECRETS, { body: newSecret('a') })
    const shown = async () => JSON.parse((await send('GET', `${SECRETS}/a`)).text)
    await send('PUT', `${SECRETS}/a`, { body: await shown() })
    const before = await rawOf('a')
    await send('PUT', `${SECRETS}/a`, { body: await shown() })
    assert.equal(await rawOf('a'), before, 'nothing has changed')
    plugin.keyId = 'key-2'
    await clock.advance(20_000)
    await encryption.check()
    assert.equal(plugin.calls.encrypt, 2)
    await send('PUT', `${SECRETS}/a`, { body: await shown() })
    const again = await rawOf('a')
    assert.notEqual(again, before, 'the same object, written again by who has written it')
    assert.match(again, /key-2/)
    const present = await shown()
    await send('PUT', `${SECRETS}/a`, { body: present })
    assert.equal(await rawOf('a'), again, 'once')
    plugin.keyId = 'key-3'
    await clock.advance(20_000)
    await encryption.check()
    const next = await serverWith(encryption)
    await next.send('PUT', `${SECRETS}/a`, { body: present })
    assert.match(await rawOf('a'), /key-3/, 'and by who has read it')
  })

  test('services that are ill are told apart by their numbers, and by their own words', async () => {
    const other = { kms: { apiVersion: 'v2', name: 'other', endpoint } }
    const encryption = encryptionOf(ports(), [other])
    plugin.healthz = 'ill'
    const said = (name: string) =>
      `kmsv2 Provider ${name} is not healthy, error: got unexpected healthz status: ill`
    const told = `[kms-provider-0: ${said('other')}, kms-provider-1: ${said('my-kms')}]`
    await assert.rejects(encryption.check(), { message: told })
    const gone = encryptionOf({
      ...ports(),
      openService: (name: string) => ports().openService(name, 'unix:///nowhere/kms.sock', 50),
    } as KmsPorts)
    const what = 'failed to perform status section of the healthz check for KMS Provider my-kms'
    await assert.rejects(gone.check(), {
      message: new RegExp(`^kms-provider-0: ${what}, error: rpc error: code = `),
    })
    await assert.rejects(gone.check(), { message: /^kms-provider-0: rpc error: code = / })
  })

  test('while the service is ill writes go on for three minutes, and reads for ever', async () => {
    const encryption = encryptionOf()
    await encryption.check()
    const { send } = await serverWith(encryption)
    await send('POST', SECRETS, { body: newSecret('a') })
    plugin.healthz = 'the key is lost'
    await clock.advance(20_000)
    await assert.rejects(
      encryption.check(),
      /^Error: kms-provider-0: kmsv2 Provider my-kms is not healthy, error: got unexpected healthz status: the key is lost$/,
    )
    // The plugin has still named its key: that extends the time.
    await clock.advance(179_000)
    assert.equal((await send('POST', SECRETS, { body: newSecret('b') })).code, 201)
    await clock.advance(2000)
    const refused = await send('POST', SECRETS, { body: newSecret('c') })
    assert.equal(refused.code, 500)
    assert.match(refused.text, /encryptedDEKSource with keyID hash \\"sha256:.*\\" expired at/)
    assert.equal((await send('GET', `${SECRETS}/a`)).code, 200)
    plugin.healthz = 'ok'
    await encryption.check()
    assert.equal((await send('POST', SECRETS, { body: newSecret('c') })).code, 201)
  })

  test('a service that is not there yet: nothing is lost, and nothing is given up', async () => {
    const seeded = encryptionOf()
    await seeded.check()
    const first = await serverWith(seeded)
    await first.send('POST', SECRETS, { body: newSecret('a') })
    const missing = {
      ...ports(),
      openService: (name: string, _endpoint: string) =>
        ports().openService(name, 'unix:///nowhere/kms.sock', 50),
    }
    const { send } = await serverWith(encryptionOf(missing as KmsPorts))
    const refused = await send('GET', SECRETS)
    assert.equal(refused.code, 500)
    assert.match(refused.text, /code = DeadlineExceeded/)
    assert.equal((await send('POST', SECRETS, { body: newSecret('b') })).code, 500)
  })

  for (const [code, name] of [
    [status.UNKNOWN, 'Unknown'],
    [status.INVALID_ARGUMENT, 'InvalidArgument'],
  ] as const) {
    test(`${name} is no last word: what could not be decrypted is tried again`, async () => {
      const seeded = encryptionOf()
      await seeded.check()
      const first = await serverWith(seeded)
      await first.send('POST', SECRETS, { body: newSecret('a') })
      await first.send('POST', SECRETS, { body: newSecret('b') })
      const { value } = (await storage.get('/registry/secrets/default/b')) ?? {}
      assert.ok(value)
      const plain = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', ...newSecret('c') })
      const named = plain.replace('"name":"c"', '"name":"c","namespace":"other"')
      await storage.put('/registry/secrets/other/c', Buffer.from(named))

      const restarted = encryptionOf()
      await restarted.check()
      plugin.decryptFailure = code
      const { send, clock: time } = await serverWith(restarted)
      const refused = await send('GET', `${SECRETS}/a`)
      assert.equal(refused.code, 500)
      assert.match(refused.text, new RegExp(`code = ${name} desc = the vault is sealed`))
      assert.equal((await send('GET', SECRETS)).code, 500)
      const other = '/api/v1/namespaces/other/secrets'
      assert.equal((await send('GET', `${other}/c`)).code, 200, 'nothing else suffers')
      const asked = plugin.calls.decrypt
      plugin.decryptFailure = undefined
      assert.equal((await send('GET', `${SECRETS}/a`)).code, 500)
      assert.equal(plugin.calls.decrypt, asked, 'not at each request')
      await time.advance(3000)
      const [a, b] = await Promise.all([send('GET', `${SECRETS}/a`), send('GET', SECRETS)])
      assert.deepEqual([a.code, JSON.parse(b.text).items.length], [200, 2])
      assert.equal(plugin.calls.decrypt, asked + 1, 'once for all who ask')
      assert.equal((await send('DELETE', `${SECRETS}/a`)).code, 200)
    })
  }

  test('a key that a new configuration brings is used without a restart', async () => {
    const box = (name: string) => ({
      secretbox: { keys: [{ name, secret: Buffer.alloc(32, name).toString('base64') }] },
    })
    const lone = (...providers: object[]) =>
      new Encryption(
        { resources: [{ resources: ['secrets'], providers }] } as never,
        seededRandom(7),
      )
    const first = await serverWith(lone(box('k1')))
    await first.send('POST', SECRETS, { body: newSecret('a') })
    const reloadable = new ReloadableEncryption(lone(box('k2')), clock, silentLogger)
    const stop = new AbortController()
    const running = reloadable.run(stop.signal)
    const { send, clock: time } = await serverWith(reloadable as never)
    assert.equal((await send('GET', `${SECRETS}/a`)).code, 500)
    await reloadable.replace(lone(box('k2'), box('k1')))
    await time.advance(3000)
    assert.equal((await send('GET', `${SECRETS}/a`)).code, 200)
    stop.abort()
    await running
  })

  test('a configuration that is replaced while keys are asked for is read with to the end', async () => {
    const first = encryptionOf()
    await first.check()
    const seeded = await serverWith(first)
    await seeded.send('POST', SECRETS, { body: newSecret('a') })
    const old = encryptionOf()
    await old.check()
    const reloadable = new ReloadableEncryption(old, clock, silentLogger)
    const stop = new AbortController()
    const running = reloadable.run(stop.signal)
    const encrypting = new EncryptingStorage(storage, reloadable.transformerOf(Secret))
    const next = encryptionOf()
    await next.check()
    const [reading, listing] = [
      encrypting.get('/registry/secrets/default/a'),
      encrypting.list('/registry/secrets/'),
    ]
    await Promise.resolve().then(() => Promise.resolve())
    await reloadable.replace(next)
    assert.ok(plugin.calls.decrypt <= 1, 'it was replaced before the answer')
    const found = [await reading, ...(await listing).items]
    for (const one of found) {
      assert.equal(encrypting.errorOf(one?.value ?? Buffer.alloc(0)), undefined)
      assert.match(Buffer.from(one?.value ?? []).toString(), /cGFzc3dvcmQ=/)
    }
    stop.abort()
    await running
  })

  test('a configuration is replaced while it is in use, unless its services are ill', async () => {
    const box = { keys: [{ name: 'k', secret: Buffer.alloc(32, 1).toString('base64') }] }
    const first = encryptionOf()
    await first.check()
    const reloadable = new ReloadableEncryption(first, clock, silentLogger)
    const stop = new AbortController()
    const running = reloadable.run(stop.signal)
    const { send } = await serverWith(reloadable as never)
    const replaceA = async () => {
      const same = JSON.parse((await send('GET', `${SECRETS}/a`)).text)
      await send('PUT', `${SECRETS}/a`, { body: same })
    }
    await send('POST', SECRETS, { body: newSecret('a') })
    await replaceA()
    await reloadable.replace(encryptionOf(ports(), [{ secretbox: box }]))
    await send('POST', SECRETS, { body: newSecret('b') })
    assert.match(await rawOf('a'), /^k8s:enc:kms:v2:my-kms:/)
    assert.match(await rawOf('b'), /^k8s:enc:secretbox:v1:k:/)
    await replaceA()
    assert.match(await rawOf('a'), /^k8s:enc:secretbox:v1:k:/, 'the old key may go')
    assert.equal(JSON.parse((await send('GET', SECRETS)).text).items.length, 2)

    plugin.healthz = 'ill'
    const replacing = reloadable.replace(encryptionOf())
    const refused = assert.rejects(replacing, /health check for new transformers failed/)
    let isRefused = false
    void refused.then(() => {
      isRefused = true
    })
    while (!isRefused) await clock.advance(1000)
    await refused
    await send('POST', SECRETS, { body: newSecret('c') })
    assert.match(await rawOf('c'), /^k8s:enc:secretbox:v1:k:/)
    stop.abort()
    await running
  })

  test('what cannot be a service is refused', () => {
    const of = (kms: object) => () =>
      new Encryption(
        { resources: [{ resources: ['secrets'], providers: [{ kms }] }] } as never,
        seededRandom(1),
        ports(),
      )
    const good = { apiVersion: 'v2', name: 'a', endpoint }
    const path = 'resources\\[0\\].providers\\[0\\].kms'
    const cases: [object, RegExp][] = [
      [{ ...good, name: '' }, new RegExp(`${path}.name: Required value: name is a mandatory`)],
      [{ ...good, name: 'a:b' }, /invalid KMS provider name a:b, must not contain ':'/],
      [{ ...good, endpoint: 'http://a' }, /unsupported scheme "http" for KMS provider/],
      [{ ...good, timeout: '0s' }, /timeout should be a positive value/],
      [{ ...good, cachesize: 5 }, /cachesize is not supported in v2/],
      [{ ...good, apiVersion: 'v3' }, /only v1 and v2 are supported/],
      [{ ...good, apiVersion: 'v1' }, /KMSv1 is deprecated/],
    ]
    for (const [kms, why] of cases) assert.throws(of(kms), why)
  })
})
