import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { decodeCbor, encodeCbor } from '../../machinery/codec/cbor.ts'
import { chooseEncoding, encode } from '../listener/encode.ts'
import { ServerRequest } from '../request.ts'
import type { WatchFrame } from '../response.ts'
import { watchFormatOf } from '../watch-format.ts'
import { CBOR, CBOR_SEQUENCE } from './media-type.ts'

const SECRETS = '/api/v1/namespaces/default/secrets'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const APPLY = 'application/apply-patch+cbor'
const META = 'v=v1;g=meta.k8s.io'

interface Read {
  readonly kind: string
  readonly metadata: { readonly name?: string; readonly managedFields?: readonly unknown[] }
  readonly items?: readonly Read[]
  readonly [field: string]: unknown
}

describe('the server speaks CBOR', () => {
  let server: TestServer

  before(async () => {
    server = await createTestServer({ hasCustomResources: true })
  })

  after(() => server.close())

  const requestOf = (
    method: string,
    url: string,
    accept: string,
    body?: Uint8Array,
    contentType = CBOR,
  ) =>
    new ServerRequest({
      method,
      url,
      headers: { accept, ...(body !== undefined && { 'content-type': contentType }) },
      ...(body !== undefined && { readBody: () => Promise.resolve(body) }),
      connection: { remoteAddress: '192.0.2.9', peerCertificate: undefined },
      signal: new AbortController().signal,
    })

  /** As the listener does it. */
  async function send(method: string, url: string, body?: object, more: Partial<Options> = {}) {
    const { accept = CBOR, contentType = CBOR, bytes = body && encodeCbor(body) } = more
    const request = requestOf(method, url, accept, bytes, contentType)
    const response = await server.server.handle(request)
    assert.ok(response.type === 'object' || response.type === 'encoded')
    const object = response.type === 'object' ? response.object : response.object()
    const encoding = chooseEncoding(request, () => object)
    return { code: response.code, type: encoding.mediaType, bytes: encode(object, encoding) }
  }

  interface Options {
    readonly accept: string
    readonly contentType: string
    readonly bytes: Uint8Array
  }

  async function readAnswer(...given: Parameters<typeof send>): Promise<Read> {
    const { type, bytes } = await send(...given)
    assert.equal(type, CBOR)
    const { value, fault } = decodeCbor(bytes)
    assert.equal(fault, undefined)
    return value as Read
  }

  const configMap = (name: string, more: object = {}) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
    ...more,
  })

  test('objects are created, read, updated and listed', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      data: { k: 'AP8=' },
    }
    const created = await send('POST', SECRETS, secret)
    assert.deepEqual([created.code, created.type], [201, CBOR])
    // The bytes themselves, with the tag that base64 is what JSON has.
    const hex = Buffer.from(created.bytes).toString('hex')
    assert.ok(hex.startsWith('d9d9f7'), hex)
    assert.ok(hex.includes('416bd64200ff'), hex)
    assert.equal(JSON.parse((await server.send('GET', `${SECRETS}/s`)).text).data.k, 'AP8=')

    const got = await readAnswer('GET', `${SECRETS}/s`)
    assert.deepEqual([got.kind, got['data']], ['Secret', { k: 'AP8=' }])
    const updated = await readAnswer('PUT', `${SECRETS}/s`, { ...got, data: { k: 'AQ==' } })
    assert.deepEqual(updated['data'], { k: 'AQ==' })
    const list = await send('GET', SECRETS)
    assert.ok(Buffer.from(list.bytes).toString('hex').includes('416bd64101'))
    const { kind, items } = await readAnswer('GET', SECRETS)
    assert.deepEqual([kind, items?.[0]?.metadata.name, items?.length], ['SecretList', 's', 1])
  })

  test('what upstream sends as base64 text without a tag is base64', async () => {
    const untyped = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 't' },
      data: { k: 'AP8=' },
    }
    await readAnswer('POST', SECRETS, untyped)
    const { text } = await server.send('GET', `${SECRETS}/t`)
    assert.equal(JSON.parse(text).data.k, 'AP8=')
  })

  test('other forms of objects, and errors', async () => {
    await readAnswer('POST', CONFIG_MAPS, configMap('forms'))
    const table = await readAnswer('GET', CONFIG_MAPS, undefined, {
      accept: `${CBOR};as=Table;${META}`,
    })
    assert.equal(table.kind, 'Table')
    const partial = await readAnswer('GET', `${CONFIG_MAPS}/forms`, undefined, {
      accept: `${CBOR};as=PartialObjectMetadata;${META}`,
    })
    assert.deepEqual([partial.kind, partial.metadata.name], ['PartialObjectMetadata', 'forms'])
    const missing = await readAnswer('GET', `${CONFIG_MAPS}/none`)
    assert.deepEqual([missing.kind, missing['code']], ['Status', 404])
    const wildcard = await send('GET', `${CONFIG_MAPS}/forms`, undefined, { accept: '*/*' })
    assert.equal(wildcard.type, 'application/json')
  })

  test('apply', async () => {
    const url = `${CONFIG_MAPS}/applied?fieldManager=tester`
    const applied = await readAnswer('PATCH', url, configMap('applied', { data: { a: 'b' } }), {
      contentType: APPLY,
    })
    assert.deepEqual(applied['data'], { a: 'b' })
    const [entry] = applied.metadata.managedFields as readonly Read[]
    assert.deepEqual([entry?.['manager'], entry?.['operation']], ['tester', 'Apply'])
    const wrong = { contentType: APPLY, bytes: Buffer.from('a16161f97e00', 'hex') }
    const refused = await readAnswer('PATCH', url, undefined, wrong)
    const why = 'cbor: data item of cbor type primitives is not accepted by protocol'
    assert.equal(refused['message'], `error decoding YAML: ${why}: floating-point NaN`)
  })

  test('a watch is one item after the other', async () => {
    await readAnswer('POST', CONFIG_MAPS, configMap('watched', { binaryData: { x: 'AP8=' } }))
    const url = `${CONFIG_MAPS}?watch=true&resourceVersion=0&fieldSelector=metadata.name=watched`
    const response = await server.server.handle(requestOf('GET', url, CBOR))
    assert.ok(response.type === 'watch')
    assert.equal(response.contentType, CBOR_SEQUENCE)
    const format = watchFormatOf(response.contentType)
    const batches = response.batches[Symbol.asyncIterator]()
    const next = async () => {
      const { value } = await batches.next()
      return Buffer.concat(
        (value as readonly WatchFrame[]).map((frame) => Buffer.from(frame.bytes(format))),
      )
    }
    const added = await next()
    // Upstream's frame: a map of two, whose object has its own tag around it.
    assert.ok(
      added.toString('hex').startsWith('d9d9f7a24474797065454144444544466f626a656374d9d9f7'),
    )
    assert.ok(added.toString('hex').includes('4178d64200ff'))
    const event = decodeCbor(added).value as { readonly type: string; readonly object: Read }
    assert.deepEqual([event.type, event.object.metadata.name], ['ADDED', 'watched'])
    await readAnswer('DELETE', `${CONFIG_MAPS}/watched`)
    assert.equal((decodeCbor(await next()).value as { readonly type: string }).type, 'DELETED')
    await batches.return?.()
  })

  test('unknown fields are told by their place', async () => {
    const object = configMap('strict', { bogus: 1, data: { a: 'b' } })
    const refused = await readAnswer('POST', `${CONFIG_MAPS}?fieldValidation=Strict`, object)
    const what = 'ConfigMap in version "v1" cannot be handled as a ConfigMap'
    const why = 'strict decoding error: cbor: found unknown field at map element index 2'
    assert.deepEqual([refused['code'], refused['message']], [400, `${what}: ${why}`])
  })

  test('bodies that cannot be read', async () => {
    const refusal = async (hex: string) => {
      const answer = await readAnswer('POST', CONFIG_MAPS, undefined, {
        bytes: Buffer.from(hex, 'hex'),
      })
      assert.equal(answer['code'], 400)
      return answer['message']
    }
    const unrecognized =
      'the object provided is unrecognized (must be of type ConfigMap): ' +
      'unable to determine group/version/kind: '
    assert.equal(await refusal('a0a0'), `${unrecognized}${EXTRANEOUS} (a0a0)`)
    assert.equal(await refusal('80'), `${unrecognized}${NO_OBJECT} (80)`)
    assert.equal(
      await refusal('a1616161ff'),
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: cbor: invalid UTF-8 string',
    )
  })

  test('what refuses other types does not list it, as upstream does not', async () => {
    const refused = await server.send('POST', CONFIG_MAPS, { body: 'x', contentType: 'text/x' })
    assert.match(refused.text, /accepted media types include/)
    assert.doesNotMatch(refused.text, /cbor/)
  })
})

const EXTRANEOUS = 'cbor: 1 bytes of extraneous data starting at index 1'
const NO_OBJECT =
  'cbor: cannot unmarshal array into Go value of type v1.TypeMeta ' +
  '(cannot decode CBOR array to struct without toarray option)'
