import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../machinery/field-error.ts'
import type { Kind, KubeObject } from '../machinery/kind.ts'
import { ControllerRevision } from './apps/v1/controller-revision.ts'
import { HorizontalPodAutoscaler } from './autoscaling/v2/horizontal-pod-autoscaler.ts'
import { LimitRange } from './core/v1/limit-range.ts'
import { PersistentVolume } from './core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from './core/v1/persistent-volume-claim.ts'
import { ResourceQuota } from './core/v1/resource-quota.ts'
import { PodDisruptionBudget } from './policy/v1/pod-disruption-budget.ts'
import { PriorityClass } from './scheduling/v1/priority-class.ts'
import { StorageClass } from './storage/v1/storage-class.ts'

type Fields = Readonly<Record<string, unknown>>

const read = <T extends KubeObject>(kind: Kind<T>, object: Fields): T => {
  const metadata = { name: 'a', namespace: 'b' }
  const decoded = decodeObject(kind, { metadata, ...object }).value
  return kind.setDefaults?.(decoded) ?? decoded
}
const create = <T extends KubeObject>(kind: Kind<T>, object: Fields) =>
  [...(kind.validate?.(read(kind, object), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, object: Fields, old: Fields) =>
  [...(kind.validateUpdate?.(read(kind, object), read(kind, old), FieldPath.root) ?? [])].map(
    formatFieldError,
  )

const claim = (fields: Fields = {}, storage: string | undefined = '1Gi') => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage } },
  ...fields,
})

test('claims', () => {
  const errors = (spec: Fields) => create(PersistentVolumeClaim, { spec })
  assert.deepEqual(errors(claim()), [])
  assert.deepEqual(errors({}), [
    'spec.accessModes: Required value: at least 1 access mode is required',
    'spec.resources[storage]: Required value',
  ])
  assert.deepEqual(errors(claim({ accessModes: ['ReadWriteOncePod', 'ReadWriteOnce'] }, '0')), [
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes',
    'spec.resources[storage]: Invalid value: "0": must be greater than zero',
  ])
  assert.deepEqual(errors(claim({ dataSourceRef: { kind: 'Pod', name: '' } })), [
    'spec.dataSourceRef.name: Required value',
    'spec.dataSourceRef: Invalid value: "Pod": must be \'PersistentVolumeClaim\' when ' +
      'referencing the default apiGroup',
  ])
})

test('a claim can only grow', () => {
  const bound = { phase: 'Bound', capacity: { storage: '1Gi' } }
  const change = (spec: Fields, old: Fields, status: Fields = bound) =>
    update(PersistentVolumeClaim, { spec, status }, { spec: old, status })
  assert.deepEqual(change(claim({}, '2Gi'), claim()), [])
  assert.deepEqual(change(claim({}, '2Gi'), claim({}, '3Gi')), [])
  assert.deepEqual(change(claim({}, '500Mi'), claim()), [
    'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity',
  ])
  assert.deepEqual(change(claim({ volumeName: 'v', storageClassName: 's' }), claim()), [])
  const immutable =
    /^spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttr/
  assert.match(change(claim({}, '2Gi'), claim(), {})[0] ?? '', immutable)
  assert.match(change(claim({ volumeName: 'w' }), claim({ volumeName: 'v' }))[0] ?? '', immutable)
})

test('limits', () => {
  const errors = (limit: Fields) => create(LimitRange, { spec: { limits: [limit] } })
  const path = 'spec.limits[0]'
  assert.deepEqual(errors({ type: 'Container', max: { cpu: '2' }, min: { cpu: '1' } }), [])
  assert.deepEqual(errors({ type: 'Container', max: { cpu: '1' }, min: { cpu: '2' } }), [
    `${path}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
    `${path}.defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default ` +
      'request value 1',
    `${path}.default[cpu]: Invalid value: "2": min value 2 is greater than default value 1`,
  ])
  assert.deepEqual(errors({ type: 'Pod', default: { cpu: '1' } }), [
    `${path}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
  ])
  assert.deepEqual(errors({ type: 'PersistentVolumeClaim' }), [
    `${path}.limits: Required value: either minimum or maximum storage value is required, but ` +
      'neither was provided',
  ])
  assert.deepEqual(errors({ type: 'Node', max: { cpu: '1' } }), [
    `${path}.type: Invalid value: "Node": must be a standard limit type or fully qualified`,
  ])
})

