import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseJson } from '../base/json.ts'
import {
  ENVELOPE_END,
  envelopeStart,
  openEnvelope,
  RAW_FIELD,
} from '../machinery/codec/protobuf/envelope.ts'
import { ProtobufCodec } from '../machinery/codec/protobuf/protobuf-codec.ts'
import type { KubeObject } from '../machinery/kind.ts'
import type { StructNode } from '../machinery/schema.ts'
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

function nodeOf({ apiVersion, kind }: KubeObject): StructNode | undefined {
  return builtInKinds.find((one) => one.apiVersion === apiVersion && one.kind === kind)?.schema
}

test('objects of all kinds go from protobuf to JSON and back, byte for byte', {
  skip,
}, async (t) => {
  const notServed: string[] = []
  let count = 0
  for (const { name, json, bytes } of fixtures()) {
    const node = nodeOf(json)
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
