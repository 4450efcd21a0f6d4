import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseJson } from '../../base/json.ts'
import type { SchemaNode } from '../schema.ts'
import { decodeCbor, encodeCbor } from './cbor.ts'
import { CodecError, MOST_DEPTH } from './json.ts'

/** An object with one field of bytes by their names. */
const withBytes = (field: string): SchemaNode => ({
  type: 'struct',
  name: 'test.v1.Test',
  fields: {
    [field]: {
      node: { type: 'map', values: { type: 'scalar', format: 'byte' } },
      required: false,
    },
  },
})
const hex = (text: string) => Buffer.from(text, 'hex')
const read = (text: string) => decodeCbor(hex(text))

/** Numbers and texts of all widths without a type, and what upstream's encoder makes of them. */
const UNTYPED_JSON =
  '{"apiVersion":"x/v1","kind":"X","a":[1,-1,24,256,65536,4294967296,-9223372036854775808,' +
  '9223372036854775807,1.5,1e300,0.1,100000.5,true,false,null,{},[]],"s":"aGVsbG8=","bb":{}}'
const UNTYPED =
  'd9d9f7a5416191012018181901001a000100001b00000001000000003b7fffffffffffffff1b7fffffffffffffff' +
  'f93e00fb7e37e43c8800759cfb3fb999999999999afa47c35040f5f4f6a080417348614756736247383d426262a0' +
  '446b696e6441584a61706956657273696f6e44782f7631'

const SECRET_JSON =
  '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"b",' +
  '"creationTimestamp":"2024-01-02T03:04:05Z","labels":{"zz":"1","a":"2","bbb":"é"},' +
  '"generation":9007199254740993},"data":{"k":"aGVsbG8="},"type":"Opaque"}'
const SECRET =
  'd9d9f7a54464617461a1416bd64568656c6c6f446b696e64465365637265744474797065464f7061717565486d65' +
  '746164617461a5446e616d654161466c6162656c73a341614132427a7a41314362626242c3a9496e616d65737061' +
  '636541624a67656e65726174696f6e1b0020000000000001516372656174696f6e54696d657374616d7054323032' +
  '342d30312d30325430333a30343a30355a4a61706956657273696f6e427631'

const CONFIG_MAP_JSON =
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"binaryData":{"x":"AAEC"},' +
  '"data":{"":"","aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":"b"}}'
const CONFIG_MAP =
  'd9d9f7a54464617461a24040581e6161616161616161616161616161616161616161616161616161616161614162' +
  '446b696e6449436f6e6669674d6170486d65746164617461a1446e616d6541634a61706956657273696f6e427631' +
  '4a62696e61727944617461a14178d643000102'

describe('the bytes are those of upstream', () => {
  for (const [name, json, bytes, schema] of [
    ['Unstructured', UNTYPED_JSON, UNTYPED, undefined],
    ['Secret', SECRET_JSON, SECRET, withBytes('data')],
    ['ConfigMap', CONFIG_MAP_JSON, CONFIG_MAP, withBytes('binaryData')],
  ] as const) {
    test(name, () => {
      const value = parseJson(json)
      assert.equal(encodeCbor(value, schema).toString('hex'), bytes)
      assert.deepEqual(read(bytes), { value, type: 'map', fault: undefined })
    })
  }

  test('a field that is never an integer is written as a floating-point number', () => {
    const node = { type: 'scalar', format: 'double' } as const
    assert.equal(encodeCbor(1, node).toString('hex'), 'd9d9f7f93c00')
    assert.equal(encodeCbor(1).toString('hex'), 'd9d9f701')
  })
})

