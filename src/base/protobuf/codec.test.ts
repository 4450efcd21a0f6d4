import assert from 'node:assert/strict'
import { test } from 'node:test'
import protobuf from 'protobufjs'
import { decode, encode } from './codec.ts'
import {
  bool,
  boxedInt64,
  bytes,
  double,
  exactInt64,
  int32,
  int64,
  int64s,
  many,
  map,
  message,
  one,
  oneOf,
  optionalInt64,
  string,
  strings,
  uint64,
} from './message.ts'

const inner = message('Inner', { name: string(1), level: int32(2) })
const outer = message('Outer', {
  text: string(1),
  flag: bool(2),
  small: int32(3),
  large: int64(4),
  at: exactInt64(5),
  user: boxedInt64(6),
  state: oneOf(7, ['Zero', 'One', 'Two']),
  inner: one(8, inner),
  items: many(9, inner),
  names: strings(10),
  groups: int64s(11),
  labels: map(12),
  raw: bytes(13),
  ratio: double(14),
  size: uint64(300),
  chosen: optionalInt64(301),
})

const EMPTY = {
  text: '',
  flag: false,
  small: 0,
  large: 0,
  at: 0n,
  state: 'Zero',
  items: [],
  names: [],
  groups: [],
  labels: {},
  raw: new Uint8Array(),
  ratio: 0,
  size: 0,
}

const full = {
  text: 'größe',
  flag: true,
  small: -7,
  large: 2 ** 53 - 1,
  at: 1_795_262_400_123_456_789n,
  user: 0,
  state: 'Two' as const,
  inner: { name: 'a', level: -1 },
  items: [
    { name: '', level: 0 },
    { name: 'b', level: 2 },
  ],
  names: ['', 'x'],
  groups: [0, -5, 4_294_967_296],
  labels: { app: 'web', ['__proto__']: 'kept', empty: '' },
  raw: Uint8Array.from([0, 255]),
  ratio: 0.25,
  size: 2 ** 40,
  chosen: 0,
}

test('a message survives the round trip', () => {
  const back = decode(outer, encode(outer, full))
  assert.deepEqual({ ...back, raw: [...back.raw] }, { ...full, raw: [0, 255] })
  assert.ok(Object.hasOwn(back.labels, '__proto__'))
})

test('an absent message, a boxed zero and defaults are told apart', () => {
  assert.equal(encode(outer, { text: '', small: 0, flag: false }).length, 0)
  assert.deepEqual(decode(outer, new Uint8Array()), EMPTY)
  assert.equal(decode(outer, encode(outer, { user: 0 })).user, 0)
  assert.equal(decode(outer, encode(outer, {})).user, undefined)
  assert.deepEqual(decode(outer, encode(outer, { inner: {} })).inner, { name: '', level: 0 })
})

test('protobufjs reads what is written here, and the reverse', () => {
  const { root } = protobuf.parse(`syntax = "proto3";
    message Inner { string name = 1; int32 level = 2; }
    message Boxed { int64 value = 1; }
    enum State { Zero = 0; One = 1; Two = 2; }
    message Outer { string text = 1; bool flag = 2; int32 small = 3; int64 large = 4; int64 at = 5;
      Boxed user = 6; State state = 7; Inner inner = 8; repeated Inner items = 9;
      repeated string names = 10; repeated int64 groups = 11; map<string, string> labels = 12;
      bytes raw = 13; double ratio = 14; uint64 size = 300; oneof union { int64 chosen = 301; } }`)
  const library = root.lookupType('Outer')
  const given = { ...full, labels: { app: 'web' } }
  const read = library.toObject(library.decode(encode(outer, given)), {
    longs: String,
    enums: String,
    defaults: true,
  })
  assert.equal(read['at'], '1795262400123456789')
  assert.deepEqual(read['groups'], ['0', '-5', '4294967296'])
  assert.deepEqual(read['inner'], { name: 'a', level: -1 })
  assert.deepEqual(read['user'], { value: '0' })
  assert.equal(read['chosen'], '0', 'the zero of a oneof is sent')
  const written = library.encode(library.fromObject({ ...read, user: { value: 9 } })).finish()
  const back = decode(outer, written)
  assert.deepEqual({ ...back, raw: [...back.raw] }, { ...given, user: 9, raw: [0, 255] })
})

test('a field that is not known is skipped, a message cut short is refused', () => {
  const written = encode(outer, full)
  assert.deepEqual(
    decode(
      inner,
      encode(message('New', { more: strings(9), name: string(1) }), {
        more: ['x'],
        name: 'kept',
      }),
    ),
    { name: 'kept', level: 0 },
  )
  for (const length of [1, 4, 20, written.length - 1]) {
    assert.throws(() => decode(outer, written.subarray(0, length)), RangeError)
  }
})

test('a name that no number has is refused', () => {
  assert.throws(() => encode(outer, { state: 'Three' as 'Two' }), /Three is none of Zero, One, Two/)
})
