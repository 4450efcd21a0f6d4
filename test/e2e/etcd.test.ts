import assert from 'node:assert/strict'
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { sleep, systemClock } from '../../src/base/clock.ts'
import type { Dial } from '../../src/base/egress/dial.ts'
import { openRelay } from '../../src/base/egress/relay.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { CertificateAuthority } from '../../src/cluster/certificates/certificate-authority.ts'
import { parseEndpoints } from '../../src/storage/etcd/endpoint.ts'
import { EtcdClient, type EtcdTls } from '../../src/storage/etcd/etcd-client.ts'
import { COMPACTION_KEY, EtcdCompactor } from '../../src/storage/etcd/etcd-compactor.ts'
import { EtcdStorage } from '../../src/storage/etcd/etcd-storage.ts'
import * as methods from '../../src/storage/etcd/methods.ts'
import { CompactedError, FutureRevisionError, type Storage } from '../../src/storage/storage.ts'
import { type Attempt, checkEvents, writeUnderFaults } from '../support/etcd-load.ts'
import { EtcdServer, findEtcd } from '../support/etcd-server.ts'
import { recordWatch } from '../support/storage-recorder.ts'
import { write } from '../support/storage-suite/scenario.ts'
import { storageSuite } from '../support/storage-suite/storage-suite.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const found = findEtcd()
const skip = 'reason' in found ? found.reason : false
if (skip !== false) console.log(`skipped: the store on a real etcd: ${skip}`)
const program = 'program' in found ? found.program : ''

async function startServer(t: TestContext): Promise<EtcdServer> {
  const server = await EtcdServer.start({ program })
  t.after(() => server.remove())
  return server
}

async function open(t: TestContext, urls: string, tls: EtcdTls = {}): Promise<EtcdStorage> {
  const storage = await EtcdStorage.open({
    ...{ endpoints: parseEndpoints(urls), tls },
    ...{ clock: systemClock, random: systemRandom, logger: silentLogger },
  })
  t.after(() => storage.close())
  return storage
}