test('priority classes', () => {
  assert.deepEqual(create(PriorityClass, { value: 5 }), [])
  assert.deepEqual(create(PriorityClass, { value: 1_000_000_001 }), [
    'value: Forbidden: maximum allowed value of a user defined priority is 1000000000',
  ])
  const system = (name: string, value: number) =>
    create(PriorityClass, { metadata: { name }, value })
  assert.deepEqual(system('system-node-critical', 2_000_001_000), [])
  assert.deepEqual(system('system-x', 1), [
    "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for " +
      'system use only. error: system-x is not a known system priority class',
  ])
  assert.deepEqual(update(PriorityClass, { value: 1 }, { value: 2 }), [
    'value: Forbidden: may not be changed in an update.',
  ])
})

test('storage classes', () => {
  assert.deepEqual(create(StorageClass, { provisioner: 'acme.io/x' }), [])
  assert.deepEqual(create(StorageClass, { volumeBindingMode: 'x' }), [
    'provisioner: Required value',
    'volumeBindingMode: Unsupported value: "x": supported values: "Immediate", ' +
      '"WaitForFirstConsumer"',
  ])
  assert.deepEqual(update(StorageClass, { provisioner: 'a' }, { provisioner: 'b' }), [
    'provisioner: Invalid value: "a": field is immutable',
  ])
  const given = { provisioner: 'a', volumeBindingMode: 'x' }
  assert.deepEqual(update(StorageClass, given, given), [
    'volumeBindingMode: Unsupported value: "x": supported values: "Immediate", ' +
      '"WaitForFirstConsumer"',
  ])
  const zone = { matchLabelExpressions: [{ key: 'zone', values: ['a', 'b'] }] }
  const same = { matchLabelExpressions: [{ key: 'zone', values: ['b', 'a'] }] }
  const duplicates = (...allowedTopologies: Fields[]) =>
    create(StorageClass, { provisioner: 'a', allowedTopologies })
  const path = 'allowedTopologies[INDEX].matchLabelExpressions: Duplicate value: ""'
  assert.deepEqual(duplicates(zone, same), [path.replace('INDEX', '1')])
  assert.deepEqual(duplicates({}), [path.replace('INDEX', '0')])
})

test('controller revisions', () => {
  assert.deepEqual(create(ControllerRevision, { data: { a: 1 }, revision: 1 }), [])
  assert.deepEqual(create(ControllerRevision, { revision: -1 }), [
    'revision: Invalid value: -1: must be greater than or equal to 0',
    'data: Required value: data is mandatory',
  ])
  assert.deepEqual(create(ControllerRevision, { data: [], revision: 1 }), [
    'data: Required value: data must be a valid JSON object',
  ])
  const before = { data: { a: 1 }, revision: 1 }
  assert.deepEqual(update(ControllerRevision, { data: { a: 1 }, revision: 2 }, before), [])
  assert.deepEqual(update(ControllerRevision, { data: { a: 2 }, revision: 1 }, before), [
    'data: Invalid value: {"a":2}: field is immutable',
  ])
})

test('disruption budgets', () => {
  const errors = (spec: Fields) => create(PodDisruptionBudget, { spec })
  assert.deepEqual(errors({ minAvailable: '50%', selector: {} }), [])
  assert.deepEqual(errors({ minAvailable: '101%' }), [
    'spec.minAvailable: Invalid value: "101%": must not be greater than 100%',
  ])
  assert.deepEqual(errors({ minAvailable: 1, maxUnavailable: 1 }), [
    'spec: Invalid value: {"minAvailable":1,"maxUnavailable":1}: minAvailable and ' +
      'maxUnavailable cannot be both set',
  ])
  const status = { conditions: [{ type: 'A', status: 'x', reason: '', message: '' }] }
  const budget = read(PodDisruptionBudget, { status })
  const reports = PodDisruptionBudget.validateStatusUpdate?.(budget, budget, FieldPath.root) ?? []
  assert.deepEqual([...reports].map(formatFieldError), [
    'status.conditions[0].status: Unsupported value: "x": supported values: "False", "True", ' +
      '"Unknown"',
    'status.conditions[0].lastTransitionTime: Required value',
    'status.conditions[0].reason: Required value',
  ])
})

