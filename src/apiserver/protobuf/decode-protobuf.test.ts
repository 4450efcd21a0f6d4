import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseJson } from '../../base/json.ts'
import { builtInKinds } from '../../kinds/index.ts'
import { decodeObject } from '../../machinery/decode.ts'
import { decodeProtobuf } from './decode-protobuf.ts'
import { ProtobufError } from './wire-reader.ts'

const FIXTURES = join(process.cwd(), '../shared/upstream/api-testdata')
const skip = existsSync(FIXTURES) ? false : `no ${FIXTURES}`

test('every kind of upstream’s fixtures says the same in protobuf and in JSON', { skip }, (t) => {
  let count = 0
  for (const file of readdirSync(FIXTURES).filter((name) => name.endsWith('.json'))) {
    const json = parseJson(readFileSync(join(FIXTURES, file), 'utf8')) as {
      readonly apiVersion: string
      readonly kind: string
    }
    const kind = builtInKinds.find(
      (one) => one.apiVersion === json.apiVersion && one.kind === json.kind,
    )
    if (kind === undefined) continue
    const bytes = readFileSync(join(FIXTURES, file.replace(/json$/, 'pb')))
    const document = decodeProtobuf(bytes, kind.schema)
    assert.deepEqual([document.apiVersion, document.kind], [json.apiVersion, json.kind])
    const expected = decodeObject(kind, json).value
    assert.deepEqual(decodeObject(kind, document.value).value, expected, file)
    count++
  }
  t.diagnostic(`${count} kinds`)
  assert.ok(count > 60)
})

test('what is no protobuf is refused', () => {
  const node = builtInKinds.find(({ kind }) => kind === 'ConfigMap')?.schema
  assert.ok(node !== undefined)
  const decode = (text: string) => () => decodeProtobuf(Buffer.from(text, 'latin1'), node)
  assert.throws(decode('{}'), ProtobufError)
  assert.throws(decode('k8s\0\x12\x7f'), ProtobufError)
  assert.throws(decode('k8s\0\x12\x02\x0a\x7f'), ProtobufError)
})
