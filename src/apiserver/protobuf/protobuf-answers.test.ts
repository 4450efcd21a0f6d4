import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { openEnvelope } from '../../machinery/codec/protobuf/envelope.ts'
import { WireReader } from '../../machinery/codec/protobuf/wire-reader.ts'
import { discoveryOf } from '../../machinery/discovery.ts'
import { joinChunks } from '../chunk.ts'
import { chooseEncoding, encode } from '../listener/encode.ts'
import { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { apiCodec, encodeProtobuf, protobufNodeOf } from './api-protobuf.ts'
import { PROTOBUF } from './media-type.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const PARTIAL = `${PROTOBUF};as=PartialObjectMetadata;v=v1;g=meta.k8s.io`
const PARTIAL_LIST = `${PROTOBUF};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io`
const TABLE = 'as=Table;v=v1;g=meta.k8s.io'

interface Read {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly resourceVersion?: string }
  readonly items?: readonly Read[]
  readonly [field: string]: unknown
}

describe('answers in protobuf', () => {
  let server: TestServer

  before(async () => {
    server = await createTestServer()
    for (const name of ['a', 'b']) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { of: name } }
      const answer = await send('POST', CONFIG_MAPS, PROTOBUF, encodeProtobuf(object))
      assert.equal(read(answer).metadata.name, name)
    }
  })

  after(() => server.close())

  const requestOf = (method: string, url: string, accept: string, body?: Uint8Array) =>
    new ServerRequest({
      method,
      url,
      headers: { accept, ...(body !== undefined && { 'content-type': PROTOBUF }) },
      ...(body !== undefined && { readBody: () => Promise.resolve(body) }),
      connection: { remoteAddress: '192.0.2.9', peerCertificate: undefined },
      signal: new AbortController().signal,
    })

  /** As the listener does it: what has no bytes yet is encoded, errors too. */
  async function send(method: string, url: string, accept: string, body?: Uint8Array) {
    const request = requestOf(method, url, accept, body)
    const response = await server.server.handle(request)
    return { type: contentTypeOf(request, response), bytes: bytesOf(request, response) }
  }

  test('an object is the same as in JSON', async () => {
    const answer = await send('GET', `${CONFIG_MAPS}/a`, `${PROTOBUF},application/json`)
    assert.equal(answer.type, PROTOBUF)
    assert.deepEqual(read(answer), await getJson(`${CONFIG_MAPS}/a`))
  })

  test('a list is the concatenation of its objects', async () => {
    const list = read(await send('GET', `${CONFIG_MAPS}?limit=1`, PROTOBUF))
    const { items, ...head } = await getJson(`${CONFIG_MAPS}?limit=1`)
    const plain = items?.map(({ apiVersion: _, kind: __, ...item }) => item)
    assert.deepEqual(list, { ...head, items: plain })
    const all = read(await send('GET', CONFIG_MAPS, PROTOBUF))
    assert.deepEqual(
      all.items?.map(({ metadata }) => metadata.name),
      ['a', 'b'],
    )
    const none = read(await send('GET', '/api/v1/namespaces/x/pods', PROTOBUF))
    assert.deepEqual([none.kind, none.items], ['PodList', undefined])
  })

  test('a long list, made in portions, is whole and in order', async () => {
    const url = '/api/v1/namespaces/default/secrets'
    const names = Array.from({ length: 250 }, (_, index) => `s${1000 + index}`)
    for (const name of names) {
      const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { a: 'AP8=' } }
      await send('POST', url, PROTOBUF, encodeProtobuf(object))
    }
    for (const round of ['made', 'kept']) {
      const { items } = read(await send('GET', url, PROTOBUF))
      assert.deepEqual(
        items?.map(({ metadata }) => metadata.name),
        names,
        round,
      )
    }
  })

  test('metadata alone, but no Table', async () => {
    const one = read(await send('GET', `${CONFIG_MAPS}/a`, PARTIAL))
    assert.deepEqual([one.kind, one.metadata.name], ['PartialObjectMetadata', 'a'])
    const list = read(await send('GET', CONFIG_MAPS, PARTIAL_LIST))
    assert.deepEqual([list.kind, list.items?.length], ['PartialObjectMetadataList', 2])
    const accept = `${PROTOBUF};${TABLE},application/json;${TABLE}`
    const table = await send('GET', CONFIG_MAPS, accept)
    assert.equal(JSON.parse(table.bytes.toString()).kind, 'Table')
    const refused = await send('GET', CONFIG_MAPS, `${PROTOBUF};${TABLE}`)
    assert.equal(read(refused)['code'], 406)
  })

  test('an error is told in the type that is asked for', async () => {
    const answer = await send('GET', `${CONFIG_MAPS}/c`, PROTOBUF)
    assert.equal(answer.type, PROTOBUF)
    assert.deepEqual(read(answer), {
      apiVersion: 'v1',
      kind: 'Status',
      metadata: {},
      status: 'Failure',
      message: 'configmaps "c" not found',
      reason: 'NotFound',
      details: { name: 'c', kind: 'configmaps' },
      code: 404,
    })
  })

  test('a watch is a stream of frames, made once for all who watch', async () => {
    const url = `${CONFIG_MAPS}?watch=true&resourceVersion=0&allowWatchBookmarks=true`
    const watches = await Promise.all([watch(url, PROTOBUF), watch(url, PROTOBUF)])
    const [first = [], second = []] = await Promise.all(watches.map((one) => one.next()))
    assert.deepEqual(
      first.map(({ type, object }) => [type, object.kind, object.metadata.name]),
      [
        ['ADDED', 'ConfigMap', 'a'],
        ['ADDED', 'ConfigMap', 'b'],
        ['BOOKMARK', 'ConfigMap', undefined],
      ],
    )
    assert.deepEqual(second, first)
    await send('DELETE', `${CONFIG_MAPS}/b`, PROTOBUF)
    const deleted = await Promise.all(watches.map((one) => one.next()))
    assert.equal(deleted[0]?.[0]?.type, 'DELETED')
    assert.equal(deleted[0]?.[0]?.bytes, deleted[1]?.[0]?.bytes)
    await server.clock.advance(65_000)
    const [bookmark] = (await watches[0]?.next()) ?? []
    assert.deepEqual([bookmark?.type, bookmark?.object.kind], ['BOOKMARK', 'ConfigMap'])
    for (const one of watches) await one.close()
  })

  test('options of a deletion, and the bodies of subresources', async () => {
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'other' } }
    const body = encodeProtobuf(options)
    const refused = read(await send('DELETE', `${CONFIG_MAPS}/a`, PROTOBUF, body))
    assert.equal(refused['reason'], 'Conflict')

    const url = '/apis/apps/v1/namespaces/default/deployments'
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'nginx' }] },
    }
    const spec = { selector: { matchLabels: { app: 'web' } }, template }
    const metadata = { name: 'web', namespace: 'default' }
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }
    const created = read(await send('POST', url, PROTOBUF, encodeProtobuf(deployment)))
    assert.equal((created['spec'] as { readonly replicas: number }).replicas, 1)
    // The zero of a pointer is meant; one replica would be the default.
    const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas: 0 } }
    const scaled = await send('PUT', `${url}/web/scale`, PROTOBUF, encodeProtobuf(scale))
    assert.equal(read(scaled).kind, 'Scale')
    const { replicas } = (await getJson(`${url}/web`))['spec'] as { readonly replicas: number }
    assert.equal(replicas, 0)
  })

  test('bookmarks of metadata are metadata', async () => {
    const url = `${CONFIG_MAPS}?watch=true&allowWatchBookmarks=true`
    const metadata = await watch(url, PARTIAL)
    const [added] = await metadata.next()
    await server.clock.advance(65_000)
    const [bookmark] = await metadata.next()
    const kind = 'PartialObjectMetadata'
    assert.deepEqual([added?.object.kind, bookmark?.object.kind], [kind, kind])
    await metadata.close()
  })

  async function getJson(url: string): Promise<Read> {
    return JSON.parse((await server.send('GET', url)).text) as Read
  }

  async function watch(url: string, accept: string) {
    const response = await server.server.handle(requestOf('GET', url, accept))
    assert.ok(response.type === 'watch')
    assert.equal(response.contentType, `${PROTOBUF};stream=watch`)
    const batches = response.batches[Symbol.asyncIterator]()
    return {
      next: async () => {
        const { value } = await batches.next()
        return (value as readonly { bytes(format: 'protobuf'): Buffer }[]).map((frame) =>
          readFrame(frame.bytes('protobuf')),
        )
      },
      close: () => batches.return?.(),
    }
  }
})

