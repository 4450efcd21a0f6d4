import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { DeviceTaintRule } from '../v1alpha3/device-taint-rule.ts'
import { DeviceClass } from './device-class.ts'
import { ResourceClaim } from './resource-claim.ts'
import { ResourceClaimTemplate } from './resource-claim-template.ts'
import { ResourceSlice } from './resource-slice.ts'

const NOW = { now: Date.UTC(2026, 0, 1) }

function claimErrors(devices: object): string[] {
  const claim = decodeObject(ResourceClaim, { metadata: { name: 'c' }, spec: { devices } }).value
  const complete = ResourceClaim.setDefaults?.(claim) ?? claim
  return [...(ResourceClaim.validate?.(complete, FieldPath.root) ?? [])].map(formatFieldError)
}

function sliceErrors(spec: object): string[] {
  const whole = { driver: 'd', pool: { name: 'p', resourceSliceCount: 1 }, allNodes: true, ...spec }
  const slice = decodeObject(ResourceSlice, { metadata: { name: 's' }, spec: whole }).value
  return [...(ResourceSlice.validate?.(slice, FieldPath.root) ?? [])].map(formatFieldError)
}

test('a request is for one number of devices, or names alternatives', () => {
  const exactly = { deviceClassName: 'gpu' }
  assert.deepEqual(claimErrors({ requests: [{ name: 'a', exactly }] }), [])
  const firstAvailable = [{ name: 'x', ...exactly }]
  const one = 'exactly one of `exactly` or `firstAvailable` is required'
  assert.deepEqual(
    claimErrors({ requests: [{ name: 'a' }, { name: 'a', exactly, firstAvailable }] }),
    [
      `spec.devices.requests[0]: Required value: ${one}`,
      `spec.devices.requests[1]: Invalid value: null: ${one}, but multiple fields are set`,
      'spec.devices.requests[1]: Duplicate value: "a"',
    ],
  )
  const all = { ...exactly, allocationMode: 'All', count: 2 }
  assert.deepEqual(claimErrors({ requests: [{ name: 'a', exactly: all }] }), [
    'spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when ' +
      "allocationMode is 'All'",
  ])
})

test('constraints and configuration name requests or their alternatives', () => {
  const requests = [{ name: 'a', firstAvailable: [{ name: 'x', deviceClassName: 'gpu' }] }]
  const config = (...names: string[]) => ({
    requests,
    config: [{ requests: names, opaque: { driver: 'd', parameters: {} } }],
  })
  assert.deepEqual(claimErrors(config('a', 'a/x')), [])
  const why =
    'must be the name of a request in the claim or the name of a request and a subrequest ' +
    "separated by '/'"
  assert.deepEqual(claimErrors(config('a/y')), [
    `spec.devices.config[0].requests[0]: Invalid value: "a/y": ${why}`,
  ])
  assert.deepEqual(claimErrors({ requests, constraints: [{ matchAttribute: 'model' }] }), [
    'spec.devices.constraints[0].matchAttribute: Invalid value: "model": a fully qualified name ' +
      'must be a domain and a name separated by a slash',
  ])
})

test('expressions that choose devices compile to a condition', () => {
  const errors = (expression: string) => {
    const exactly = { deviceClassName: 'gpu', selectors: [{ cel: { expression } }] }
    return claimErrors({ requests: [{ name: 'a', exactly }] }).map((text) => text.split('\n')[0])
  }
  assert.deepEqual(errors('device.driver == "x" && device.attributes["x"].fast'), [])
  assert.deepEqual(errors('device.capacity["x"].memory.compareTo(quantity("1Gi")) >= 0'), [])
  const path = 'spec.devices.requests[0].exactly.selectors[0].cel.expression'
  assert.deepEqual(errors('device.driver'), [
    `${path}: Invalid value: "device.driver": must evaluate to bool or the unknown type, not string`,
  ])
  assert.match(errors('device.nope == 1')[0] ?? '', /compilation failed: ERROR: .*undefined field/)
})

