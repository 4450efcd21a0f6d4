import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { StorageVersionMigration } from './storage-version-migration.ts'
import {
  validateMigration,
  validateMigrationStatusUpdate,
} from './storage-version-migration-validation.ts'

const read = (others: object) =>
  decodeObject(StorageVersionMigration, { metadata: { name: 'a' }, ...others }).value
const create = (resource: object) =>
  [...validateMigration(read({ spec: { resource } }), FieldPath.root)].map(formatFieldError)

test('StorageVersionMigration', () => {
  assert.deepEqual(create({ group: 'apps', resource: 'deployments' }), [])
  assert.deepEqual(create({ group: 'apps', resource: '' }), [
    'spec.resource.resource: Required value: resource is required to be set',
  ])
  const condition = (type: string) => ({
    type,
    status: 'True',
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })
  const old = read({ status: { resourceVersion: '5', conditions: [condition('Succeeded')] } })
  const changed = read({ status: { resourceVersion: '6' } })
  const errors = [...validateMigrationStatusUpdate(changed, old, FieldPath.root)]
  assert.deepEqual(errors.map(formatFieldError), [
    'status.resourceVersion: Invalid value: "6": field is immutable',
    'status.conditions: Invalid value: null: Success condition cannot be set to false once it is true',
  ])
})