describe('the store on a real etcd', { skip }, () => {
  storageSuite('etcd', async (t) => open(t, (await startServer(t)).url), { isRemote: true })

  test('keys with a time to live go when it has passed, in this process or not', async (t) => {
    const { url } = await startServer(t)
    const storage = await open(t, url)
    const seen = recordDeletions(storage)
    const put = (key: string, ttlSeconds?: number) =>
      storage.put(key, Buffer.from('x'), { ttlSeconds })
    await Promise.all(['/a', '/b', '/renewed', '/kept'].map((key) => put(key, 2)))
    await put('/renewed', 60)
    await put('/kept')
    const left = await storage.timesToLive('/')
    assert.deepEqual([...left.keys()].toSorted(), ['/a', '/b', '/renewed'])
    assert.ok((left.get('/a') ?? 9) <= 2 && (left.get('/renewed') ?? 0) > 50)
    while (seen.length < 2) await sleep(systemClock, 50)
    assert.deepEqual(seen.map(({ key }) => key).toSorted(), ['/a', '/b'])
    const { items } = await storage.list('/')
    assert.deepEqual(
      items.map(({ key }) => key),
      ['/kept', '/renewed'],
    )
  })

  test('keys that go together share a revision, and every watch gets all of them', async (t) => {
    const { url } = await startServer(t)
    const storage = await open(t, url)
    const endpoints = parseEndpoints(url)
    const client = await EtcdClient.load({
      ...{ endpoints, tls: {}, clock: systemClock, random: systemRandom },
    })
    t.after(() => client.close())
    const { id: lease } = await client.call(methods.leaseGrant, { ttl: 1 })
    const value = Buffer.from('x')
    const keys = Array.from({ length: 40 }, (_, i) => `/gone/${String(i).padStart(2, '0')}`)
    for (const key of keys) await client.call(methods.put, { key, value, lease })
    const fresh = recordDeletions(storage)
    while (fresh.length < keys.length) await sleep(systemClock, 50)
    const revision = storage.revision()
    assert.deepEqual(
      fresh,
      keys.map((key) => ({ key, revision })),
    )
    const later = await open(t, url)
    const replayed = recordDeletions(later)
    while (replayed.length < keys.length) await sleep(systemClock, 20)
    assert.deepEqual(replayed, fresh)
  })

  test('TLS: certificates on both sides, and a clear refusal without', async (t) => {
    using directory = temporaryDirectory()
    const { flags, tls } = await makeTls(directory.path)
    const server = await EtcdServer.start({ program, flags, scheme: 'https' })
    t.after(() => server.remove())
    const storage = await open(t, server.url, tls)
    const seen = recordWatch(storage, '/', storage.revision())
    await write(storage, '/a')
    await seen.watch.reached(storage.revision())
    assert.equal(seen.events.length, 1)
    const { authority } = tls
    await Promise.all([
      assert.rejects(open(t, server.url, { authority }), /not available/),
      assert.rejects(open(t, server.url, {}), /not available/),
    ])
  })

  test('by way of a socket, its certificate is checked for the name that was given', async (t) => {
    using directory = temporaryDirectory()
    const { flags, tls } = await makeTls(directory.path)
    const server = await EtcdServer.start({ program, flags, scheme: 'https' })
    t.after(() => server.remove())
    const path = join(directory.path, 'relay.sock')
    const { port } = new URL(server.url)
    const dial: Dial = async () => connect(Number(port), '127.0.0.1')
    const address = { host: '127.0.0.1', port: Number(port) }
    const relay = await openRelay(path, { dial, address, logger: silentLogger })
    const ports = { clock: systemClock, random: systemRandom, logger: silentLogger }
    const by = (host: string) => {
      const [endpoint = assert.fail()] = parseEndpoints(`https://${host}:${port}`)
      const endpoints = [{ ...endpoint, target: `unix://${path}` }]
      return EtcdStorage.open({ endpoints, tls, ...ports })
    }
    const storage = await by('127.0.0.1')
    assert.ok((await write(storage, '/a')) > 1)
    await assert.rejects(by('other.example'), /not available/)
    await storage.close()
    await relay.close()
  })

  test('two servers see what each other writes', async (t) => {
    const { url } = await startServer(t)
    const [one, two] = [await open(t, url), await open(t, url)]
    const seen = recordWatch(two, '/', two.revision())
    for (let i = 0; i < 50; i++) {
      const revision = await write(one, `/k/${i % 5}`, `${i}`)
      assert.equal(await two.currentRevision(), revision)
      await seen.watch.reached(revision)
      assert.equal(seen.events.at(-1)?.modRevision, revision)
    }
    assert.equal(seen.events.length, 50)
  })

  test('compactors of several servers do it once an interval, in turns if one dies', async (t) => {
    const { url } = await startServer(t)
    const storages = [await open(t, url), await open(t, url)] as const
    const clock = new VirtualClock()
    const stops = storages.map((storage) => {
      const abort = new AbortController()
      const options = { storage, clock, logger: silentLogger, intervalMs: 1000 }
      const running = new EtcdCompactor(options).run(abort.signal)
      return async () => {
        abort.abort()
        await running
      }
    })
    const turns = async () => (await storages[0].get(COMPACTION_KEY))?.version ?? 0
    const round = async () => {
      const before = await turns()
      const revision = await write(storages[0], '/a')
      await clock.advance(1000)
      while ((await turns()) === before) await sleep(systemClock, 5)
      await sleep(systemClock, 50) // The other compactor has lost its compare by now.
      assert.equal(await turns(), before + 1, 'one turn an interval, whoever had it')
      return revision
    }
    const first = await round()
    await round()
    const compacted = () => Math.max(...storages.map((storage) => storage.compactedRevision()))
    assert.ok(compacted() >= first && compacted() < storages[0].revision())
    const [stopOne, stopTwo] = stops
    await stopOne?.()
    await clock.advance(1000)
    await sleep(systemClock, 100)
    const before = compacted()
    await round()
    await round()
    assert.ok(compacted() > before, 'the other has taken over')
    await stopTwo?.()
  })

  test('what another server has compacted is refused with the oldest revision', async (t) => {
    const { url } = await startServer(t)
    const [one, two] = [await open(t, url), await open(t, url)]
    for (let i = 0; i < 1500; i += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, j) => write(one, `/k/${(i + j) % 9}`)))
    }
    const compactedTo = one.revision() - 10
    await one.compact(compactedTo)
    const refusal = { name: 'CompactedError', compactedRevision: compactedTo }
    await assert.rejects(two.list('/', { revision: 5 }), refusal)
    const late = recordWatch(two, '/', compactedTo - 1)
    const tooOld = recordWatch(two, '/', 5)
    for (const { watch, events, errors } of [late, tooOld]) {
      await assert.rejects(watch.reached(one.revision()))
      assert.ok(errors[0] instanceof CompactedError)
      assert.deepEqual(events, [])
    }
  })

  test('a store that was put back from a backup ends watches; new ones see its state', async (t) => {
    const server = await startServer(t)
    const storage = await open(t, server.url)
    const kept = await write(storage, '/a', 'kept')
    await server.stop('SIGTERM')
    const data = join(server.directory, 'data')
    cpSync(data, `${data}.backup`, { recursive: true })
    await server.start()
    const lost = recordWatch(storage, '/', kept)
    for (let i = 0; i < 20; i++) await write(storage, '/a', `lost ${i}`)
    await lost.watch.reached(kept + 20)
    await server.stop()
    rmSync(data, { recursive: true })
    renameSync(`${data}.backup`, data)
    await server.start()
    while (lost.errors.length === 0) await sleep(systemClock, 20)
    assert.ok(lost.errors[0] instanceof FutureRevisionError)
    assert.equal(storage.revision(), kept)
    const seen = recordWatch(storage, '/', kept)
    const next = await write(storage, '/a', 'next')
    await seen.watch.reached(next)
    assert.equal(next, kept + 1)
    assert.equal(seen.events.length, 1)
  })

  test('what etcd refuses is told in its words, and nothing was made of it', async (t) => {
    const storage = await open(t, (await startServer(t)).url)
    const tooLarge = storage.put('/large', Buffer.alloc(2_000_000))
    await assert.rejects(tooLarge, { name: 'StorageRefusedError', message: /request is too large/ })
    assert.equal(await storage.get('/large'), undefined)
  })

  for (const seed of [1, 2]) {
    test(`killed and started again under load, seed ${seed}: no event lost or doubled`, (t) =>
      faults(t, seed, async (server) => {
        await server.stop('SIGKILL')
        await sleep(systemClock, 150)
        await server.start()
      }))
  }

  test('a member that hangs for a while costs no event', (t) =>
    faults(t, 3, async (server) => {
      server.signal('SIGSTOP')
      await sleep(systemClock, 700)
      server.signal('SIGCONT')
    }))

  test('of three members any may go, the leader too', async (t) => {
    const members = await EtcdServer.startCluster(3, { program })
    t.after(() => Promise.all(members.map((member) => member.remove())))
    await underFaults(t, members.map(({ url }) => url).join(','), 4, async (goOn) => {
      for (const member of members) {
        await goOn(400)
        await member.stop('SIGKILL')
        await goOn(800)
        await member.start()
      }
      await goOn(600)
    })
  })
})

