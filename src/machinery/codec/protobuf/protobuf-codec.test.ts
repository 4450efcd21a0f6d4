import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import protobuf from 'protobufjs'
import { type SchemaNode, type StructNode, s } from '../../schema.ts'
import { CodecError } from '../json.ts'
import { openEnvelope } from './envelope.ts'
import { ProtobufCodec } from './protobuf-codec.ts'

interface Tree {
  readonly name?: string
  readonly next?: Tree
}
const tree: { readonly node: SchemaNode } = s.struct('test.v1.Tree', {
  name: s.string().optional(),
  next: s.lazy<Tree>('test.v1.Tree', () => tree.node).optional(),
})

const thing = s.struct('test.v1.Thing', {
  text: s.string().optional(),
  flag: s.bool().optional(),
  small: s.int32().optional(),
  large: s.int64().optional(),
  ratio: s.double().optional(),
  bytes: s.bytes().optional(),
  time: s.time().optional(),
  micro: s.microTime().optional(),
  amount: s.quantity().optional(),
  port: s.intOrString().optional(),
  raw: s.raw().optional(),
  fields: s.fieldsV1().optional(),
  any: s.json('test.v1.JSON').optional(),
  list: s.list(s.string()).optional(),
  numbers: s.list(s.int32()).optional(),
  map: s.map(s.string()).optional(),
  amounts: s.map(s.quantity()).optional(),
  blobs: s.map(s.bytes()).optional(),
  extra: s.map(s.list(s.string())).optional(),
  tree: s.lazy<Tree>('test.v1.Tree', () => tree.node).optional(),
  needed: s.string(),
  boxed: s.int32().optional(),
  outer: s.string().optional(),
  deep: s.string().optional(),
})

const NAMES = Object.keys((thing.node as StructNode).fields)
const NUMBERS = Object.fromEntries(NAMES.map((name, index) => [name, index + 1]))

const codec = new ProtobufCodec({
  numbers: {
    'test.v1.Tree': { name: 1, next: 2 },
    'test.v1.Thing': { ...NUMBERS, outer: [100, 1], deep: [100, 2, 300] },
  },
  zeros: { 'test.v1.Thing': ['boxed'] },
})
const node = thing.node as StructNode
const treeNode = tree.node as StructNode

const FULL = {
  text: 'größe 𝄞',
  flag: true,
  small: -7,
  large: 2n ** 63n - 1n,
  ratio: 0.25,
  bytes: 'AP8=',
  time: '2026-11-21T13:00:00Z',
  micro: '1969-12-31T23:59:59.000001Z',
  amount: '1500m',
  port: 'http',
  raw: { a: [1, null, 'x'] },
  fields: { 'f:spec': {} },
  any: 2n ** 60n,
  list: ['', 'x'.repeat(200)],
  numbers: [0, -1, 2 ** 31 - 1],
  map: { b: '', a: 'x', ['__proto__']: 'kept' },
  amounts: { cpu: '1', memory: '0' },
  blobs: { a: 'AQ==' },
  extra: { scopes: ['a', 'b'], none: [] },
  tree: { name: 'a', next: { next: {} } },
  needed: '',
  boxed: 0,
  outer: 'o',
  deep: 'd',
}

const decode = (bytes: Uint8Array) => codec.decode(node, bytes)
const encode = (value: object) => codec.encode(node, value)

