import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { StorageVersion } from './storage-version.ts'
import { storageVersionNameErrors } from './storage-version-validation.ts'

const check = (status: object) => {
  const object = { metadata: { name: 'apps.deployments' }, status }
  const { value } = decodeObject(StorageVersion, object)
  return [...(StorageVersion.validate?.(value, FieldPath.root) ?? [])].map(formatFieldError)
}
const server = (apiServerID: string, encodingVersion: string, ...more: string[]) => ({
  apiServerID,
  encodingVersion,
  decodableVersions: [encodingVersion, ...more],
})

test('is named after a resource and its group', () => {
  assert.deepEqual(storageVersionNameErrors('apps.deployments'), [])
  assert.deepEqual(storageVersionNameErrors('pods'), [
    'name must be in the form of <group>.<resource>',
  ])
  const [error = ''] = storageVersionNameErrors('core.Pods')
  assert.match(error, /^the resource segment a DNS-1035 label must consist of/)
})

test('says what the servers have in common', () => {
  const servers = [server('a', 'apps/v1'), server('b', 'apps/v1', 'apps/v2')]
  assert.deepEqual(check({}), [])
  assert.deepEqual(check({ storageVersions: servers, commonEncodingVersion: 'apps/v1' }), [])
  assert.deepEqual(check({ storageVersions: servers, commonEncodingVersion: 'apps/v2' }), [
    'status.commonEncodingVersion: Invalid value: "apps/v2": the actual common encoding version is apps/v1',
  ])
  assert.deepEqual(check({ commonEncodingVersion: 'v1' }), [
    'status.commonEncodingVersion: Invalid value: "v1": should be nil if servers do not agree on the same encoding version, or if there is no server reporting the supported versions yet',
  ])
})

test('is of servers that can read what they write', () => {
  const one = { ...server('a', 'v1'), decodableVersions: ['v2'], servedVersions: ['v3'] }
  assert.deepEqual(check({ storageVersions: [one], commonEncodingVersion: 'v1' }), [
    'status.storageVersions[0].decodableVersions: Invalid value: ["v2"]: decodableVersions must include encodingVersion v1',
    'status.storageVersions[0].servedVersions[0]: Invalid value: "v3": individual served version : v3 must be included in decodableVersions : [v2]',
  ])
})
