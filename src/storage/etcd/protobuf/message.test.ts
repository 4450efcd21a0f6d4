import assert from 'node:assert/strict'
import { test } from 'node:test'
import protobuf from 'protobufjs'
import {
  answers,
  bool,
  bytes,
  chosenInt64,
  decode,
  encode,
  id,
  int64,
  many,
  message,
  one,
  string,
} from './message.ts'

const inner = message({ name: string(1), level: int64(2) })
const outer = message({
  text: string(1),
  flag: bool(2),
  number: int64(3),
  lease: id(4),
  raw: bytes(5),
  inner: one(6, inner),
  items: many(7, inner),
  chosen: chosenInt64(64),
})

const full = {
  text: 'größe😀',
  flag: true,
  number: 2 ** 53 - 1,
  lease: 0x7fff_ffff_ffff_fff1n,
  raw: Buffer.alloc(5000, 7),
  inner: { name: 'a', level: -1 },
  items: [
    { name: '', level: 0 },
    { name: 'b', level: 300 },
  ],
  chosen: 0,
}

const library = protobuf
  .parse(`syntax = "proto3";
    message Inner { string name = 1; int64 level = 2; }
    message Outer { string text = 1; bool flag = 2; int64 number = 3; int64 lease = 4;
      bytes raw = 5; Inner inner = 6; repeated Inner items = 7;
      oneof union { int64 chosen = 64; } }`)
  .root.lookupType('Outer')

test('a message survives the round trip, with all bits of an id', () => {
  const back = decode(outer, encode(outer, full))
  assert.deepEqual({ ...back, raw: Buffer.from(back.raw) }, full)
})

test('protobufjs reads what is written here, and the reverse', () => {
  const read = library.toObject(library.decode(encode(outer, full)), { longs: String })
  assert.equal(read['number'], String(2 ** 53 - 1))
  assert.equal(read['lease'], String(full.lease))
  assert.equal(read['chosen'], '0', 'the zero of a oneof is sent')
  assert.deepEqual(read['items'][1], { name: 'b', level: '300' })
  const written = Buffer.from(library.encode(library.fromObject(read)).finish())
  const back = decode(outer, written)
  assert.deepEqual(
    { ...back, raw: Buffer.from(back.raw) },
    {
      ...full,
      inner: { name: 'a', level: -1 },
    },
  )
})

test('what was not sent reads as its default, or as absent', () => {
  assert.equal(encode(outer, { text: '', number: 0, flag: false, lease: 0n }).length, 0)
  assert.deepEqual(decode(outer, Buffer.alloc(0)), {
    ...{ text: '', flag: false, number: 0, lease: 0n, raw: new Uint8Array(0), items: [] },
  })
})

test('unknown fields are skipped, a message cut short is refused', () => {
  const known = message({ items: answers(7, inner) })
  assert.deepEqual(decode(known, encode(outer, full)).items, full.items)
  const written = encode(outer, full)
  for (const length of [1, 4, 20, written.length - 1]) {
    assert.throws(() => decode(outer, written.subarray(0, length)), RangeError)
  }
})
