import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { RuntimeClass } from './runtime-class.ts'
import { validateRuntimeClass, validateRuntimeClassUpdate } from './runtime-class-validation.ts'

const read = (object: object) =>
  decodeObject(RuntimeClass, { metadata: { name: 'a' }, ...object }).value
const create = (object: object) =>
  [...validateRuntimeClass(read(object), FieldPath.root)].map(formatFieldError)

test('RuntimeClass', () => {
  assert.deepEqual(create({ handler: 'runc', overhead: { podFixed: { cpu: '10m' } } }), [])
  assert.deepEqual(create({}), ['handler: Required value'])
  assert.match(create({ handler: 'Run_C' }).join(), /^handler: Invalid value: "Run_C": a lowercase/)
  const toleration = { key: 'a', operator: 'Exists' }
  const tolerations = [toleration, toleration]
  assert.match(
    create({ handler: 'runc', scheduling: { tolerations } }).join(),
    /^scheduling\.tolerations\[1\]: Duplicate value: /,
  )
  assert.deepEqual(
    [
      ...validateRuntimeClassUpdate(read({ handler: 'b' }), read({ handler: 'a' }), FieldPath.root),
    ].map(formatFieldError),
    ['handler: Invalid value: "b": field is immutable'],
  )
})

test('labels of old are warned of', () => {
  const scheduling = { nodeSelector: { 'beta.kubernetes.io/os': 'linux' } }
  const runtimeClass = read({ handler: 'runc', scheduling })
  assert.deepEqual(
    [...(RuntimeClass.warningsOnCreate?.(runtimeClass) ?? [])],
    ['scheduling.nodeSelector: deprecated since v1.14; use "kubernetes.io/os" instead'],
  )
})