describe('what upstream reads is read', () => {
  // Each with what upstream's decoder makes of it.
  for (const [name, bytes, value] of [
    ['a list and a map of no given length', 'bf61619f01ffff', { a: [1] }],
    ['texts in pieces', 'a161617f61616162ff', { a: 'ab' }],
    ['bytes in pieces', 'a161615f41614162ff', { a: 'ab' }],
    ['bytes in pieces in base64', 'a16161d65f41614162ff', { a: 'YWI=' }],
    ['base64url', 'a16161d543fbff01', { a: '-_8B' }],
    ['base64', 'a16161d643010203', { a: 'AQID' }],
    ['base16', 'a16161d743010203', { a: '010203' }],
    ['a text that needs no base64', 'a16161d66161', { a: 'a' }],
    ['base64 of what is inside', 'a16161d68143010203', { a: ['AQID'] }],
    ['a key in base64', 'a1d6416102', { 'YQ==': 2 }],
    ['a tag that nobody knows', 'a16161d8636162', { a: 'b' }],
    ['a described item inside', 'a16161d9d9f76162', { a: 'b' }],
    [
      'a time as text',
      'a16161c074323031332d30332d32315432303a30343a30305a',
      { a: '2013-03-21T20:04:00Z' },
    ],
    [
      'a time with its zone',
      'a16161c07819323031332d30332d32315432303a30343a30302b30313a3030',
      { a: '2013-03-21T20:04:00+01:00' },
    ],
    ['a time in seconds', 'a16161c11a514b67b0', { a: '2013-03-21T20:04:00Z' }],
    ['a time with a fraction', 'a16161c1fb41d452d9ec200000', { a: '2013-03-21T20:04:00.5Z' }],
    ['a time before 1970', 'a16161c120', { a: '1969-12-31T23:59:59Z' }],
    ['nothing', 'f6', null],
  ] as const) {
    test(name, () => {
      const { value: found, fault } = read(bytes)
      assert.deepEqual({ found, fault }, { found: value, fault: undefined })
    })
  }

  test('a key that JavaScript knows is a key', () => {
    const value = read('a1495f5f70726f746f5f5f01').value as object
    assert.deepEqual(Object.entries(value), [['__proto__', 1]])
    assert.equal(Object.getPrototypeOf(value), Object.prototype)
  })
})

const PRIMITIVE = 'cbor: data item of cbor type primitives is not accepted by protocol: '

describe('what upstream refuses is refused', () => {
  for (const [name, bytes, why] of [
    ['no byte', '', 'EOF'],
    ['half an item', 'a161', 'unexpected EOF'],
    ['a long list without items', '9affffffff01', 'unexpected EOF'],
    ['a second item', 'a0a0', 'cbor: 1 bytes of extraneous data starting at index 1'],
    ['a break', 'ff', 'cbor: unexpected "break" code'],
    ['NaN', 'a16161f97e00', `${PRIMITIVE}floating-point NaN`],
    ['infinity', 'a16161f97c00', `${PRIMITIVE}floating-point infinity`],
    [
      'a big number',
      'a16161c24101',
      'cbor: data item of cbor type tag is not accepted by protocol: bignum',
    ],
    ['a key twice', 'a2416101616102', 'cbor: found duplicate map key "a" at map element index 1'],
  ] as const) {
    test(name, () => {
      assert.throws(() => read(bytes), new CodecError(why))
    })
  }

  for (const [name, bytes, why] of [
    ['undefined', 'a16161f7', `${PRIMITIVE}simple value 23 is not recognized`],
    [
      'an integer beyond int64',
      'a161611bffffffffffffffff',
      'cbor: cannot unmarshal positive integer into Go value of type int64 ' +
        "(18446744073709551615 overflows Go's int64)",
    ],
    [
      'a negative one',
      'a161613bffffffffffffffff',
      'cbor: cannot unmarshal negative integer into Go value of type int64 ' +
        "(-18446744073709551616 overflows Go's int64)",
    ],
    [
      'a key that is no text',
      'a10102',
      'cbor: cannot unmarshal positive integer into Go value of type string',
    ],
    ['a text that is no UTF-8', 'a1616161ff', 'cbor: invalid UTF-8 string'],
    [
      'a time in bytes',
      'a16161c054323031332d30332d32315432303a30343a30305a',
      'cbor: tag number 0 must be followed by text string, got byte string',
    ],
    [
      'a key twice further in',
      'a16161a2616101616102',
      'cbor: found duplicate map key "a" at map element index 1',
    ],
  ] as const) {
    test(name, () => {
      assert.equal(read(bytes).fault, why)
    })
  }

  test('items too deep, of whatever type', () => {
    for (const head of [0x81, 0xd6, 0x9f]) {
      const deep = Buffer.alloc(MOST_DEPTH + 1, head)
      assert.throws(() => decodeCbor(deep), /exceeded max nested level/)
    }
  })

  test('whatever is cut off', () => {
    const whole = hex(SECRET)
    for (let length = 0; length < whole.length; length++) {
      assert.throws(() => decodeCbor(whole.subarray(0, length)), CodecError, `${length} bytes`)
    }
  })
})
