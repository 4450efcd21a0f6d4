import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseJson } from '../base/json.ts'
import { seededRandom } from '../base/random.ts'
import { CodecError } from '../machinery/codec/json.ts'
import {
  ENVELOPE_END,
  envelopeStart,
  openEnvelope,
  RAW_FIELD,
} from '../machinery/codec/protobuf/envelope.ts'
import { ProtobufCodec } from '../machinery/codec/protobuf/protobuf-codec.ts'
import { decodeObject } from '../machinery/decode.ts'
import type { Kind, KubeObject } from '../machinery/kind.ts'
import { StatusError } from '../machinery/status-error.ts'
import { builtInKinds } from './index.ts'
import { protobufNumbers } from './protobuf.ts'
import { protobufZeros } from './protobuf-zeros.data.ts'

const FIXTURES = join(process.cwd(), '../shared/upstream/api-testdata')
const skip = existsSync(FIXTURES) ? false : `no ${FIXTURES}`

const codec = new ProtobufCodec({ numbers: protobufNumbers, zeros: protobufZeros })

function* fixtures(): Iterable<{ name: string; json: KubeObject; bytes: Buffer }> {
  for (const file of readdirSync(FIXTURES).filter((name) => name.endsWith('.json'))) {
    const json = parseJson(readFileSync(join(FIXTURES, file), 'utf8')) as KubeObject
    const name = file.replace(/\.json$/, '')
    yield { name, json, bytes: readFileSync(join(FIXTURES, `${name}.pb`)) }
  }
}

function isKindOf(kind: Kind, object: KubeObject): boolean {
  return kind.apiVersion === object.apiVersion && kind.kind === object.kind
}

test('objects of all kinds go from protobuf to JSON and back, byte for byte', {
  skip,
}, async (t) => {
  const notServed: string[] = []
  let count = 0
  for (const { name, json, bytes } of fixtures()) {
    const node = builtInKinds.find((one) => isKindOf(one, json))?.schema
    if (node === undefined) {
      notServed.push(name)
      continue
    }
    count++
    await t.test(name, () => {
      const { apiVersion, kind, raw } = openEnvelope(bytes)
      assert.deepEqual({ apiVersion, kind, ...codec.decode(node, raw) }, json)
      const message = codec.encodeAsField(RAW_FIELD, node, json)
      const whole = Buffer.concat([envelopeStart(json), message, ENVELOPE_END])
      assert.equal(whole.toString('hex'), bytes.toString('hex'))
    })
  }
  t.diagnostic(`${count} kinds; not served: ${notServed.join(', ')}`)
  assert.ok(count > 90)
})

test('zeros are told apart only in fields that protobuf has', () => {
  for (const [struct, names] of Object.entries(protobufZeros)) {
    const numbers = protobufNumbers[struct]
    assert.ok(numbers !== undefined, struct)
    for (const name of names) assert.ok(Object.hasOwn(numbers, name), `${struct}.${name}`)
  }
})

test('damaged objects are refused, or are other objects: nothing else', { skip }, (t) => {
  const random = seededRandom(36)
  const below = (limit: number) => Math.floor(random.next() * limit)
  const counts = { refusedBytes: 0, refusedObject: 0, read: 0 }
  for (const { name, json, bytes } of fixtures()) {
    const kind = builtInKinds.find((one) => isKindOf(one, json))
    if (kind === undefined) continue
    for (let round = 0; round < 60; round++) {
      const damaged = damage(bytes, below)
      try {
        const { apiVersion, kind: kindName, raw } = openEnvelope(damaged)
        const value = { apiVersion, kind: kindName, ...codec.decode(kind.schema, raw) }
        const { value: object } = decodeObject(kind, value)
        codec.decode(kind.schema, codec.encode(kind.schema, object))
        counts.read++
      } catch (error) {
        const where = `${name}, round ${round}: ${damaged.toString('hex')}`
        assert.ok(error instanceof CodecError || error instanceof StatusError, where)
        if (error instanceof CodecError) counts.refusedBytes++
        else counts.refusedObject++
      }
    }
  }
  t.diagnostic(JSON.stringify(counts))
  for (const count of Object.values(counts)) assert.ok(count > 100)
})

/** Some bytes changed, cut off, put in or doubled. */
function damage(bytes: Buffer, below: (limit: number) => number): Buffer {
  const damaged = Buffer.from(bytes)
  const at = below(bytes.length)
  const until = at + below(20)
  switch (below(4)) {
    case 0:
      for (let index = 0; index <= below(3); index++) damaged[below(damaged.length)] = below(256)
      return damaged
    case 1:
      return damaged.subarray(0, at)
    case 2:
      return Buffer.concat([damaged.subarray(0, at), damaged.subarray(until)])
    default:
      return Buffer.concat([damaged.subarray(0, until), damaged.subarray(at)])
  }
}