test('discovery has a protobuf form, for clients that ask for nothing else', () => {
  const { groups } = discoveryOf(builtInKinds)
  const { apiVersion, kind, ...list } = read({ bytes: encodeProtobuf(groups as unknown as Read) })
  assert.deepEqual({ apiVersion, kind }, { apiVersion: 'v1', kind: 'APIGroupList' })
  assert.deepEqual(list['groups'], (groups as unknown as Read)['groups'])
})

test('verbs in discovery are a message of their own', () => {
  const verbs = ['get', 'list']
  const resource = { name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs }
  const kind = 'APIResourceList'
  const given = { apiVersion: 'v1', kind, groupVersion: 'v1', resources: [resource] }
  const bytes = encodeProtobuf(given as unknown as Read)
  // Verbs{items} in field 4 of the resource: two items of field 1.
  const wanted = '220b' + '0a03676574' + '0a046c697374'
  assert.ok(Buffer.from(bytes).toString('hex').includes(wanted))
  assert.deepEqual(read({ bytes }), given)
})

const FIXTURES = join(process.cwd(), '../shared/upstream/api-testdata')
const skip = existsSync(FIXTURES) ? false : `no ${FIXTURES}`

test('the types that every group has equal upstream’s, byte for byte', { skip }, () => {
  const options = ['Create', 'Delete', 'Get', 'List', 'Patch', 'Update'].map(
    (verb) => `${verb}Options`,
  )
  for (const kind of ['APIGroup', 'APIVersions', 'Status', ...options]) {
    const bytes = readFileSync(join(FIXTURES, `core.v1.${kind}.pb`))
    const json = JSON.parse(readFileSync(join(FIXTURES, `core.v1.${kind}.json`), 'utf8')) as Read
    assert.deepEqual(read({ bytes }), json, kind)
    assert.equal(encodeProtobuf(json).toString('hex'), bytes.toString('hex'), kind)
  }
})

