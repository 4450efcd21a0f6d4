import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { Lease } from './lease.ts'
import { validateLease } from './lease-validation.ts'

const errors = (spec: object) =>
  [
    ...validateLease(
      decodeObject(Lease, { metadata: { name: 'a', namespace: 'b' }, spec }).value,
      FieldPath.root,
    ),
  ].map(formatFieldError)

test('leases', () => {
  assert.deepEqual(errors({ holderIdentity: 'me', leaseDurationSeconds: 40 }), [])
  assert.deepEqual(errors({ leaseDurationSeconds: 0, leaseTransitions: -1 }), [
    'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    'spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0',
  ])
  assert.deepEqual(errors({ preferredHolder: 'you' }), [
    'spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined',
  ])
  assert.deepEqual(errors({ strategy: 'OldestEmulationVersion', preferredHolder: 'you' }), [])
  assert.deepEqual(errors({ strategy: 'Best' }), [
    'spec.strategy.strategy: Unsupported value: "Best": supported values: "OldestEmulationVersion"',
  ])
})