test('quotas', () => {
  const errors = (spec: Fields) => create(ResourceQuota, { spec })
  const hard = { pods: '10', 'requests.cpu': '4', 'count/deployments.apps': '2' }
  assert.deepEqual(errors({ hard, scopes: ['NotBestEffort'] }), [])
  assert.deepEqual(errors({ hard: { pods: '1.5', storage: '1' } }), [
    'spec.hard[pods]: Invalid value: "1500m": must be an integer',
    'spec.hard[storage]: Invalid value: "storage": must be a standard resource for quota',
  ])
  assert.deepEqual(errors({ hard, scopes: ['BestEffort'] }), [
    'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
  ])
  const both = ['Terminating', 'NotTerminating']
  assert.deepEqual(errors({ scopes: both }), [
    'spec.scopes: Invalid value: ["Terminating","NotTerminating"]: conflicting scopes',
  ])
  const select = (requirement: Fields) =>
    errors({
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', ...requirement }] },
    })
  assert.deepEqual(select({ operator: 'In', values: ['high'] }), [])
  assert.deepEqual(select({ operator: 'In' }), [
    'spec.scopeSelector.matchExpressions.values: Required value: must be at least one value ' +
      "when `operator` is 'In' or 'NotIn' for scope selector",
  ])
  assert.deepEqual(update(ResourceQuota, { spec: { scopes: both } }, { spec: {} }).length, 2)
})

test('autoscalers', () => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }
  const errors = (spec: Fields) =>
    create(HorizontalPodAutoscaler, { spec: { scaleTargetRef: target, maxReplicas: 3, ...spec } })
  assert.deepEqual(errors({}), [])
  assert.deepEqual(errors({ maxReplicas: 0 }), [
    'spec.maxReplicas: Required value: must be set and greater than 0',
    'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
  ])
  assert.deepEqual(errors({ scaleTargetRef: { ...target, apiVersion: 'v1' } }), [
    'spec.scaleTargetRef.apiVersion: Invalid value: "v1": apiVersion must specify API group',
  ])
  const metric = (spec: Fields) => errors({ metrics: [spec] })
  const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } }
  assert.deepEqual(metric({ type: 'Resource', resource: cpu }), [])
  assert.deepEqual(metric({ type: 'Resource', resource: { ...cpu, target: { type: 'x' } } }), [
    'spec.metrics[0].resource.target.type: Invalid value: "x": must be either Utilization, ' +
      'Value, or AverageValue',
    'spec.metrics[0].resource.target.averageUtilization: Required value: must set either a ' +
      'target raw value or a target utilization',
  ])
  assert.deepEqual(metric({ type: 'Pods', resource: cpu }), [
    'spec.metrics[0].pods: Required value: must populate information for the given metric source',
  ])
  const rate = { metric: { name: 'rate' }, target: { type: 'Value', value: '0' } }
  assert.deepEqual(metric({ type: 'External', external: rate }), [
    'spec.metrics[0].external.target.value: Invalid value: "0": must be positive',
  ])
  assert.deepEqual(errors({ behavior: { scaleUp: { policies: [{ type: 'x', value: 0 }] } } }), [
    'spec.behavior.scaleUp.policies[0].type: Unsupported value: "x": supported values: ' +
      '"Percent", "Pods"',
    'spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero',
    'spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 0: must be greater than zero',
  ])
})

test('volumes', () => {
  const volume = (fields: Fields = {}) => ({
    spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...fields },
  })
  const errors = (fields: Fields) => create(PersistentVolume, volume(fields))
  const hostPath = { path: '/data' }
  assert.deepEqual(errors({ hostPath }), [])
  assert.deepEqual(errors({}), ['spec: Required value: must specify a volume type'])
  assert.deepEqual(errors({ hostPath, nfs: { server: 'a', path: '/' } }), [
    'spec.nfs: Forbidden: may not specify more than 1 volume type',
  ])
  assert.deepEqual(errors({ local: { path: '/a/../b' } }), [
    'spec.local.path: Invalid value: "/a/../b": must not contain \'..\'',
    'spec.nodeAffinity: Required value: Local volume requires node affinity',
  ])
  assert.deepEqual(errors({ hostPath: { path: '/' }, persistentVolumeReclaimPolicy: 'Recycle' }), [
    "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount " +
      "of '/'",
  ])
  assert.deepEqual(errors({ hostPath, capacity: { storage: '0' }, accessModes: [] }), [
    'spec.accessModes: Required value',
    'spec.capacity[storage]: Invalid value: "0": must be greater than zero',
  ])
  const moved = update(PersistentVolume, volume({ hostPath: { path: '/b' } }), volume({ hostPath }))
  assert.equal(moved.length, 1)
  assert.match(
    moved[0] ?? '',
    /^spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after/,
  )
  const claimRef = { name: 'c', namespace: 'd' }
  assert.deepEqual(
    update(PersistentVolume, volume({ hostPath, claimRef }), volume({ hostPath })),
    [],
  )
})
