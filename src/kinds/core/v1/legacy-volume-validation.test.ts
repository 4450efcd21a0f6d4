import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { collected, FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { PersistentVolume } from './persistent-volume.ts'
import { Secret } from './secret.ts'
import type { Volume } from './volume.ts'
import { validateVolumes } from './volume-validation.ts'

function errorsOf(source: object): string[] {
  const volume = { name: 'v', ...source } as Volume
  const errors = collected(validateVolumes, [volume], 'pod', FieldPath.root.child('volumes'))
  return errors.map((error) => formatFieldError(error).replace('volumes[0].', ''))
}

function clusterErrors(source: object, name = 'pv'): string[] {
  const spec = { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source }
  const volume = decodeObject(PersistentVolume, { metadata: { name }, spec }).value
  const errors = [...(PersistentVolume.validate?.(volume, FieldPath.root) ?? [])]
  return errors.map((error) => formatFieldError(error).replace('spec.', ''))
}

test('sources of old are checked', () => {
  assert.deepEqual(errorsOf({ rbd: { monitors: [], image: '' } }), [
    'rbd.monitors: Required value',
    'rbd.image: Required value',
  ])
  assert.deepEqual(errorsOf({ gcePersistentDisk: { pdName: 'x', partition: 300 } }), [
    'persistentDisk.partition: Invalid value: 300: must be between 1 and 255, inclusive',
  ])
  assert.deepEqual(errorsOf({ fc: { targetWWNs: ['a'], wwids: ['b'] } }), [
    'fc.targetWWNs: Invalid value: ["a"]: targetWWNs and wwids can not be specified simultaneously',
    'fc.lun: Required value: lun is required if targetWWNs is specified',
  ])
  const options = { 'a.k8s.io/x': 'y', plain: 'z' }
  assert.deepEqual(errorsOf({ flexVolume: { driver: 'd', options } }), [
    'flexVolume.options[a.k8s.io/x]: Invalid value: "a.k8s.io/x": kubernetes.io and k8s.io ' +
      'namespaces are reserved',
  ])
  assert.deepEqual(errorsOf({ quobyte: { registry: 'a:1,b', volume: 'v' } }), [
    'quobyte.registry: Invalid value: "a:1,b": must be a host:port pair or multiple pairs ' +
      'separated by commas',
  ])
  assert.deepEqual(errorsOf({ storageos: { volumeName: 'A', secretRef: {} } }).length, 2)
})

test('disks over iSCSI: names and their lengths', () => {
  const good = { targetPortal: '1.2.3.4:3260', iqn: 'iqn.2001-04.com.example:disk', lun: 0 }
  assert.deepEqual(errorsOf({ iscsi: good }), [])
  assert.deepEqual(errorsOf({ iscsi: { ...good, iqn: 'disk', lun: 256, chapAuthSession: true } }), [
    'iscsi.iqn: Invalid value: "disk": must be valid format starting with iqn, eui, or naa',
    'iscsi.lun: Invalid value: 256: must be between 0 and 255, inclusive',
    'iscsi.secretRef: Required value',
  ])
  const initiatorName = 'iqn.2001-04.com.example:me'
  const why =
    'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if ' +
    'iscsi.initiatorName is specified.'
  const long = 'v'.repeat(60)
  assert.deepEqual(clusterErrors({ iscsi: { ...good, initiatorName } }, long), [
    `iscsi.targetportal: Invalid value: "1.2.3.4:3260": ${why}`,
  ])
})

test('of several sources the first counts, under the names that upstream has for them', () => {
  const more = 'Forbidden: may not specify more than 1 volume type'
  const two = { nfs: { server: 's', path: '/' }, cephfs: { monitors: [] } }
  assert.deepEqual(errorsOf(two), [`cephFS: ${more}`])
  assert.deepEqual(clusterErrors({ ...two, flexVolume: { driver: '' } }), [
    `cephFS: ${more}`,
    'flexVolume.driver: Required value',
  ])
  assert.deepEqual(
    clusterErrors({ azureFile: { secretName: 's', shareName: 'x', secretNamespace: '' } }),
    ['azureFile.secretNamespace: Required value'],
  )
})

test('texts of a Secret are data once they are read', () => {
  const given = {
    metadata: { name: 's' },
    data: { a: 'b2xk', b: 'b2xk' },
    stringData: { a: 'new' },
  }
  const secret = decodeObject(Secret, given).value
  const complete = Secret.setDefaults?.(secret)
  assert.deepEqual(complete?.data, { a: Buffer.from('new').toString('base64'), b: 'b2xk' })
  assert.ok(!Object.hasOwn(complete ?? {}, 'stringData'))
})

test('an image is named in pods, and may be left open in templates', () => {
  const volume = { name: 'v', image: {} } as Volume
  const told = (podName: string) =>
    collected(validateVolumes, [volume], podName, FieldPath.root.child('volumes'))
  assert.deepEqual(told('pod').map(formatFieldError), [
    'volumes[0].image.reference: Required value',
  ])
  assert.deepEqual(told(''), [])
})