function contentTypeOf(request: ServerRequest, response: ServerResponse): string {
  if (response.type === 'encoded') return response.contentType
  assert.ok(response.type === 'object')
  return chooseEncoding(request, () => response.object).mediaType
}

function bytesOf(request: ServerRequest, response: ServerResponse): Buffer {
  if (response.type === 'encoded' && response.contentType === PROTOBUF) {
    return Buffer.from(joinChunks(response.chunks()))
  }
  assert.ok(response.type === 'object' || response.type === 'encoded')
  const object = response.type === 'object' ? response.object : response.object()
  return Buffer.from(
    encode(
      object,
      chooseEncoding(request, () => object),
    ),
  )
}

function read({ bytes }: { readonly bytes: Uint8Array }): Read {
  const { apiVersion, kind, raw } = openEnvelope(bytes)
  const node = protobufNodeOf({ apiVersion, kind })
  assert.ok(node !== undefined, kind)
  return { apiVersion, kind, ...apiCodec.decode(node, raw) } as unknown as Read
}

/** Four bytes of length, then a WatchEvent: its type, and its object in a RawExtension. */
function readFrame(bytes: Buffer) {
  assert.equal(bytes.readUInt32BE(), bytes.length - 4)
  const reader = new WireReader(bytes, 4)
  assert.equal(reader.tag(), 0x0a)
  const type = reader.string()
  assert.equal(reader.tag(), 0x12)
  reader.enter()
  assert.equal(reader.tag(), 0x0a)
  return { type, object: read({ bytes: reader.bytes() }), bytes }
}
