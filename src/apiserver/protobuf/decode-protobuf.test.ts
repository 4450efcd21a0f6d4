import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { DeleteOptions } from '../../machinery/meta-options.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { enclose, encodeForEnvelope, encodeProtobuf, hasProtobuf } from './api-protobuf.ts'
import { decodeProtobuf } from './decode-protobuf.ts'
import { asStruct } from './meta-nodes.ts'

const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', labels: { ['__proto__']: 'kept' } },
  data: { b: 'größe', a: '' },
}

test('a body is read by the kind that is expected', () => {
  const read = decodeProtobuf(encodeProtobuf(configMap), ConfigMap.schema)
  assert.deepEqual(read, configMap)
  assert.ok(Object.hasOwn((read['metadata'] as { labels: object }).labels, '__proto__'))
})

test('options are the same in every group', () => {
  const options = { apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0 }
  const ofApps = { ...options, apiVersion: 'apps/v1' }
  const bytes = enclose(ofApps, encodeForEnvelope(options))
  assert.deepEqual(decodeProtobuf(bytes, asStruct(DeleteOptions.node)), ofApps)
})

test('a custom resource has no protobuf form, whatever it is called', () => {
  assert.equal(hasProtobuf({ apiVersion: 'example.com/v1', kind: 'Status' }), false)
  assert.equal(hasProtobuf({ apiVersion: 'v1', kind: 'Status' }), true)
  assert.equal(hasProtobuf({ apiVersion: 'v1', kind: 'PodList' }), true)
  for (const value of [null, 'Pod', [], { kind: 1 }]) assert.equal(hasProtobuf(value), false)
})

test('of another kind, only the names are read, which are then refused', () => {
  const read = decodeProtobuf(
    encodeProtobuf({ apiVersion: 'v1', kind: 'Status', code: 3 } as never),
    ConfigMap.schema,
  )
  assert.deepEqual(read, { apiVersion: 'v1', kind: 'Status' })
})

test('what cannot be read is refused in upstream’s words', () => {
  const fails = (bytes: Uint8Array, message: string) =>
    assert.throws(
      () => decodeProtobuf(bytes, ConfigMap.schema),
      (error) => {
        assert.ok(error instanceof StatusError)
        assert.equal(error.code, 400)
        assert.equal(error.message, message)
        return true
      },
    )
  const what = 'the object provided is unrecognized (must be of type ConfigMap)'
  const magic = 'provided data does not appear to be a protobuf message, expected prefix'
  fails(Buffer.from('{"a":1}'), `${what}: ${magic} [107 56 115 0] ({"a":1})`)
  fails(Buffer.from('k8s\0\x12\x7f'), `${what}: unexpected EOF (6b387300127f)`)
  fails(Buffer.from('k8s\0\x12\x02\x0a\x7f'), `${what}: unexpected EOF (6b38730012020a7f)`)
  const withLong = { ...configMap, data: { long: 'x'.repeat(9) } }
  const named = encodeProtobuf(withLong)
  const broken = Buffer.from(named)
  broken[broken.indexOf('long') + 5] = 100
  fails(broken, 'ConfigMap in version "v1" cannot be handled as a ConfigMap: unexpected EOF')
})