test('what a claim asks for, and what a template makes, stays as it is', () => {
  const spec = { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu' } }] } }
  const claim = decodeObject(ResourceClaim, { metadata: { name: 'c' }, spec }).value
  const other = { ...claim, spec: { devices: {} } }
  const errors = [...(ResourceClaim.validateUpdate?.(other, claim, FieldPath.root) ?? [])]
  assert.deepEqual(
    errors.map(({ field }) => field),
    ['spec'],
  )
  const metadata = { labels: { a: 'not good!' }, name: 'x' }
  const template = { metadata: { name: 't' }, spec: { metadata, spec: { devices: {} } } }
  const made = decodeObject(ResourceClaimTemplate, template).value
  assert.deepEqual(
    [...(ResourceClaimTemplate.validate?.(made, FieldPath.root) ?? [])].map(({ field }) => field),
    ['spec.metadata.labels', 'spec.metadata.name'],
  )
})

test('an allocation is for requests of the claim, and devices report only what is theirs', () => {
  const spec = { devices: { requests: [{ name: 'a', exactly: { deviceClassName: 'gpu' } }] } }
  const old = decodeObject(ResourceClaim, { metadata: { name: 'c' }, spec }).value
  const id = { driver: 'd', pool: 'p', device: 'x' }
  const errors = (status: object) => {
    const claim = decodeObject(ResourceClaim, { metadata: { name: 'c' }, spec, status }).value
    return [...(ResourceClaim.validateStatusUpdate?.(claim, old, FieldPath.root) ?? [])]
  }
  const results = [{ request: 'a', ...id }]
  const allocation = { devices: { results } }
  assert.deepEqual(errors({ allocation, devices: [id] }), [])
  assert.deepEqual(
    errors({ devices: [id], reservedFor: [{ resource: 'pods', name: 'p', uid: 'u' }] }).map(
      formatFieldError,
    ),
    [
      'status.devices[0]: Invalid value: {"Driver":"d","Pool":"p","Device":"x","ShareID":""}: ' +
        'must be an allocated device in the claim',
      'status.reservedFor: Forbidden: may not be specified when `allocated` is not set',
    ],
  )
})

test('a slice is reached in one way; devices fit into it', () => {
  assert.deepEqual(sliceErrors({ devices: [{ name: 'a' }] }), [])
  const one =
    'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'
  assert.deepEqual(sliceErrors({ nodeName: 'n' }), [
    `spec: Invalid value: "{\`nodeName\`, \`allNodes\`}": ${one}, but multiple fields are set`,
  ])
  const attributes = { ok: { bool: true }, 'bad name': { int: 1 }, none: {}, v: { version: '1' } }
  assert.deepEqual(
    sliceErrors({ devices: [{ name: 'a', attributes, nodeName: 'n' }] }).map(
      (text) => text.split(': ')[0],
    ),
    [
      'spec.devices[0].attributes',
      'spec.devices[0].attributes[none]',
      'spec.devices[0].attributes[v].version',
      'spec.devices[0]',
    ],
  )
})

test('what may be asked of a shared capacity has a default among it', () => {
  const errors = (requestPolicy: object, allowMultipleAllocations = true) =>
    sliceErrors({
      devices: [
        { name: 'a', allowMultipleAllocations, capacity: { m: { value: '8', requestPolicy } } },
      ],
    }).map((text) => text.replace('spec.devices[0].capacity[m].requestPolicy', 'p'))
  assert.deepEqual(errors({ default: '2', validValues: ['2', '4'] }), [])
  assert.deepEqual(errors({ default: '3', validValues: ['4', '2', '9'] }), [
    'p.validValues[1]: Invalid value: "2": values must be sorted in ascending order',
    'p.validValues[2]: Invalid value: "9": option is larger than capacity value: 8',
    'p.validValues: Invalid value: "3": default value is not valid according to the requestPolicy',
  ])
  assert.deepEqual(errors({ default: '3', validRange: { min: '2', max: '8', step: '2' } }), [
    'p.validRange.step: Invalid value: "3": value is not a multiple of a given step (2) from (2)',
  ])
  assert.deepEqual(errors({ default: '3' }, false), [
    'p: Forbidden: allowMultipleAllocations must be true',
  ])
})

test('classes and taint rules', () => {
  const spec = { extendedResourceName: 'cpu', selectors: [{}], config: [{}] }
  const made = decodeObject(DeviceClass, { metadata: { name: 'c' }, spec }).value
  assert.deepEqual(
    [...(DeviceClass.validate?.(made, FieldPath.root) ?? [])].map(({ field }) => field),
    ['spec.selectors[0].cel', 'spec.config[0].opaque', 'spec.extendedResourceName'],
  )
  const taint = { key: 'a b', value: 'v', effect: 'Sometimes' }
  const given = { metadata: { name: 'r' }, spec: { deviceSelector: { pool: '/' }, taint } }
  const rule = decodeObject(DeviceTaintRule, given).value
  assert.deepEqual(
    [...(DeviceTaintRule.validate?.(rule, FieldPath.root) ?? [])].map(({ field }) => field),
    ['spec.deviceSelector.pool', 'spec.deviceSelector.pool', 'spec.taint.key', 'spec.taint.effect'],
  )
  const dated = DeviceTaintRule.prepareForCreate?.(rule, NOW) ?? rule
  assert.equal(dated.spec.taint.timeAdded, '2026-01-01T00:00:00Z')
})
