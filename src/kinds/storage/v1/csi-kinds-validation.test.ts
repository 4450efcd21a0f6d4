import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { CSIDriver } from './csi-driver.ts'
import { CSINode } from './csi-node.ts'
import { CSIStorageCapacity } from './csi-storage-capacity.ts'
import { VolumeAttachment } from './volume-attachment.ts'
import { VolumeAttributesClass } from './volume-attributes-class.ts'

const read = <T extends KubeObject>(kind: Kind<T>, object: object): T =>
  decodeObject(kind, { metadata: { name: 'a' }, ...object }).value
const create = <T extends KubeObject>(kind: Kind<T>, object: object) =>
  [...(kind.validate?.(read(kind, object), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, object: object, old: object) =>
  [...(kind.validateUpdate?.(read(kind, object), read(kind, old), FieldPath.root) ?? [])].map(
    formatFieldError,
  )

test('CSIDriver', () => {
  assert.deepEqual(create(CSIDriver, { spec: {} }), [])
  const tokenRequests = [{ audience: 'a', expirationSeconds: 1 }, { audience: 'a' }]
  assert.deepEqual(create(CSIDriver, { spec: { fsGroupPolicy: 'Any', tokenRequests } }), [
    'spec.fsGroupPolicy: Unsupported value: "Any": supported values: "File", "None", "ReadWriteOnceWithFSType"',
    'spec.tokenRequests[0].expirationSeconds: Invalid value: 1: may not specify a duration less than 10 minutes',
    'spec.tokenRequests[1].audience: Duplicate value: "a"',
  ])
  assert.deepEqual(update(CSIDriver, { spec: { attachRequired: false } }, { spec: {} }), [
    'spec.attachedRequired: Invalid value: false: field is immutable',
  ])
})

test('a CSIDriver says where its tokens may be read', () => {
  const warned = read(CSIDriver, { spec: { tokenRequests: [{ audience: 'a' }] } })
  assert.deepEqual(
    [...(CSIDriver.warningsOnCreate?.(warned) ?? [])],
    [
      'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes',
    ],
  )
  assert.deepEqual([...(CSIDriver.warningsOnUpdate?.(warned, warned) ?? [])], [])
  const decided = { tokenRequests: [{ audience: 'a' }], serviceAccountTokenInSecrets: false }
  assert.deepEqual(
    [...(CSIDriver.warningsOnCreate?.(read(CSIDriver, { spec: decided })) ?? [])],
    [],
  )
})

test('CSINode', () => {
  const node = (...drivers: object[]) => ({ spec: { drivers } })
  const driver = { name: 'io.wherry', nodeID: 'n', topologyKeys: ['zone'] }
  assert.deepEqual(create(CSINode, node(driver)), [])
  assert.deepEqual(create(CSINode, node(driver, { ...driver, nodeID: '' })), [
    'spec.drivers[1].nodeID: Required value',
    'spec.drivers[1].name: Duplicate value: "io.wherry"',
  ])
  const limited = { ...driver, allocatable: { count: 5 } }
  assert.deepEqual(update(CSINode, node(limited), node(driver)), [])
  assert.match(update(CSINode, node({ ...driver, nodeID: 'm' }), node(driver)).join(), /immutable$/)
})

test('CSIStorageCapacity', () => {
  assert.deepEqual(create(CSIStorageCapacity, { storageClassName: 'fast', capacity: '1Gi' }), [])
  assert.deepEqual(create(CSIStorageCapacity, { storageClassName: 'fast', capacity: '-1' }), [
    'capacity: Invalid value: "-1": must be greater than or equal to 0',
  ])
  const [fast, slow] = [{ storageClassName: 'fast' }, { storageClassName: 'slow' }]
  assert.deepEqual(update(CSIStorageCapacity, slow, fast), [
    'storageClassName: Invalid value: "slow": field is immutable',
  ])
})

test('VolumeAttributesClass', () => {
  const good = { driverName: 'io.wherry', parameters: { iops: '5' } }
  assert.deepEqual(create(VolumeAttributesClass, good), [])
  assert.deepEqual(create(VolumeAttributesClass, {}), [
    'driverName: Required value',
    'parameters: Required value: must contain at least one key/value pair',
  ])
  assert.deepEqual(update(VolumeAttributesClass, { ...good, parameters: { iops: '6' } }, good), [
    'parameters: Forbidden: updates to parameters are forbidden.',
  ])
})

test('VolumeAttachment', () => {
  const spec = { attacher: 'io.wherry', nodeName: 'n', source: { persistentVolumeName: 'pv' } }
  assert.deepEqual(create(VolumeAttachment, { spec }), [])
  assert.deepEqual(create(VolumeAttachment, { spec: { ...spec, source: {} } }), [
    'spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName',
  ])
  const inline = { ...spec, source: { inlineVolumeSpec: { capacity: { storage: '1' } } } }
  assert.deepEqual(create(VolumeAttachment, { spec: inline }), [
    'spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes',
    'spec.source.inlineVolumeSpec.accessModes: Required value',
  ])
  const moved = { spec: { ...spec, nodeName: 'm' } }
  assert.match(update(VolumeAttachment, moved, { spec }).join(), /^spec: .*field is immutable$/)
})

test('changes of a CSIDriver are counted', () => {
  const old = read(CSIDriver, { spec: {} })
  const next = read(CSIDriver, { spec: { storageCapacity: true } })
  const change = (driver: CSIDriver) => CSIDriver.prepareForUpdate?.(driver, old, { now: 0 })
  assert.equal(change(old)?.metadata.generation, undefined)
  assert.equal(change(next)?.metadata.generation, 1)
})
