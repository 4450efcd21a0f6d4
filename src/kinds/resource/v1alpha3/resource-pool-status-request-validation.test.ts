import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { ResourcePoolStatusRequest } from './resource-pool-status-request.ts'

const read = (spec: object, status?: object) =>
  decodeObject(ResourcePoolStatusRequest, { metadata: { name: 'a' }, spec, status }).value
const texts = (errors: Iterable<Parameters<typeof formatFieldError>[0]> | undefined) =>
  [...(errors ?? [])].map(formatFieldError)
const { validate, validateUpdate, validateStatusUpdate } = ResourcePoolStatusRequest
const spec = { driver: 'a.example.com', limit: 5 }

test('names a driver and how many pools', () => {
  assert.deepEqual(texts(validate?.(read(spec), FieldPath.root)), [])
  assert.deepEqual(texts(validate?.(read({ driver: '', limit: 1001 }), FieldPath.root)), [
    'spec.driver: Required value',
    'spec.limit: Invalid value: 1001: must be less than or equal to 1000',
  ])
})

test('is asked and answered once', () => {
  const other = read({ ...spec, limit: 6 })
  assert.deepEqual(texts(validateUpdate?.(other, read(spec), FieldPath.root)), [
    'spec: Invalid value: null: field is immutable',
  ])
  const answered = read(spec, { poolCount: 1, pools: [{ driver: 'a', poolName: 'p' }] })
  assert.deepEqual(texts(validateStatusUpdate?.(answered, read(spec), FieldPath.root)), [
    'status.pools[0].generation: Required value',
  ])
  const changed = read(spec, { poolCount: 2 })
  assert.match(
    texts(validateStatusUpdate?.(changed, read(spec, { poolCount: 1 }), FieldPath.root))[0] ?? '',
    /^status: Invalid value: .*: field is immutable$/,
  )
})