describe('protobuf codec', () => {
  test('every format survives the round trip', () => {
    const back = decode(encode(FULL))
    assert.deepEqual(back, FULL)
    assert.ok(Object.hasOwn(back['map'] as object, '__proto__'))
  })

  test('integers of all sizes survive', () => {
    const values = [0, 1, 127, 128, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 35 - 1, 2 ** 35, 2 ** 53 - 1]
    const large = [2n ** 53n, 2n ** 56n, 2n ** 62n + 1n, -(2n ** 63n)]
    for (const value of [...values, ...values.map((one) => -one || 1), ...large]) {
      assert.equal(decode(encode({ large: value }))['large'], value === 0 ? undefined : value)
    }
  })

  test('a zero value counts as none, unless it is a value of its own', () => {
    const { root } = protobuf.parse(`syntax = "proto2"; message Thing {
      optional string text = 1; optional bool flag = 2; optional int32 small = 3;
      optional string needed = 21; optional int32 boxed = 22; }`)
    const type = root.lookupType('Thing')
    const zeros = { text: '', flag: false, small: 0, needed: '', boxed: 0 }
    assert.deepEqual(decode(type.encode(type.create(zeros)).finish()), { needed: '', boxed: 0 })
  })

  test('a schema in whose place a boolean stands may allow nothing', () => {
    const schemas = s.struct('test.v1.Schema', {
      title: s.string().optional(),
      more: s.json('test.v1.SchemaPropsOrBool').optional(),
      one: s.json('test.v1.SchemaPropsOrBool').optional(),
    })
    const numbers = { 'test.v1.Schema': { title: 1, more: 2, one: 3 } }
    const ofSchemas = new ProtobufCodec({ numbers, zeros: {} })
    const root = schemas.node as StructNode
    const value = { title: 'a', more: false, one: true }
    assert.deepEqual(ofSchemas.decode(root, ofSchemas.encode(root, value)), value)
  })

  test('protobufjs reads what is written here', () => {
    const { root } = protobuf.parse(`syntax = "proto2";
      message Embedded { optional string outer = 1; }
      message Thing { optional string text = 1; optional int32 small = 3; optional int64 large = 4;
      optional double ratio = 5; repeated int32 numbers = 15; map<string, string> map = 16;
      optional Embedded embedded = 100; }`)
    const type = root.lookupType('Thing')
    const read = type.toObject(type.decode(encode(FULL)), { longs: String })
    assert.equal(read['text'], FULL.text)
    assert.equal(read['small'], -7)
    assert.equal(read['large'], '9223372036854775807')
    assert.equal(read['ratio'], 0.25)
    assert.deepEqual(read['numbers'], FULL.numbers)
    assert.equal(read['map'].a, 'x')
    assert.equal(read['embedded'].outer, 'o')
  })

  test('equal maps have equal bytes, in the order of their keys', () => {
    const bytes = encode({ map: { b: '1', a: '2' } })
    assert.deepEqual(bytes, encode({ map: { a: '2', b: '1' } }))
    assert.deepEqual(Object.keys(decode(bytes)['map'] as object), ['a', 'b'])
  })

  test('numbers may come packed, the parts of a message apart', () => {
    assert.deepEqual(decode(Buffer.from([15 * 8 + 2, 3, 1, 2, 3]))['numbers'], [1, 2, 3])
    const apart = [encode({ tree: { name: 'a' } }), encode({ tree: { next: {} } })]
    assert.deepEqual(decode(Buffer.concat(apart))['tree'], { name: 'a', next: {} })
  })

  test('what is not known is passed over, groups too', () => {
    const unknown = Buffer.from([0xfb, 0x07, 0x08, 0x01, 0xfb, 0x07, 0xfc, 0x07, 0xfc, 0x07])
    const more = Buffer.concat([unknown, encode({ text: 'kept' })])
    assert.deepEqual(decode(more), { text: 'kept' })
  })

  test('Go’s zero time is no time', () => {
    const time = (seconds: string) => Buffer.from(`3a${seconds}`, 'hex')
    assert.deepEqual(decode(time('00')), {})
    // time.Time{} in seconds, as a client may send it although upstream's sends nothing.
    assert.deepEqual(decode(time('0d088092b8c398feffffff011000')), {})
  })
})

describe('malformed protobuf', () => {
  const fails = (hex: string, message: RegExp) =>
    assert.throws(
      () => decode(Buffer.from(hex, 'hex')),
      (error) => error instanceof CodecError && message.test(error.message),
    )

  test('every cut of a message is refused or a message of its own', () => {
    const whole = encode(FULL)
    let refused = 0
    for (let length = 0; length < whole.length; length++) {
      try {
        decode(whole.subarray(0, length))
      } catch (error) {
        assert.ok(error instanceof CodecError, String(error))
        refused++
      }
    }
    assert.ok(refused > whole.length / 2)
  })

  test('is named as upstream names it', () => {
    fails('0a05', /^unexpected EOF$/)
    fails('0affffffff0f', /^unexpected EOF$/)
    fails('0affffffffffffffffff01', /negative length/)
    fails('0affffffffffffffffffffff01', /integer overflow/)
    fails('0801', /^proto: wrong wireType = 0 for field 1 of Thing$/)
    fails('00', /^proto: illegal tag 0 \(wire type 0\)$/)
    fails('0c', /^proto: wiretype end group for non-group$/)
    fails('ff07', /^proto: illegal wireType 7$/)
    fails('5a020a01', /unexpected EOF/)
    fails('5a030a017b', /JSON/)
    fails('52020805', /impossible IntOrString.Type/)
    fails('3a0b08ffffffffffffffff7f10', /unexpected EOF/)
    fails('3a0a08ffffffffffffffff7f', /years 0 to 9999/)
  })

  test('nesting ends somewhere, without the stack', () => {
    let message = Buffer.alloc(0)
    const nest = () => {
      const size = Buffer.from(codec.encode(treeNode, { name: 'x'.repeat(message.length) }))
      // A name of that length has the same length in front as a message has.
      const length = size.subarray(1, size.length - message.length)
      message = Buffer.concat([Buffer.from([0x12]), length, message])
    }
    for (let depth = 0; depth < 1000; depth++) nest()
    codec.decode(treeNode, message)
    for (let depth = 0; depth < 100; depth++) nest()
    assert.throws(() => codec.decode(treeNode, message), /exceeded max depth/)
    const groups = Buffer.alloc(100_000, 0xfb)
    for (let at = 1; at < groups.length; at += 2) groups[at] = 0x07
    assert.throws(() => codec.decode(treeNode, groups), CodecError)
  })

  test('an envelope that is none', () => {
    for (const text of ['', 'k8', 'k8s', 'k8s\x01', '{"kind":"Pod"}']) {
      assert.throws(() => openEnvelope(Buffer.from(text)), /expected prefix \[107 56 115 0\]$/)
    }
    assert.throws(() => openEnvelope(Buffer.from('k8s\0\x0a\x05')), CodecError)
    assert.deepEqual(openEnvelope(Buffer.from('k8s\0')), {
      apiVersion: '',
      kind: '',
      raw: new Uint8Array(),
    })
  })

  test('what cannot be written leaves nothing behind', () => {
    assert.throws(() => encode({ text: 'x', time: 'yesterday' }), CodecError)
    assert.deepEqual(decode(encode({ flag: true })), { flag: true })
  })
})