function recordDeletions(storage: Storage): { readonly key: string; readonly revision: number }[] {
  const deletions: { readonly key: string; readonly revision: number }[] = []
  storage.watch('/', 1, {
    onEvents(events) {
      for (const { type, key, modRevision: revision } of events) {
        if (type === 'DELETE') deletions.push({ key, revision })
      }
    },
    onError: (error) => assert.fail(String(error)),
  })
  return deletions
}

async function faults(
  t: TestContext,
  seed: number,
  harm: (server: EtcdServer) => Promise<void>,
): Promise<void> {
  const server = await startServer(t)
  await underFaults(t, server.url, seed, async (goOn) => {
    for (let round = 0; round < 4; round++) {
      await goOn(300)
      await harm(server)
    }
    await goOn(300)
  })
}

/** Between two harms at least so many writes succeed, however slow the machine is. */
const WRITES_BETWEEN = 15

/** Two servers write and watch while etcd is harmed; then every watch is compared with history. */
async function underFaults(
  t: TestContext,
  urls: string,
  seed: number,
  harm: (goOn: (forMs: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const storages = [await open(t, urls), await open(t, urls)]
  const start = storages[0]?.revision() ?? 0
  const recorders = storages.map((storage) => recordWatch(storage, '/load/', start))
  const stop = new AbortController()
  let written = 0
  const onWritten = () => {
    written++
  }
  const writing = storages.flatMap((storage, index) =>
    [0, 1, 2].map((n) =>
      writeUnderFaults(storage, seed * 100 + index * 10 + n, stop.signal, onWritten),
    ),
  )
  await harm(async (forMs) => {
    const goal = written + WRITES_BETWEEN
    await sleep(systemClock, forMs)
    while (written < goal) await sleep(systemClock, 20)
  })
  stop.abort()
  const attempts: readonly Attempt[] = (await Promise.all(writing)).flat()
  const reader = await open(t, urls)
  const end = await reader.currentRevision()
  const history = recordWatch(reader, '/load/', start)
  await Promise.all([history, ...recorders].map(({ watch }) => watch.reached(end)))
  for (const { events, errors } of [history, ...recorders]) {
    assert.deepEqual(errors, [])
    checkEvents(events, history.events, attempts)
  }
  const acknowledged = attempts.filter(({ revision }) => revision !== undefined && revision > 0)
  t.diagnostic(`${acknowledged.length} writes, ${attempts.length - acknowledged.length} failed`)
  assert.ok(acknowledged.length > 50)
}

async function makeTls(
  directory: string,
): Promise<{ readonly flags: readonly string[]; readonly tls: EtcdTls }> {
  const authority = await CertificateAuthority.create('etcd-ca', systemClock, systemRandom)
  const issuer = await CertificateAuthority.load(authority, systemClock, systemRandom)
  const server = await issuer.issue({
    commonName: 'etcd',
    hosts: ['127.0.0.1'],
    usages: ['server', 'client'],
  })
  const client = await issuer.issue({ commonName: 'apiserver', usages: ['client'] })
  const file = (name: string, content: string) => {
    const path = join(directory, name)
    writeFileSync(path, content)
    return path
  }
  const flags = [
    ...['--cert-file', file('server.crt', server.certificate)],
    ...['--key-file', file('server.key', server.key)],
    ...['--trusted-ca-file', file('ca.crt', authority.certificate), '--client-cert-auth'],
  ]
  return { flags, tls: { ...client, authority: authority.certificate } }
}
