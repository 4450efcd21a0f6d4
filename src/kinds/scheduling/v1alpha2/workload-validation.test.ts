import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { PodGroup } from './pod-group.ts'
import { validatePodGroup, validatePodGroupUpdate } from './pod-group-validation.ts'
import { Workload } from './workload.ts'
import { validateWorkload } from './workload-validation.ts'

const group = (spec: object) =>
  decodeObject(PodGroup, { metadata: { name: 'a', namespace: 'b' }, spec }).value
const ofGroup = (spec: object) =>
  [...validatePodGroup(group(spec), FieldPath.root)].map(formatFieldError)
const ofWorkload = (spec: object) => {
  const { value } = decodeObject(Workload, { metadata: { name: 'a', namespace: 'b' }, spec })
  return [...validateWorkload(value, FieldPath.root)].map(formatFieldError)
}
const gang = { gang: { minCount: 2 } }

test('PodGroup', () => {
  assert.deepEqual(ofGroup({ schedulingPolicy: gang }), [])
  assert.deepEqual(ofGroup({ schedulingPolicy: {} }), [
    'spec.schedulingPolicy: Invalid value: "": must specify one of: `basic`, `gang`',
  ])
  assert.deepEqual(ofGroup({ schedulingPolicy: { gang: { minCount: -1 }, basic: {} } }), [
    'spec.schedulingPolicy: Invalid value: "{basic, gang}": must specify exactly one of: `basic`, `gang`',
    'spec.schedulingPolicy.gang.minCount: Invalid value: -1: must be greater than or equal to 1',
  ])
  assert.deepEqual(ofGroup({ schedulingPolicy: gang, resourceClaims: [{ name: 'c' }] }), [
    'spec.resourceClaims[0]: Invalid value: "": must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
  ])
  const [one, other] = [
    group({ schedulingPolicy: gang }),
    group({ schedulingPolicy: { basic: {} } }),
  ]
  const errors = [...validatePodGroupUpdate(one, other, FieldPath.root)]
  assert.match(
    errors.map(formatFieldError).join(),
    /^spec\.schedulingPolicy: .*field is immutable$/,
  )
})

test('Workload', () => {
  const template = { name: 't', schedulingPolicy: gang }
  assert.deepEqual(ofWorkload({ podGroupTemplates: [template] }), [])
  assert.deepEqual(ofWorkload({}), ['spec.podGroupTemplates: Required value'])
  assert.deepEqual(ofWorkload({ podGroupTemplates: [template, template] }), [
    'spec.podGroupTemplates[1]: Duplicate value: {"name":"t"}',
  ])
  assert.deepEqual(ofWorkload({ controllerRef: { kind: 'J' }, podGroupTemplates: [template] }), [
    'spec.controllerRef.name: Required value',
  ])
})
