import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { collected, FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { Pod } from './pod.ts'
import { setPodDefaults } from './pod-defaults.ts'
import { validatePodStatusUpdate } from './pod-status-validation.ts'

type Fields = Record<string, unknown>
const state = (status: Fields, spec: Fields = {}): Pod => {
  const whole = { containers: [{ name: 'c', image: 'redis:7' }], ...spec }
  const object = { metadata: { name: 'pod', namespace: 'default' }, spec: whole, status }
  return setPodDefaults(decodeObject(Pod, object).value)
}
const report = (now: Pod, old: Pod) =>
  collected(validatePodStatusUpdate, now, old, FieldPath.root).map(formatFieldError)
/** What is wrong with a status, as an update of none. */
const errors = (status: Fields, spec: Fields = {}) => report(state(status, spec), state({}, spec))

test('reports of the status', () => {
  const ended = { containerStatuses: [{ name: 'c', state: { terminated: { exitCode: 0 } } }] }
  const runs = { containerStatuses: [{ name: 'c', state: { running: {} } }] }
  assert.deepEqual(report(state(runs), state(ended)), [])
  const once = { restartPolicy: 'OnFailure' }
  assert.deepEqual(report(state(runs, once), state(ended, once)), [
    'status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state',
  ])
  assert.deepEqual(report(state({ qosClass: 'Burstable' }), state({ qosClass: 'BestEffort' })), [
    'status.qosClass: Invalid value: "Burstable": field is immutable',
  ])
  assert.deepEqual(report(state({ podIPs: [{ ip: '1.2.3.4' }, { ip: '1.2.3.5' }] }), state({})), [
    'status.podIPs: Invalid value: [{"ip":"1.2.3.4"},{"ip":"1.2.3.5"}]: may specify no more ' +
      'than one IP for each IP family',
  ])
})

test('conditions', () => {
  const conditions = [
    { type: 'Ready', status: 'True', observedGeneration: -1 },
    { type: 'a b', status: 'True' },
  ]
  const [negative, odd = '', ...more] = errors({ conditions })
  assert.equal(
    negative,
    'status.conditions[0].observedGeneration: Invalid value: -1: must be a non-negative integer',
  )
  assert.match(odd, /^status.conditions\[1\].Type: Invalid value: "a b": name part must consist /)
  assert.deepEqual(more, [])
})

test('users of containers', () => {
  const linux = { uid: -1, gid: 2 ** 31, supplementalGroups: [0, -2] }
  const status = { initContainerStatuses: [{ name: 'i' }, { name: 'j', user: { linux } }] }
  const at = 'status.initContainerStatuses[1].user.linux'
  const range = 'must be between 0 and 2147483647, inclusive'
  assert.deepEqual(errors(status), [
    `${at}.uid: Invalid value: -1: ${range}`,
    `${at}.gid: Invalid value: 2147483648: ${range}`,
    `${at}.supplementalGroups[1]: Invalid value: -2: ${range}`,
  ])
  assert.deepEqual(errors(status, { os: { name: 'windows' } }), [
    `${at}: Forbidden: cannot be set for a windows pod`,
  ])
})

test('the health of devices', () => {
  const device = { resourceID: 'a', health: 'Healthy' }
  const statusOf = (name: string, ...resources: Fields[]) => ({
    containerStatuses: [{ name: 'c', allocatedResourcesStatus: [{ name, resources }] }],
  })
  const resources = {
    requests: { 'a.example/b': '1' },
    limits: { 'a.example/b': '1' },
    claims: [{ name: 'x' }, { name: 'y', request: 'r' }],
  }
  const spec = { containers: [{ name: 'c', image: 'i', resources }] }
  for (const name of ['a.example/b', 'claim:x', 'claim:y/r']) {
    assert.deepEqual(errors(statusOf(name, device), spec), [])
  }
  const at = 'status.containerStatuses[0].allocatedResourcesStatus[0]'
  assert.deepEqual(errors(statusOf('a.example/c', device), spec), [
    `${at}.name: Invalid value: "a.example/c": must match one of the container's resource requests`,
  ])
  assert.deepEqual(errors(statusOf('claim:y', device), spec), [
    `${at}.name: Invalid value: "claim:y": must match one of the container's resource claims in ` +
      "a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty",
  ])
  const bad = [device, { ...device, health: 'Ill', message: '' }]
  const long = { resourceID: 'b', health: 'Unknown', message: 'x'.repeat(1025) }
  assert.deepEqual(errors(statusOf('claim:x', ...bad, long), spec), [
    `${at}.resources[1].health: Unsupported value: "Ill": supported values: ` +
      '"Healthy", "Unhealthy", "Unknown"',
    `${at}.resources[1].message: Required value: must be non-empty if specified`,
    `${at}.resources[1].resourceID: Duplicate value: "a"`,
    `${at}.resources[2].message: Too long: may not be more than 1024 bytes`,
  ])
  const ephemeral = [{ name: 'c', allocatedResourcesStatus: [{ name: 'claim:x' }] }]
  assert.deepEqual(errors({ ephemeralContainerStatuses: ephemeral }), [
    'status.ephemeralContainerStatuses[0].allocatedResourcesStatus: Forbidden: ' +
      'must not be specified in container status',
  ])
})

test('claims that were made for a pod', () => {
  const spec = { resourceClaims: [{ name: 'x', resourceClaimTemplateName: 't' }] }
  const known = { name: 'x', resourceClaimName: 'claim' }
  assert.deepEqual(errors({ resourceClaimStatuses: [known] }, spec), [])
  const others = [known, { name: 'y' }, known]
  assert.deepEqual(errors({ resourceClaimStatuses: others }, spec), [
    'status.resourceClaimStatuses[1].name: Invalid value: "y": ' +
      'must match the name of an entry in `spec.resourceClaims`',
    'status.resourceClaimStatuses[2].name: Duplicate value: "x"',
  ])
})

test('the claim for extended resources of a pod', () => {
  const requests = { 'a.example/b': '1' }
  const containers = [{ name: 'c', image: 'i', resources: { requests, limits: requests } }]
  const statusOf = (resourceClaimName: string, ...requestMappings: Fields[]) => ({
    extendedResourceClaimStatus: { requestMappings, resourceClaimName },
  })
  const mapping = { containerName: 'c', resourceName: 'a.example/b', requestName: 'r' }
  assert.deepEqual(errors(statusOf('claim', mapping), { containers }), [])
  const at = 'status.extendedResourceClaimStatus'
  assert.deepEqual(errors(statusOf(''), { containers }), [
    `${at}.requestMappings: Required value: at least one request mapping is required`,
    `${at}.resourceClaimName: Required value`,
  ])
  const wrong = [
    { ...mapping, containerName: 'd' },
    { ...mapping, resourceName: 'cpu' },
  ]
  assert.deepEqual(errors(statusOf('claim', mapping, ...wrong, mapping), { containers }), [
    `${at}.requestMappings[1].containerName: Invalid value: "d": must match the name of an ` +
      'entry in spec.initContainers.name or spec.containers.name',
    `${at}.requestMappings[2].resourceName: Invalid value: "cpu": must match the extended ` +
      'resource name of an entry in spec.initContainers.resources.requests or ' +
      'spec.containers.resources.requests',
    `${at}.requestMappings[3].containerName: Duplicate value: "c"`,
    `${at}.requestMappings[3].resourceName: Duplicate value: "a.example/b"`,
    `${at}.requestMappings[3].requestName: Duplicate value: "r"`,
  ])
})
